"""Steps about compute hosts and their services."""
