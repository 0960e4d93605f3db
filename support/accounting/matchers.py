"""PyHamcrest matchers over accounts. Both sides of a mismatch are drawn as the table of the feature."""

from collections.abc import Sequence
from typing import TypeVar

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.rendering import indented, render
from stocktake.support.accounting.resources import Resources

Accounts = TypeVar("Accounts", bound=Ledger | Usages)
Rows = dict[tuple[str, ...], Resources]


def ledger_equals(expected: Ledger) -> BaseMatcher[Ledger]:
    """Match a ledger with exactly these rows: one that is not listed must not exist.

    >>> from hamcrest.core.string_description import StringDescription
    >>> description = StringDescription()
    >>> wanted = ledger_equals(Ledger({("server web", "alpha"): Resources(VCPU=1)}))
    >>> wanted.matches(Ledger({("server web", "beta"): Resources(VCPU=1)}), description)
    False
    >>> print(description)
    Placement says
          | consumer   | host  |      VCPU |            |
          | server web | alpha | 0 (not 1) | missing    |
          | server web | beta  |         1 | unexpected |
    """
    return _Equals(expected, "Placement allocations", ("consumer", "host"))


def usages_equal(expected: Usages, *, signed: bool = False) -> BaseMatcher[Usages]:
    """Match usages with exactly these amounts; a provider that is not listed must have none.

    `signed` says that both sides are changes: they are drawn with their signs.
    """
    what = "Placement usages to have changed by" if signed else "Placement usages of"
    return _Equals(expected, what, ("host",), signed=signed)


def figures_equal(expected: Usages, *, signed: bool = False) -> BaseMatcher[Usages]:
    """Match what Nova says of its hypervisors with exactly these amounts; `signed` as in `usages_equal`.

    Nova knows no other classes than VCPU, MEMORY_MB and DISK_GB here.
    """
    what = "hypervisor figures to have changed by" if signed else "hypervisor figures of"
    return _Equals(expected, what, ("host",), signed=signed, source="Nova")


class _Equals(BaseMatcher[Accounts]):
    """Compare two values; draw what was expected, and what was found with each difference marked."""

    def __init__(
        self,
        expected: Accounts,
        what: str,
        names: tuple[str, ...],
        *,
        signed: bool = False,
        source: str = "Placement",
    ):
        self._source = source
        self._expected = expected
        self._what = what
        self._names = names
        self._signed = signed

    def _matches(self, item: Accounts) -> bool:
        return item == self._expected

    def describe_to(self, description: Description) -> None:
        rows = _rows(self._expected)
        table = self._expected.table(signed=self._signed) if rows else "no rows"
        description.append_text(f"{self._what}\n{indented(table)}")

    def describe_mismatch(self, item: Accounts, mismatch_description: Description) -> None:
        if type(item) is not type(self._expected):
            mismatch_description.append_text("was ").append_description_of(item)
            return
        mismatch_description.append_text(f"{self._source} says\n{indented(self._compared(item))}")

    def _compared(self, item: Accounts) -> str:
        """Draw the found rows in the expected order, then the unexpected ones; the last column marks whole rows."""
        expected, found = _rows(self._expected), _rows(item)
        classes = tuple(dict.fromkeys((*self._expected.classes, *item.classes)))
        unexpected = sorted(name for name in found if found[name] and name not in expected)
        rows = []
        for name, wanted in expected.items():
            held = found.get(name, Resources())
            rows.append([*name, *self._cells(held, wanted, classes), self._mark(held, wanted)])
        rows += [[*name, *self._cells(found[name], found[name], classes), "unexpected"] for name in unexpected]
        if not rows:
            return "no rows"
        if any(row[-1] for row in rows):
            return render([*self._names, *classes, ""], rows)
        return render([*self._names, *classes], [row[:-1] for row in rows])

    def _cells(self, held: Resources, wanted: Resources, classes: Sequence[str]) -> list[str]:
        cells = []
        for name in classes:
            cell = self._amount(held[name])
            cells.append(cell if held[name] == wanted[name] else f"{cell} (not {self._amount(wanted[name])})")
        return cells

    def _amount(self, amount: int) -> str:
        return f"{amount:+d}" if self._signed and amount else str(amount)

    def _mark(self, held: Resources, wanted: Resources) -> str:
        """Tell an allocation that is absent altogether from one of a wrong amount; usages are never absent."""
        return "missing" if wanted and not held and isinstance(self._expected, Ledger) else ""


def _rows(accounts: Ledger | Usages) -> Rows:
    """Return the rows to show by the cells that name them."""
    if isinstance(accounts, Usages):
        return {(name,): accounts[name] for name in accounts.providers}
    rows: Rows = {}
    rows.update(accounts.items())
    return rows
