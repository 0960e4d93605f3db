"""Operations on compute hosts and their services."""
