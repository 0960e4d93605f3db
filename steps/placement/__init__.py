"""Steps about what Placement keeps: allocations, usages, providers, inventories, traits."""
