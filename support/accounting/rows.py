"""Tables of rows that are there or not: what another service says, compared with a feature's table as a whole."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.rendering import indented, render


class Row(Protocol):
    """A row: equal to another one if all its cells are."""

    def cells(self) -> list[str]:
        """Return the cells, in the order of columns."""


R = TypeVar("R", bound=Row)


def draw(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Draw rows as a feature's table, in order."""
    drawn = sorted(row.cells() for row in rows)
    return render(columns, drawn) if drawn else "no rows"


class RowsEqual(BaseMatcher[Collection[R]]):
    """Match exactly these rows, in any order and each as often as it is expected; a failure marks those that differ.

    `what` names the rows, `source` who says what was found.
    """

    def __init__(self, expected: Sequence[R], columns: Sequence[str], *, what: str, source: str):
        self._expected = sorted(row.cells() for row in expected)
        self._columns = columns
        self._what, self._source = what, source

    def _matches(self, item: Collection[R]) -> bool:
        return sorted(row.cells() for row in item) == self._expected

    def describe_to(self, description: Description) -> None:
        """Show the expected rows."""
        table = render(self._columns, self._expected) if self._expected else "no rows"
        description.append_text(f"{self._what}\n{indented(table)}")

    def describe_mismatch(self, item: Collection[R], mismatch_description: Description) -> None:
        """Show the rows that were found, those that are missing or unexpected marked."""
        left = sorted(row.cells() for row in item)
        marked = []
        for cells in self._expected:
            marked.append([*cells, "" if cells in left else "missing"])
            if cells in left:
                left.remove(cells)
        marked += [[*cells, "unexpected"] for cells in left]
        table = render([*self._columns, ""], marked) if marked else "no rows"
        mismatch_description.append_text(f"{self._source} says\n{indented(table)}")
