"""Which hosts the scheduler may choose for a scenario: those whose providers have a trait that its flavors require."""

from collections.abc import Callable, Iterable
from functools import partial

from stocktake.support.api.placement.traits import Traits
from stocktake.support.api.replies import none_if_missing
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.placement import PROVIDER_TRAIT
from stocktake.support.ownership.undo import Undoing


class Reservations:
    """The scenario's trait on the providers of its hosts; `trait` returns its name once the scenario has begun.

    It is in the journal for each provider that has it, and is removed at the latest when the scenario ends. `may_stay`
    says that the scenario is about servers that stay on their host when they are resized, `cannot_set` why Nova's
    option for that could not be set.
    """

    def __init__(self, traits: Traits, roles: Roles, undoing: Undoing, trait: Callable[[], str | None]):
        self._traits, self._roles, self._undoing, self._trait = traits, roles, undoing, trait
        self._entries: dict[str, Entry] = {}
        self._left_out: set[str] = set()
        self.may_stay = False
        self.cannot_set: Unverified | None = None

    def add(self, provider: str, *, generation: int | None = None) -> frozenset[str]:
        """Let the scheduler choose a provider until the scenario ends, or until it is left out; return its traits.

        `generation` is that of the provider now, if known."""
        trait = self._trait()
        if trait is None:
            raise FeatureError("no host can be reserved before the scenario has begun")
        with self._undoing.after(PROVIDER_TRAIT, trait, provider=provider) as entry:
            present = self._traits.add(provider, trait, generation=generation)
        self._entries[provider] = entry
        return present

    def leave_out(self, services: Iterable[str]) -> None:
        """Let the scheduler choose among all hosts of the scenario but these, until it is called again.

        What a server holds there is not affected: Placement looks at traits only when it is asked for candidates.
        """
        held = {host.service: host.provider for host in self._roles.hosts}
        wanted = {held[service] for service in services if service in held}
        for provider in sorted(self._left_out - wanted):
            self._left_out.discard(provider)
            if provider in held.values():  # else its host was retired, and its provider may be gone with its service
                none_if_missing(partial(self.add, provider))
        for provider in sorted(wanted.intersection(self._entries)):
            entry = self._entries.pop(provider)
            self._left_out.add(provider)
            self._traits.remove(provider, entry.name)
            self._undoing.undone(entry)
