"""An amount per resource class, in the units Placement spells into the names of its classes."""

from collections.abc import Iterable, Iterator, Mapping

FAMILIAR_ORDER = ("VCPU", "PCPU", "MEMORY_MB", "DISK_GB")
"""The columns an operator expects first; every other class follows by name."""


def in_column_order(classes: Iterable[str]) -> tuple[str, ...]:
    """Return each resource class once, the familiar ones first, the others by name.

    >>> in_column_order(["DISK_GB", "CUSTOM_GOLD", "VCPU"])
    ('VCPU', 'DISK_GB', 'CUSTOM_GOLD')
    """
    distinct = set(classes)
    familiar = tuple(name for name in FAMILIAR_ORDER if name in distinct)
    return familiar + tuple(sorted(distinct.difference(familiar)))


class Resources(Mapping[str, int]):
    """An immutable amount per resource class. Zero equals absent; a difference may be negative.

    Amounts are whole numbers in the unit of their class: MEMORY_MB in MB, DISK_GB in GB, VCPU in CPUs.
    A class that is not held reads as 0. Raises TypeError for an amount that is not an int.

    >>> small = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=0)
    >>> small
    Resources(VCPU=1, MEMORY_MB=512)
    >>> small == Resources({"MEMORY_MB": 512, "VCPU": 1})
    True
    >>> small["DISK_GB"]
    0
    >>> print(small * 2 - Resources(VCPU=3))
    VCPU -1, MEMORY_MB 1024
    """

    __slots__ = ("_amounts",)

    def __init__(self, amounts: Mapping[str, int] | None = None, /, **named: int):
        given = {**(amounts or {}), **named}
        for name, amount in given.items():
            if not isinstance(amount, int) or isinstance(amount, bool):
                raise TypeError(f"the amount of {name} must be a whole number, not {amount!r}")
        self._amounts = {name: given[name] for name in in_column_order(given) if given[name]}

    @classmethod
    def total(cls, parts: Iterable["Resources"]) -> "Resources":
        """Add up any number of resources; of none, the total is nothing."""
        amounts: dict[str, int] = {}
        for part in parts:
            for name, amount in part.items():
                amounts[name] = amounts.get(name, 0) + amount
        return cls(amounts)

    @classmethod
    def from_json(cls, amounts: Mapping[str, int | str]) -> "Resources":
        """Read the `resources` or `usages` object of a Placement answer."""
        return cls({name: int(amount) for name, amount in amounts.items()})

    def only(self, classes: Iterable[str]) -> "Resources":
        """Keep the named resource classes and leave out all others.

        >>> Resources(VCPU=1, NET_BW_EGR_KILOBIT_PER_SEC=1000).only(["VCPU", "PCPU"])
        Resources(VCPU=1)
        """
        kept = set(classes)
        return Resources({name: amount for name, amount in self._amounts.items() if name in kept})

    def without(self, classes: Iterable[str]) -> "Resources":
        """Leave out the named resource classes.

        >>> Resources(VCPU=1, DISK_GB=2).without(["DISK_GB"])
        Resources(VCPU=1)
        """
        dropped = set(classes)
        return Resources({name: amount for name, amount in self._amounts.items() if name not in dropped})

    def fits_in(self, limit: "Resources") -> bool:
        """Tell whether no class exceeds what `limit` has of it.

        >>> Resources(VCPU=2).fits_in(Resources(VCPU=2, DISK_GB=1))
        True
        """
        return all(amount <= limit[name] for name, amount in self._amounts.items())

    def as_json(self) -> dict[str, int]:
        """Return a plain dictionary, as Placement writes it."""
        return dict(self._amounts)

    def __getitem__(self, name: str) -> int:
        return self._amounts.get(name, 0)

    def __contains__(self, name: object) -> bool:
        return name in self._amounts

    def __iter__(self) -> Iterator[str]:
        return iter(self._amounts)

    def __len__(self) -> int:
        return len(self._amounts)

    def __add__(self, other: "Resources") -> "Resources":
        if not isinstance(other, Resources):
            return NotImplemented
        return Resources({name: self[name] + other[name] for name in {*self, *other}})

    def __sub__(self, other: "Resources") -> "Resources":
        if not isinstance(other, Resources):
            return NotImplemented
        return self + -other

    def __neg__(self) -> "Resources":
        return self * -1

    def __mul__(self, times: int) -> "Resources":
        if not isinstance(times, int):
            return NotImplemented
        return Resources({name: amount * times for name, amount in self._amounts.items()})

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resources):
            return NotImplemented
        return self._amounts == other._amounts

    def __hash__(self) -> int:
        return hash(frozenset(self._amounts.items()))

    def __repr__(self) -> str:
        return f"Resources({', '.join(f'{name}={amount}' for name, amount in self._amounts.items())})"

    def __str__(self) -> str:
        return ", ".join(f"{name} {amount}" for name, amount in self._amounts.items()) or "nothing"
