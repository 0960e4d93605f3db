"""Steps about networks."""
