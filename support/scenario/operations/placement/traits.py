"""Traits of a scenario's hosts: added and removed by the operator, reported by Nova's compute service."""

from collections.abc import Collection

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from hamcrest.core.matcher import Matcher
from stocktake.support.accounting.words import is_custom, known_trait
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.ownership.kinds.placement import PROVIDER_TRAIT
from stocktake.support.releases import expected_traits, releases_with
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import guard
from stocktake.support.scenario.operations.placement.custom_names import introduce_trait, own
from stocktake.support.waiting import eventually


def put_on(context: Context, trait: str, role: str) -> None:
    """Add a trait to a host's resource provider until the scenario ends. Raises Unverified for a standard one where the
    host may not be disrupted, as flavors of others may require or forbid it.

    nova-compute keeps custom traits that others have added, and reads the provider again before it writes at an
    outdated generation (Nova, `ResourceTracker._get_traits`, `SchedulerReportClient.update_from_provider_tree`).
    """
    _check_disruption(context, trait, role)
    provider = context.roles.host(role).provider
    real = introduce_trait(context, trait)
    if real in context.cloud.traits.of_provider(provider):
        return
    context.owned.changes(context.roles.host(role))
    with context.undoing.after(PROVIDER_TRAIT, real, provider=provider):
        context.cloud.traits.add(provider, real)


def take_off(context: Context, trait: str, role: str) -> None:
    """Remove a trait from a host's resource provider; a standard one is restored when the scenario ends.

    Raises Unverified for a standard one where the host may not be disrupted, FeatureError for a custom one that is not
    the scenario's.
    """
    real = own(context, trait)
    _check_disruption(context, trait, role)
    provider = context.roles.host(role).provider
    if real not in context.cloud.traits.of_provider(provider):
        raise FeatureError(f'host "{role}" does not have trait {trait}, so it cannot be removed')
    context.owned.changes(context.roles.host(role))
    if is_custom(trait):
        context.cloud.traits.remove(provider, real)
        return
    with context.undoing.after(PROVIDER_TRAIT, real, provider=provider, had=True):
        context.cloud.traits.remove(provider, real)


def _check_disruption(context: Context, trait: str, role: str) -> None:
    if not is_custom(trait):
        guard.check_disruption(context, context.roles.host(role))


def host_has(context: Context, role: str, trait: str) -> None:
    """Check that a host's provider has a trait."""
    _await_traits(context, role, Carries(present=[trait]), f"to have trait {trait}")


def host_lacks(context: Context, role: str, trait: str) -> None:
    """Check that a host's provider does not have a trait."""
    _await_traits(context, role, Carries(absent=[trait]), f"not to have trait {trait}")


def host_has_exactly(context: Context, role: str, traits: Collection[str]) -> None:
    """Check every standard trait of a host's provider, except those that its release of Nova does not report yet.

    Raises FeatureError for an undefined name, Unverified for a release that is not known.
    """
    wanted = [known_trait(trait) for trait in traits]
    newest = context.cloud.session.versions("compute").most
    releases = releases_with(newest)
    if not releases:
        raise Unverified(
            f"the traits of hosts are not known for the release of Nova whose newest microversion is {newest}",
            "use a version of Stocktake that knows this release",
        )
    must, may = expected_traits(wanted, releases)
    _await_traits(
        context, role, Carries(present=must, may=may, only=True), "to have these standard traits and no others"
    )


def host_has_all(context: Context, role: str, traits: Collection[str]) -> None:
    """Check that a host's provider has all these traits; raises FeatureError for an undefined name."""
    _await_traits(context, role, Carries(present=[known_trait(trait) for trait in traits]), "to have these traits")


class Carries(BaseMatcher[frozenset[str]]):
    """Match traits by the feature's names; with `only`, no other standard traits except those of `may`."""

    def __init__(
        self,
        *,
        present: Collection[str] = (),
        may: Collection[str] = (),
        absent: Collection[str] = (),
        only: bool = False,
    ):
        self._present, self._may, self._absent, self._only = frozenset(present), frozenset(may), frozenset(absent), only

    def _matches(self, item: frozenset[str]) -> bool:
        return not self._lacking(item) and not self._excess(item)

    def describe_to(self, description: Description) -> None:
        """Say what must be there, and what must not."""
        others = "no other standard traits" if self._only else ", ".join(f"not {trait}" for trait in self._absent)
        description.append_text("; ".join(filter(None, (", ".join(sorted(self._present)), others))))

    def describe_mismatch(self, item: frozenset[str], mismatch_description: Description) -> None:
        """Say which traits are missing and which are unexpected."""
        wrong = [f"lacks {trait}" for trait in self._lacking(item)] + [f"has {trait}" for trait in self._excess(item)]
        mismatch_description.append_text(f"the provider {', '.join(wrong)}")

    def _lacking(self, item: frozenset[str]) -> list[str]:
        return sorted(self._present - item)

    def _excess(self, item: frozenset[str]) -> list[str]:
        others = {trait for trait in item - self._present - self._may if not is_custom(trait)} if self._only else set()
        return sorted(others | (self._absent & item))


def _await_traits(context: Context, role: str, matcher: Matcher[frozenset[str]], what: str) -> None:
    names = context.names.of_custom()
    provider = context.roles.host(role).provider
    eventually(
        lambda: frozenset(names.get(trait, trait) for trait in context.cloud.traits.of_provider(provider)),
        matcher,
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the resource provider of host "{role}" {what}',
        describe=lambda traits: ", ".join(sorted(traits)),
    )
