"""What features may say, and how their files become tests."""
