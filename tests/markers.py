"""What a test needs decides its markers; a test that needs no more than this Python is a unit.

Here and not in pyproject.toml, where a feature's tags would be taken for declared as well.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent
UNIT = "unit"
NEEDS = {
    "lab": "starts a lab: Keystone, Glance, Placement and Nova",
    "browser": "opens pages in Chromium",
    "node": "asks the packages of Cucumber, which npm installs",
    "process": "starts programs of Stocktake or pytest, each of which takes a second or more",
    "packaging": "builds the package and installs it somewhere",
}
BY_FIXTURE = {
    "shared_lab": "lab",
    "real_lab": "lab",
    "browser": "browser",
    "node_modules": "node",
    "hollow": "process",
    "project": "process",
    "new_project": "process",
    "everything": "process",
}
"""Fixtures that start what a test needs."""
BY_FOLDER = {"packaging": "packaging"}
TOGETHER = ("faults/", "lab/test_real_", "packaging/", "safety/", "vocabulary/")
"""How the paths of modules begin that share a lab or an installation."""
HEAVY = ("pytest", "stocktake.support.cli", "stocktake.support.lab.supervisor", "node", "npm", "chromium", "build")
"""Programs that no unit starts."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", f"{UNIT}: needs no lab, no browser, no npm and no program that takes seconds")
    for name, meaning in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test of this folder; a worker of xdist begins with labs.

    What takes minutes must not begin when the other worker has nothing left to do. Not `tryfirst`: Stocktake's own
    hook adds the scenarios first, and pytest's, which selects by marker, was registered before this one and is called
    after it.
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            for need in needs_of(item) or {UNIT}:
                item.add_marker(need)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (item.get_closest_marker("lab") is None, item.get_closest_marker(UNIT) is not None))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> "Scheduler":
    """Hand the tests out to workers of xdist by what they share."""
    config.option.loadscopereorder = False
    return Scheduler(config, log)


class Scheduler(LoadScopeScheduling):
    """Keeps tests that share a lab, or another thing that is slow to make, on one worker; scenarios share nothing."""

    def _split_scope(self, nodeid: str) -> str:
        folder, _, inside = nodeid.partition("::")[0].partition("/")
        return group_of(inside) if folder == HERE.name else nodeid


def needs_of(item: pytest.Item) -> set[str]:
    """Tell what a test needs: by its own markers, its fixtures and its folder."""
    found = {name for name in NEEDS if item.get_closest_marker(name)}
    found |= {BY_FIXTURE[name] for name in getattr(item, "fixturenames", ()) if name in BY_FIXTURE}
    folder = item.path.relative_to(HERE).parts[0]
    if folder in BY_FOLDER:
        found.add(BY_FOLDER[folder])
    if item.path.suffix == ".feature":
        found.add("lab")  # each quotes scenarios that run on one
    return found


def group_of(path: str) -> str:
    """Name what the tests of a module share: its folder where TOGETHER says so, or else no more than the module."""
    return next((group for group in TOGETHER if path.startswith(group)), path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Remember only what the test starts that runs now, its fixtures included."""
    STARTED.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a unit that has started what a unit must not: it needs a marker, or the quick check is quick no longer."""
    result = yield
    if STARTED and item.get_closest_marker(UNIT):
        pytest.fail(f"a unit starts no {STARTED[0]}: mark the test with what it needs ({', '.join(NEEDS)})")
    return result


STARTED: list[str] = []
"""The heavy programs that the current test has started."""


def _listen(event: str, arguments: Sequence[object]) -> None:
    if event == "subprocess.Popen":
        words = arguments[1] if isinstance(arguments[1], list | tuple) else [arguments[1]]
        names = {Path(str(word)).name for word in words}
        STARTED.extend(name for name in HEAVY if name in names)


sys.addaudithook(_listen)
