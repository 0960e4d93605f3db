"""The phrases of features, and how feature files become tests."""
