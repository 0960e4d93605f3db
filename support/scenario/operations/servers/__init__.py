"""Operations on servers, each awaited to its true end."""
