"""Python's search for garbage, paused while thousands of objects are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Look for no garbage inside the block; what was made there is not searched later either.

    Reading all features makes nothing but objects that live as long as the run, and looking through them again and
    again took a quarter of the time until the first scenario.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
