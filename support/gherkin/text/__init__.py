"""Feature files as text: what they say, whether it can be read, how it is laid out."""
