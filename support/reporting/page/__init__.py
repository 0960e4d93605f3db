"""The page for reviewers, and its pictures."""
