"""Operations on Placement itself."""
