"""Tests that plant bugs in a lab's Nova take minutes: most of them run only when asked for."""

import pytest

ALL_BUGS = "--all-bugs"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; `pytest tests/known_bugs --all-bugs` is how to say it."""
    parser.addoption(ALL_BUGS, action="store_true", help="plant every known bug, not only those of every run")


@pytest.fixture(scope="session")
def all_bugs(pytestconfig: pytest.Config) -> bool:
    """Whether every known bug is to be planted."""
    return bool(pytestconfig.getoption(ALL_BUGS, default=False))
