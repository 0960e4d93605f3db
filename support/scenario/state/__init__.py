"""What one scenario knows: its names, what it owns, its servers, and the accounts of its hosts."""
