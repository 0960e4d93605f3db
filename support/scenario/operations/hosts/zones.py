"""Availability zones of a scenario: host aggregates with a zone, which Placement knows too."""

from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.hosts import AGGREGATE
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import laboratory
from stocktake.support.scenario.operations.hosts import guard
from stocktake.support.scenario.operations.matchers import holds
from stocktake.support.waiting import eventually


def create(context: Context, zone: str, role: str) -> None:
    """Add a host to a new aggregate that forms an availability zone, until the scenario ends.

    A host is in one zone at a time. Servers that are on it would change their zone, and Nova lets no host leave a zone
    while a server is there (Nova, `AggregateAPI.ensure_no_instances_need_to_move_az_when_host_removed`). No API keeps
    others from booting there meanwhile, so this is done on a lab only. Raises Unverified elsewhere, and where hosts may
    not be disrupted.
    """
    laboratory.control(context)
    if zone in context.owned.aggregates:
        raise FeatureError(f'zone "{zone}" already exists in this scenario: give each zone its own name')
    cloud, host, real = context.cloud, context.roles.host(role), context.names.real(zone)
    with guard.vacated(context, host), context.undoing.after(AGGREGATE, real):
        made = cloud.aggregates.create(real, zone=real)
        cloud.aggregates.add_host(made.id, host.service)
    context.owned.aggregates[zone] = str(made.uuid)


def leave(context: Context, zone: str, role: str) -> None:
    """Remove a host from the aggregate of a zone. Raises ApiError while servers of the zone run there."""
    cloud, wanted = context.cloud, _known(context, zone)
    for aggregate in cloud.aggregates.all():
        if aggregate.uuid == wanted:
            cloud.aggregates.remove_host(aggregate.id, context.roles.host(role).service)


def real_zone(context: Context, zone: str) -> str:
    """Return the real name of a zone of the scenario. Raises FeatureError for one that no step has introduced."""
    _known(context, zone)
    return context.names.real(zone)


def provider_is_in(context: Context, role: str, zone: str, *, there: bool) -> None:
    """Check that a host's resource provider is in Placement's aggregate of a zone, or that it is not."""
    aggregate, provider = _known(context, zone), context.roles.host(role).provider
    names = {uuid: f'aggregate of zone "{known}"' for known, uuid in context.owned.aggregates.items()}
    eventually(
        lambda: [names.get(one, one) for one in context.cloud.placement.provider_aggregates(provider)],
        holds(names[aggregate], f"the {names[aggregate]}", there=there),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the resource provider of host "{role}" to {"" if there else "not "}be in the aggregate of zone "{zone}"',
    )


def _known(context: Context, zone: str) -> str:
    """Return the uuid of a zone's aggregate. Raises FeatureError for a name no step has introduced."""
    if zone not in context.owned.aggregates:
        known = ", ".join(f'"{one}"' for one in context.owned.aggregates) or "none yet"
        raise FeatureError(f'zone "{zone}" does not exist in this scenario: its zones are {known}')
    return context.owned.aggregates[zone]
