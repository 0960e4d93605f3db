"""How pytest runs scenarios: their phases, their end, and how several wait together."""
