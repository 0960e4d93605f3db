"""The compute hosts of a lab: their drivers, and stand-ins for the machines below them."""
