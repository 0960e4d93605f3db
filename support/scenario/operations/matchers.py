"""Matchers whose failures use the feature's words instead of PyHamcrest's objects and sequences."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description

T = TypeVar("T")


class Worded(BaseMatcher[T]):
    """Match what `fits`; a failure shows `expected`, and the reading as `tell` describes it."""

    def __init__(self, fits: Callable[[T], bool], expected: str, tell: Callable[[T], str]):
        self._fits = fits
        self._expected = expected
        self._tell = tell

    def _matches(self, item: T) -> bool:
        return self._fits(item)

    def describe_to(self, description: Description) -> None:
        """Say what the feature expects."""
        description.append_text(self._expected)

    def describe_mismatch(self, item: T, mismatch_description: Description) -> None:
        """Say what was found instead."""
        mismatch_description.append_text(self._tell(item))


def exists(thing: str, *, there: bool) -> Worded[bool]:
    """Match whether something is there: `thing` names it as the feature does."""
    words = {True: f"{thing} exists", False: f"{thing} does not exist"}
    return Worded(lambda found: found == there, words[there], lambda found: words[found])


def holds(wanted: str, shown: str, *, there: bool) -> Worded[Iterable[str]]:
    """Match a list that contains `wanted`, or unless `there` one that does not; failures show `wanted` as `shown`."""
    return Worded(lambda found: (wanted in found) == there, f"{'' if there else 'no '}{shown}", listed)


def is_list(expected: Iterable[str]) -> Worded[Iterable[str] | None]:
    """Match exactly these, in any order, each as often as it is expected; None is not a list."""
    wanted = Counter(expected)
    return Worded(
        lambda found: found is not None and Counter(found) == wanted,
        listed(wanted.elements()),
        lambda found: _difference(wanted, found),
    )


def is_none_left() -> Worded[Iterable[str]]:
    """Match a list without anything in it."""
    return Worded(lambda found: not list(found), "none", listed)


def says(words: str) -> Worded[Iterable[str]]:
    """Match lines of which one contains these words."""
    return Worded(lambda found: any(words in line for line in found), f'a line that contains "{words}"', lines)


def listed(names: Iterable[str] | None) -> str:
    """Return names in one line, in order: `a, b`, or `none`."""
    return ", ".join(sorted(names or ())) or "none"


def lines(found: Iterable[str]) -> str:
    """Return the lines as they are, or `nothing`."""
    return "\n".join(found) or "nothing"


def _difference(wanted: Counter[str], found: Iterable[str] | None) -> str:
    if found is None:
        return "nothing is recorded"
    has = Counter(found)
    told = listed(has.elements())
    if not (wanted and has):
        return told
    notes = [("lacks", wanted - has), ("has besides", has - wanted)]
    return f"{told} ({'; '.join(f'it {verb} {listed(names.elements())}' for verb, names in notes if names)})"
