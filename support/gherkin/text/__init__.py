"""Feature files as text: their elements, their errors, their layout."""
