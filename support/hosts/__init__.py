"""Compute hosts: their control, the leases on them, and the roles that they play."""
