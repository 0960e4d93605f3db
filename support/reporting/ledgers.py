"""Ledger attachments read for pictures and tables: who holds what where, and which amounts are not as expected."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

STANDARD = ("VCPU", "MEMORY_MB", "DISK_GB")
Place = tuple[str, str]  # consumer, provider
Amounts = dict[str, int]


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, the expected text if it is wrong, and whether it is a number."""

    text: str
    wanted: str = ""
    number: bool = True


@dataclass(frozen=True)
class Ledger:
    """One ledger attachment (shape: attachments.py); amounts of 0 count as absent."""

    title: str
    providers: tuple[str, ...]
    capacity: Mapping[str, Amounts]
    held: Mapping[Place, Amounts]
    usages: Mapping[str, Amounts]
    changes: Mapping[str, Amounts]
    expected: Mapping[Place, Amounts] | None = None
    expected_changes: Mapping[str, Amounts] | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Ledger":
        """Read the JSON of an attachment; providers met only in rows come after the listed ones."""
        capacity = {str(p["name"]): amounts(p.get("capacity")) for p in data.get("providers", ())}
        held = rows(data.get("rows", ()))
        expected = data.get("expected") or {}
        wanted = rows(expected["rows"]) if "rows" in expected else None
        met = (provider for _, provider in (*held, *(wanted or ())))
        return cls(
            title=str(data.get("title", "")),
            providers=tuple(dict.fromkeys([*capacity, *met])),
            capacity=capacity,
            held=held,
            usages={str(p): amounts(a) for p, a in (data.get("usages") or {}).items()},
            changes={str(p): amounts(a) for p, a in (data.get("changes") or {}).items()},
            expected=wanted,
            expected_changes=signed(expected["changes"]) if "changes" in expected else None,
        )

    @property
    def state(self) -> tuple[Any, ...]:
        """Equal for two ledgers that look the same."""
        return sorted(self.held.items()), sorted(self.usages.items()), self.wrong, self.wrong_changes

    @cached_property
    def wrong(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """(consumer, provider, class) -> (found, expected) where they differ."""
        if self.expected is None:
            return {}
        found = {}
        for place in dict.fromkeys([*self.expected, *self.held]):
            has, wanted = self.held.get(place, {}), self.expected.get(place, {})
            for name in dict.fromkeys([*wanted, *has]):
                if has.get(name, 0) != wanted.get(name, 0):
                    found[*place, name] = has.get(name, 0), wanted.get(name, 0)
        return found

    @cached_property
    def wrong_changes(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(provider, class) -> (found, expected) where the changes of usage differ; signed."""
        found = {}
        for provider, wanted in (self.expected_changes or {}).items():
            has = self.changes.get(provider, {})
            for name in dict.fromkeys([*wanted, *has]):
                if has.get(name, 0) != wanted.get(name, 0):
                    found[provider, name] = has.get(name, 0), wanted.get(name, 0)
        return found

    @cached_property
    def _listed(self) -> Counter[tuple[str, str]]:
        """What the rows hold of a (provider, class)."""
        sums: Counter[tuple[str, str]] = Counter()
        for (_, where), held in self.held.items():
            for name, amount in held.items():
                sums[where, name] += amount
        return sums

    def others(self, provider: str, name: str) -> int:
        """Usage of a class that no row explains."""
        charged = self.usages.get(provider)
        return max(0, charged.get(name, 0) - self._listed[provider, name]) if charged is not None else 0

    def used(self, provider: str, name: str) -> int:
        """The total usage of a class."""
        return self.others(provider, name) + self._listed[provider, name]


def claimed_by(ledger: Ledger, text: str, table: Sequence[Sequence[str]]) -> Ledger:
    """The ledger with the amounts of a step's own table, for streams whose ledgers do not contain the expected ones.

    Two tables are claims: `consumer | host | CLASS...` and, in a step about usages, `host | CLASS...` with signed
    changes. Where no host is a child (`alpha/numa0`), a tree counts as one host, as in the features.
    """
    if ledger.expected is not None or ledger.expected_changes is not None or not table:
        return ledger
    head, *body = table
    places = 2 if list(head[:2]) == ["consumer", "host"] else 1 if head[0] == "host" and "usages" in text else 0
    try:
        numbers = [{name: int(cell) for name, cell in zip(head[places:], row[places:], strict=True)} for row in body]
    except ValueError:
        return ledger
    if places == 0 or any("/" in row[places - 1] for row in body):
        return ledger
    if places == 1:
        changes = {row[0]: line for row, line in zip(body, numbers, strict=True)}
        return replace(ledger, expected_changes=changes, changes=folded(ledger.changes))
    held: dict[Place, Amounts] = {}
    for (who, where), own in ledger.held.items():
        held[who, root(where)] = dict(Counter(held.get((who, root(where)), {})) + Counter(own))
    expected = {(row[0], row[1]): amounts(line) for row, line in zip(body, numbers, strict=True)}
    return replace(ledger, held=held, expected={place: line for place, line in expected.items() if line})


def folded(changes: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """Signed amounts of trees, added up at their roots."""
    sums: dict[str, Amounts] = {}
    for provider, own in changes.items():
        into = sums.setdefault(root(provider), {})
        for name, amount in own.items():
            into[name] = into.get(name, 0) + amount
    return sums


def root(provider: str) -> str:
    """alpha/numa0 -> alpha"""
    return provider.partition("/")[0]


def amounts(data: Mapping[str, Any] | None) -> Amounts:
    """Amounts that are not 0."""
    return {str(name): int(amount) for name, amount in (data or {}).items() if amount}


def signed(data: Mapping[str, Any]) -> dict[str, Amounts]:
    """Signed amounts by provider, 0 included: a claimed 0 is a claim."""
    return {str(p): {str(name): int(amount) for name, amount in a.items()} for p, a in data.items()}


def rows(data: Iterable[Mapping[str, Any]]) -> dict[Place, Amounts]:
    """Rows by consumer and provider, without rows that hold nothing."""
    found = {(str(r["consumer"]), str(r["provider"])): amounts(r.get("resources")) for r in data}
    return {place: held for place, held in found.items() if held}


def consumers(ledgers: Iterable[Ledger]) -> list[str]:
    """All consumers that hold or should hold something, in order of appearance."""
    return list(dict.fromkeys(who for each in ledgers for who, _ in (*each.held, *(each.expected or ()))))


def classes(ledgers: Sequence[Ledger]) -> list[str]:
    """The resource classes to draw: those held, expected or wrong; else the standard ones with capacity."""
    met: set[str] = set()
    for each in ledgers:
        for found in (*each.held.values(), *(each.expected or {}).values()):
            met.update(found)
        met.update(name for _, name in each.wrong_changes)
    if not met:
        met = {name for each in ledgers for found in each.capacity.values() for name in found} & set(STANDARD)
    return sorted(met, key=lambda name: (STANDARD.index(name) if name in STANDARD else len(STANDARD), name))


def claimed_and_found(ledger: Ledger) -> tuple[list[str], list[list[Cell]]] | None:
    """The table of a Then step with the amounts found, and the expected amount in each wrong cell; None without a
    table."""
    names = classes([ledger])
    if ledger.expected is not None:
        body = []
        for who, where in dict.fromkeys([*ledger.expected, *ledger.held]):
            has = ledger.held.get((who, where), {})
            cells = [cell(has.get(name, 0), ledger.wrong.get((who, where, name))) for name in names]
            body.append([Cell(who, number=False), Cell(where, number=False), *cells])
        return ["consumer", "host", *names], body
    if ledger.expected_changes is not None:
        names = list(dict.fromkeys([*(n for a in ledger.expected_changes.values() for n in a), *names]))
        body = []
        for where in ledger.expected_changes:
            has = ledger.changes.get(where, {})
            cells = [cell(has.get(name, 0), ledger.wrong_changes.get((where, name)), "+") for name in names]
            body.append([Cell(where, number=False), *cells])
        return ["host", *names], body
    return None


def cell(found: int, wrong: tuple[int, int] | None, sign: str = "") -> Cell:
    """An amount, and the expected one if it is wrong."""
    return Cell(number(found, sign), number(wrong[1], sign) if wrong else "")


def number(amount: int, sign: str = "") -> str:
    """1024 -> 1,024; with sign "+" +1,024, and 0 without a sign."""
    return f"{amount:{sign if amount else ''},}"


def over_time(ledgers: Sequence[Ledger]) -> list[list[Cell]]:
    """One row per consumer, host and class, one column per ledger: the strip of pictures as text."""
    body = []
    names = classes(ledgers)
    places = list(dict.fromkeys(place for each in ledgers for place in (*each.held, *(each.expected or ()))))
    for who, where in places:
        for name in names:
            cells = [cell(e.held.get((who, where), {}).get(name, 0), e.wrong.get((who, where, name))) for e in ledgers]
            if any(each.text != "0" or each.wanted for each in cells):
                body.append([Cell(who, number=False), Cell(where, number=False), Cell(name, number=False), *cells])
    for where in dict.fromkeys(provider for each in ledgers for provider in each.providers):
        for name in names:
            cells = [cell(each.others(where, name), each.wrong_changes.get((where, name))) for each in ledgers]
            if any(each.text != "0" for each in cells):
                body.append([Cell("others", number=False), Cell(where, number=False), Cell(name, number=False), *cells])
    return body
