"""What an operator does with Placement itself."""
