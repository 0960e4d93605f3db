"""Operations on servers, each awaited until it has really ended."""
