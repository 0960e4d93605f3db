"""The compute hosts of a lab: their drivers, and what stands in for the machines below them."""
