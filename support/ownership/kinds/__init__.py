"""The kinds of things that a run may own or change: how each is found, undone, awaited and described."""
