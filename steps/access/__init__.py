"""Steps about who may do what, and what the APIs reply."""
