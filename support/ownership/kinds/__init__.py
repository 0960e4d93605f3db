"""The kinds of things a run may own or change: how each is found, undone, awaited and said."""
