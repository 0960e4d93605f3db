import gc
from collections.abc import Iterator

import pytest
from stocktake.support.lab.services import shared


@pytest.fixture(autouse=True)
def usual_collection() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


def test_what_exists_when_a_service_has_started_is_never_collected_again():
    gc.disable()
    shared.settle()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_garbage_is_collected_once_there_is_much_of_it():
    """A service makes so many objects for each request that the default would collect several times meanwhile."""
    shared.settle()
    before = gc.get_stats()[0]["collections"]
    kept = [[] for _number in range(10_000)]
    few = gc.get_stats()[0]["collections"] - before
    kept += [[] for _number in range(100_000)]

    assert few <= 1
    assert gc.get_stats()[0]["collections"] - before >= 4
    assert len(kept) == 110_000
