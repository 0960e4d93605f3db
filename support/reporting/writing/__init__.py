"""Writing a run as Cucumber Messages."""
