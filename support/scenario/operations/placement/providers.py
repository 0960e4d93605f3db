"""Resource providers that a scenario creates: alone, in trees, below hosts; with inventories, traits and aggregates."""

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from hamcrest import equal_to
from hamcrest.core.matcher import Matcher
from stocktake.support.accounting.resources import Resources
from stocktake.support.api import microversions
from stocktake.support.api.placement.values import Provider
from stocktake.support.errors import FeatureError
from stocktake.support.hosts import provider_cache
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.kinds import nested_providers
from stocktake.support.ownership.kinds.nested_providers import DETACHED_PROVIDER, NESTED_PROVIDER
from stocktake.support.ownership.kinds.placement import PROVIDER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import matchers
from stocktake.support.scenario.operations.hosts import guard
from stocktake.support.scenario.operations.matchers import is_list
from stocktake.support.scenario.operations.placement import inventories
from stocktake.support.scenario.operations.placement.custom_names import introduce_trait
from stocktake.support.scenario.operations.placement.inventories import Inventories
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.waiting import eventually


def create(context: Context, name: str, *, parent: str | None = None) -> None:
    """Create a resource provider, below another one of the scenario if `parent` names it, until the scenario ends."""
    above = provider_id(context, parent) if parent else None
    if above in context.owned.nested_providers:
        _create_nested(context, name, above, context.owned.nested_providers[above])
        return
    real, uuid = _free_name(context, name), str(uuid4())
    with context.undoing.after(PROVIDER, real, id=uuid):
        made = ask(context, lambda: context.cloud.placement.create_provider(real, uuid=uuid, parent=above))
    if made is not None:
        context.owned.providers[name] = uuid


def create_below_host(context: Context, name: str, role: str, wanted: Inventories) -> None:
    """Create a provider with inventories below a host's root provider, as operators do for resources unknown to
    Nova. Raises Unverified where the host may not be disrupted, or its nova-compute never reads its providers again, so
    that the provider could not be deleted.
    """
    host, cloud = context.roles.host(role), context.cloud
    guard.check_disruption(context, host)
    refusal = provider_cache.never_read(cloud.target, cloud.control)
    if refusal is not None:
        raise refusal
    _create_nested(context, name, host.provider, host)
    set_inventories(context, name, wanted)


def create_namesake(context: Context, name: str) -> None:
    """Request another provider with the name of an existing one."""
    real = context.cloud.placement.provider(provider_id(context, name)).name
    uuid = str(uuid4())
    with context.undoing.after(PROVIDER, real, id=uuid):
        ask(context, lambda: context.cloud.placement.create_provider(real, uuid=uuid))


def _create_nested(context: Context, name: str, parent: str, host: ComputeHost) -> None:
    """Create a provider in the tree of a host.

    nova-compute need not know it: it keeps providers that its virt driver does not report, with their inventories.
    """
    cloud, real, uuid = context.cloud, _free_name(context, name), str(uuid4())
    cloud.session.require("placement", microversions.REPARENTING, what="a resource provider below a host")
    with context.undoing.after(
        NESTED_PROVIDER, real, id=uuid, host=host.service, then=lambda: _let_go(context, real, uuid, host)
    ):
        cloud.placement.create_provider(real, uuid=uuid, parent=parent)
    context.owned.providers[name] = uuid
    context.owned.nested_providers[uuid] = host
    context.trees.forget(host.provider)


def _let_go(context: Context, real: str, uuid: str, host: ComputeHost) -> None:
    """Delete a provider that has left the tree of a host: now, if nova-compute can be made to read the tree again, or
    else when the run ends."""
    context.trees.forget(host.provider)
    if provider_cache.read_now(context.cloud, host.service):
        nested_providers.delete(context.cloud, uuid)
        return
    with context.cloud.deferred.after(DETACHED_PROVIDER, real, id=uuid, host=host.service):
        pass


def _free_name(context: Context, name: str) -> str:
    """Return the name in the cloud of a new provider. Raises FeatureError if the scenario has one of that name."""
    if name in context.owned.providers:
        raise FeatureError(f'resource provider "{name}" already exists in this scenario: give each one its own name')
    return context.names.real(name)


def provider_id(context: Context, name: str) -> str:
    """Return the uuid of a provider of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in context.owned.providers:
        known = ", ".join(f'"{one}"' for one in context.owned.providers) or "none yet"
        raise FeatureError(
            f'resource provider "{name}" does not exist in this scenario: its resource providers are {known}'
        )
    return context.owned.providers[name]


def delete(context: Context, name: str) -> None:
    """Ask for a provider to be deleted. Raises FeatureError for one in the tree of a host, on which nova-compute would
    build nothing for minutes."""
    uuid = provider_id(context, name)
    if uuid in context.owned.nested_providers:
        raise FeatureError(
            f'resource provider "{name}" is in the tree of a host, whose nova-compute still looks for it: it is '
            "deleted when the scenario ends"
        )
    ask(context, lambda: context.cloud.placement.delete_provider(uuid))


def set_inventories(context: Context, name: str, wanted: Inventories, *, generation: int | None = None) -> None:
    """Replace the inventories of a provider, with its latest generation or the one given."""
    uuid, real = provider_id(context, name), inventories.introduce_classes(context, wanted)
    ask(context, lambda: context.cloud.placement.set_inventories(uuid, real, generation=generation))


def set_inventories_late(context: Context, name: str, wanted: Inventories) -> None:
    """Request new inventories with the generation that the provider had before its last change."""
    past = context.cloud.placement.provider(provider_id(context, name)).generation - 1
    set_inventories(context, name, wanted, generation=past)


def inventories_are(context: Context, name: str, expected: Inventories, fields: tuple[str, ...]) -> None:
    """Check these `fields` of every inventory of a provider."""
    inventories.are(context, provider_id(context, name), expected, fields, f'resource provider "{name}"')


def put_trait(context: Context, trait: str, name: str) -> None:
    """Put a trait on a provider."""
    uuid, real = provider_id(context, name), introduce_trait(context, trait)
    ask(context, lambda: context.cloud.traits.add(uuid, real))


def traits_are(context: Context, name: str, expected: Collection[str]) -> None:
    """Check every trait of a provider."""
    names, uuid = context.names.of_custom(), provider_id(context, name)
    _await(
        context,
        lambda: {names.get(trait, trait) for trait in context.cloud.traits.of_provider(uuid)},
        is_list(expected),
        f'the traits of resource provider "{name}"',
    )


def join_aggregate(context: Context, name: str, aggregate: str) -> None:
    """Add a provider to an aggregate, which exists in Placement only as a uuid that its members name."""
    uuid, placement = provider_id(context, name), context.cloud.placement
    others = placement.provider_aggregates(uuid)
    placement.set_provider_aggregates(uuid, others | {aggregate_id(context, aggregate)})


def aggregate_id(context: Context, name: str) -> str:
    """Return the uuid of an aggregate of this scenario; a new name gets a new one."""
    return context.owned.aggregates.setdefault(name, str(uuid4()))


def members_are(context: Context, aggregate: str, expected: Collection[str]) -> None:
    """Check every provider of an aggregate."""
    uuid = aggregate_id(context, aggregate)
    names = {provider: name for name, provider in context.owned.providers.items()} | context.names.of_providers()
    _await(
        context,
        lambda: {names.get(one.uuid, one.name) for one in context.cloud.placement.providers(member_of=uuid)},
        is_list(expected),
        f'the resource providers of aggregate "{aggregate}"',
    )


def tree_is(context: Context, name: str, expected: dict[str, str]) -> None:
    """Check the whole tree that a provider belongs to: the name of each provider and of its parent, "" for none."""
    uuid = provider_id(context, name)
    names = {provider: known for known, provider in context.owned.providers.items()}

    def told(provider: str, parent: str) -> str:
        return f"{provider} under {parent}" if parent else provider

    def read() -> list[str]:
        tree: list[Provider] = context.cloud.placement.tree(uuid)
        return [told(names.get(one.uuid, one.name), names.get(one.parent or "", one.parent or "")) for one in tree]

    wanted = is_list(told(*relation) for relation in expected.items())
    _await(context, read, wanted, f'the tree of resource provider "{name}"')


def generation_is(context: Context, name: str, generation: int) -> None:
    """Check how often a provider has been changed since it was created."""
    uuid = provider_id(context, name)
    _await(
        context,
        lambda: context.cloud.placement.provider(uuid).generation,
        equal_to(generation),
        f'the generation of resource provider "{name}"',
    )


def exists(context: Context, name: str, *, there: bool) -> None:
    """Check that a provider exists in Placement, or that it does not."""
    uuid = provider_id(context, name)
    _await(
        context,
        lambda: bool(context.cloud.placement.providers(uuid=uuid)),
        matchers.exists(f'resource provider "{name}"', there=there),
        f'resource provider "{name}"{"" if there else ", which should be gone,"}',
    )


def usages_are(context: Context, name: str, expected: Resources) -> None:
    """Check the usages of a provider."""
    uuid = provider_id(context, name)
    real = Resources({context.owned.custom(known): expected[known] for known in expected})
    _await(
        context,
        lambda: context.cloud.placement.usages(uuid),
        equal_to(real),
        f'the usages of resource provider "{name}"',
    )


def _await(context: Context, read: Any, matcher: Matcher[Any], what: str) -> None:
    eventually(read, matcher, within=context.cloud.settings.patience_for("accounts"), what=f"{what} to match")
