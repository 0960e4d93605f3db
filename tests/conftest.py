"""Shared by the suite's own tests: time that passes only when somebody sleeps."""

import pytest


class FakeClock:
    """A clock for `support.waiting.eventually`: sleeping is instant, and remembered in `.slept`."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def waited(self) -> float:
        return self.time - 1000.0


@pytest.fixture
def fake_clock() -> FakeClock:
    """A fresh clock."""
    return FakeClock()


@pytest.fixture(scope="session")
def new_clock() -> type[FakeClock]:
    """Makes clocks, for tests that need one per generated example."""
    return FakeClock
