"""Garbage is not looked for while features are read, and is afterwards."""

import gc

import pytest
from stocktake.support.gherkin.pause import no_garbage_collection


def test_garbage_is_looked_for_again_afterwards():
    with no_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_does_not_leave_it_off():
    with pytest.raises(ValueError, match="odd"), no_garbage_collection():
        raise ValueError("odd")
    assert gc.isenabled()


def test_who_has_turned_it_off_keeps_it_off():
    gc.disable()
    try:
        with no_garbage_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
