"""Reports of a run: the message stream, the page made of it, pictures, summary and comparison."""
