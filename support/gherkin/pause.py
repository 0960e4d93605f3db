"""Pauses Python's garbage collection while thousands of permanent objects are created."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Pause garbage collection inside the block, and exclude the objects created there from later collections.

    Reading all features creates only objects that live as long as the run, and searching them repeatedly took a quarter
    of the time until the first scenario.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
