"""Compute hosts: who may do what with them, who holds them, and which role they play."""
