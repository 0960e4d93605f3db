"""Steps about servers: what they are created from, and the operations on them."""
