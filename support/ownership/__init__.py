"""What a run owns in a cloud: its mark, its journal, and how everything is undone."""
