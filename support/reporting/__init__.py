"""Reports of a run: the message stream, the page created from it, pictures, summary and comparison."""
