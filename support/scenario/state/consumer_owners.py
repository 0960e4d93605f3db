"""Which scenario of a process each consumer in Placement belongs to, as several may be open at the same time."""

from collections.abc import Iterable


class ConsumerOwners:
    """The consumers of one process's scenarios, by the numbers of the scenarios."""

    def __init__(self) -> None:
        self._owners: dict[str, int] = {}

    def add(self, consumers: Iterable[str], scenario: int) -> None:
        """Record that these consumers belong to the scenario with that number; an earlier owner stays."""
        for consumer in consumers:
            self._owners.setdefault(consumer, scenario)

    def others_than(self, scenario: int) -> frozenset[str]:
        """Return the consumers of all scenarios except the one with that number."""
        return frozenset(consumer for consumer, owner in self._owners.items() if owner != scenario)

    def is_of_another(self, consumer: str, scenario: int) -> bool:
        """Return whether a consumer belongs to another scenario than the one with that number."""
        return self._owners.get(consumer, scenario) != scenario
