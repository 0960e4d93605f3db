"""What each consumer holds on each provider (allocations), and how much of it is used (usages)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from stocktake.support.accounting.rendering import render
from stocktake.support.accounting.resources import Resources, in_column_order

Key = TypeVar("Key")

CHILD = "/"
"""Between a root provider's name and its child's, as features write them: `alpha/numa0`."""


class _Rows(Mapping[Key, Resources]):
    """Rows of resources by key. A row of nothing equals an absent one; an absent one reads as nothing.

    `classes` are resource classes to show as columns even where nobody holds any, in the order to show them.
    They belong to the picture, not to the value: equality and hash ignore them.
    """

    __slots__ = ("_classes", "_rows")

    def __init__(self, rows: Mapping[Key, Resources] | None = None, *, classes: Iterable[str] = ()):
        self._rows = {key: held for key, held in (rows or {}).items() if held}
        self._classes = tuple(dict.fromkeys(classes))

    @property
    def classes(self) -> tuple[str, ...]:
        """The resource classes to show: the wanted columns first, then whatever else is held."""
        held = in_column_order(name for row in self._rows.values() for name in row)
        return tuple(dict.fromkeys(self._classes + held))

    def total(self) -> Resources:
        """Add up all rows."""
        return Resources.total(self._rows.values())

    def with_classes(self, names: Mapping[str, str]) -> Self:
        """Put names in place of resource classes; a class without a name stays."""
        rows = [(key, Resources({names.get(name, name): held[name] for name in held})) for key, held in self._entries()]
        return self._like(rows, tuple(names.get(name, name) for name in self._classes))

    def _entries(self) -> list[tuple[Key, Resources]]:
        """Return the rows to carry over into whatever is made of this."""
        return list(self._rows.items())

    def _like(self, rows: Iterable[tuple[Key, Resources]], classes: tuple[str, ...]) -> Self:
        """Build another of this kind; rows that share a key add up."""
        parts: dict[Key, list[Resources]] = {}
        for key, held in rows:
            parts.setdefault(key, []).append(held)
        return type(self)({key: Resources.total(held) for key, held in parts.items()}, classes=classes)

    def __getitem__(self, key: Key) -> Resources:
        return self._rows.get(key, Resources())

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return self._like([*self._entries(), *other._entries()], self._classes + other._classes)

    def __sub__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return self + -other

    def __neg__(self) -> Self:
        return self._like([(key, -held) for key, held in self._entries()], self._classes)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._rows == other._rows

    def __hash__(self) -> int:
        return hash(frozenset(self._rows.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._rows!r})"


class Usages(_Rows[str]):
    """The usages of each provider, or (signed) by how much they changed.

    Keys are providers: uuids as read from Placement, or the names of a feature. A provider of which nothing is
    used is not a row of the value, but `providers` and the table still show it.

    >>> before = Usages({"alpha": Resources(VCPU=3), "beta": Resources()})
    >>> after = Usages({"alpha": Resources(VCPU=4), "beta": Resources()})
    >>> print((after - before).table(signed=True))
    | host  | VCPU |
    | alpha |   +1 |
    | beta  |    0 |
    """

    __slots__ = ("_providers",)

    def __init__(
        self,
        rows: Mapping[str, Resources] | None = None,
        *,
        classes: Iterable[str] = (),
        providers: Iterable[str] = (),
    ):
        super().__init__(rows, classes=classes)
        self._providers = tuple(dict.fromkeys([*providers, *(rows or {})]))

    @property
    def providers(self) -> tuple[str, ...]:
        """Every provider that was looked at, those of which nothing is used included."""
        return self._providers

    def named(self, providers: Mapping[str, str]) -> "Usages":
        """Put names in place of uuids; a uuid without a name stays. Providers of one name add up."""
        return self._renamed(lambda provider: providers.get(provider, provider))

    def roots(self) -> "Usages":
        """Fold the rows of child providers ("alpha/numa0") into their root's ("alpha")."""
        return self._renamed(_root)

    def table(self, *, signed: bool = False) -> str:
        """Draw the Gherkin table: host, then one column per resource class; `signed` writes +1 for a gain."""
        return render(["host", *self.classes], self.rows(signed=signed))

    def rows(self, *, signed: bool = False) -> list[list[str]]:
        """Return the table's cells, one row per provider."""
        return [[name, *_cells(self[name], self.classes, signed=signed)] for name in self.providers]

    def as_json(self) -> dict[str, dict[str, int]]:
        """Return provider -> resource class -> amount."""
        return {provider: self[provider].as_json() for provider in self.providers}

    def _entries(self) -> list[tuple[str, Resources]]:
        return [(name, self[name]) for name in self._providers]

    def _renamed(self, rename: Callable[[str], str]) -> "Usages":
        return self._like([(rename(name), held) for name, held in self._entries()], self._classes)


class Ledger(_Rows[tuple[str, str]]):
    """Who holds what where: consumer and provider -> resources, as Placement's allocations say.

    Consumers and providers are strings: uuids as read from Placement, or the names of a feature once `named`.

    >>> web = Ledger({("server web", "alpha"): Resources(VCPU=1, MEMORY_MB=512)})
    >>> print(web.table())
    | consumer   | host  | VCPU | MEMORY_MB |
    | server web | alpha |    1 |       512 |
    >>> web["server web", "beta"]
    Resources()
    """

    __slots__ = ()

    @property
    def consumers(self) -> tuple[str, ...]:
        """Every consumer that holds something, in the order met."""
        return tuple(dict.fromkeys(consumer for consumer, _ in self))

    @property
    def providers(self) -> tuple[str, ...]:
        """Every provider of which something is held, in the order met."""
        return tuple(dict.fromkeys(provider for _, provider in self))

    def of(self, consumer: str) -> "Ledger":
        """Keep the rows of one consumer."""
        return self._like([(key, held) for key, held in self.items() if key[0] == consumer], self._classes)

    def on(self, provider: str) -> "Ledger":
        """Keep the rows on one provider (not those on its children)."""
        return self._like([(key, held) for key, held in self.items() if key[1] == provider], self._classes)

    def usages(self) -> Usages:
        """Add up per provider what all consumers hold: what Placement's usages must say."""
        return Usages(self._totals(lambda key: key[1]), classes=self._classes)

    def totals(self) -> dict[str, Resources]:
        """Add up per consumer what it holds of all providers."""
        return self._totals(lambda key: key[0])

    def named(self, consumers: Mapping[str, str], providers: Mapping[str, str]) -> "Ledger":
        """Put names in place of uuids; a uuid without a name stays. Rows that become one add up."""
        return self._renamed(lambda key: (consumers.get(key[0], key[0]), providers.get(key[1], key[1])))

    def roots(self) -> "Ledger":
        """Fold the rows on child providers ("alpha/numa0") into the row on their root ("alpha")."""
        return self._renamed(lambda key: (key[0], _root(key[1])))

    def table(self, *, signed: bool = False) -> str:
        """Draw the Gherkin table: consumer, host, then one column per resource class."""
        return render(["consumer", "host", *self.classes], self.rows(signed=signed))

    def rows(self, *, signed: bool = False) -> list[list[str]]:
        """Return the table's cells, one row per consumer and provider."""
        return [[*key, *_cells(held, self.classes, signed=signed)] for key, held in self.items()]

    def as_json(self) -> list[dict[str, Any]]:
        """Return a list of objects with `consumer`, `provider` and `resources`."""
        return [
            {"consumer": who, "provider": where, "resources": held.as_json()} for (who, where), held in self.items()
        ]

    def _totals(self, name: Callable[[tuple[str, str]], str]) -> dict[str, Resources]:
        held: dict[str, list[Resources]] = {}
        for key, resources in self.items():
            held.setdefault(name(key), []).append(resources)
        return {one: Resources.total(parts) for one, parts in held.items()}

    def _renamed(self, rename: Callable[[tuple[str, str]], tuple[str, str]]) -> "Ledger":
        return self._like([(rename(key), held) for key, held in self.items()], self._classes)


def _root(provider: str) -> str:
    return provider.split(CHILD, 1)[0]


def _cells(held: Resources, classes: Iterable[str], *, signed: bool) -> list[str]:
    return [f"{held[name]:+d}" if signed and held[name] else str(held[name]) for name in classes]
