"""What steps say, done: each operation with its true completion, and each claim with its wait."""
