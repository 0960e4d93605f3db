"""Steps about servers: what they are made of, and what is done to them."""
