"""What is said of a search for a planted bug."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.known_bugs.bug_trials import PLANTED


@pytest.fixture
def search_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Search, of a script that finds others where it is itself."""
    monkeypatch.syspath_prepend(str(PLANTED.parent))
    return importlib.import_module("explore_bugs").Search


@pytest.fixture
def feature(tmp_path: Path) -> Callable[[str], Path]:
    def write(after: str) -> Path:
        path = tmp_path / f"{after}.feature"
        path.write_text(f"@found\nFeature: Accounts after {after}\n  More of it.\n")
        return path

    return write


@pytest.mark.parametrize(
    ("failing", "passing", "answer"),
    [
        ("one two", "one two", ["yes", "one"]),
        ("one two", "two", ["yes", "two"]),
        ("one", "", ["another fault", "one"]),
        ("two", "one", ["another fault", "two"]),
        ("", "one two", ["its feature passes", "one"]),
    ],
)
def test_a_bug_is_found_if_a_feature_fails_with_it_and_passes_without(
    search_of: Any, feature: Callable[[str], Path], failing: str, passing: str, answer: list[str]
):
    found = {name: feature(name) for name in ("one", "two")}
    search = search_of("a bug", 60.4, 7, True, tuple(found.values()), tuple(found[name] for name in failing.split()))

    row = search.row([found[name] for name in passing.split()])

    assert row == ["a bug", answer[0], "60", "7", answer[1]]


@pytest.mark.parametrize(("planted", "answer"), [(True, "no"), (False, "not planted")])
def test_a_bug_that_was_not_found(search_of: Any, planted: bool, answer: str):
    assert search_of("a bug", 1200, 70, planted, (), ()).row([]) == ["a bug", answer, "1200", "70", ""]
