"""The page that a reviewer reads, and the pictures on it."""
