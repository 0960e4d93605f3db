"""Operations on networks: ports, what they guarantee, and where they are bound."""
