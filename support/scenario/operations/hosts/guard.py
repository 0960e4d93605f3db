"""Guards of what others on a host could notice: who is on it, and how the scheduler is kept off it meanwhile.

What changes a host, or what others can do there, goes through here: stopping it, disabling its compute service, a zone,
ratios and classes of its inventory, standard traits, providers below its own, Nova's options and Placement's answers.
The phrases for it declare `needs=("disruption",)`. Everything else that a scenario does is noticed by nobody:

- custom traits on a host, the scenario's own included: nova-compute keeps traits that are not its own, and reads its
  provider again when its generation has moved (Nova, `ResourceTracker._get_traits`, `_update_to_placement`)
- flavors and images: only the scenario's own users see them, and flavors require its trait
- servers and allocations: on hosts that are leased, within their capacity, which Placement keeps
- providers that are not below a host: no scheduler takes one for a host (Nova, `HostManager`: only compute nodes)
- users, projects and their quotas: the scenario's own
- hosts that are added: only a lab can do that, which is for Stocktake alone
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hamcrest import greater_than_or_equal_to
from stocktake.support.errors import Unverified
from stocktake.support.hosts.disruption import may_disrupt
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.kinds.hosts import DISABLED_SERVICE
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts.special_hosts import is_special
from stocktake.support.waiting import SYSTEM_CLOCK, eventually

DISABLED = "COMPUTE_STATUS_DISABLED"
SETTLING, SETTLING_IN_LAB = 2.0, 0.2
"""Seconds in which a server shows on the host that the scheduler had chosen for it before the host was disabled."""


def check_disruption(context: Context, host: ComputeHost) -> None:
    """Raise Unverified unless this host may be disrupted: allowed, listed, and without anything of others.

    A host that was added for the scenario always may.
    """
    if is_special(context, host):
        return
    settings = context.cloud.settings
    refusal = may_disrupt(settings, host.service, ())
    refusal = refusal or may_disrupt(settings, host.service, others_on(context, host))
    if refusal is not None:
        raise refusal


def check_disruption_of_cloud(context: Context) -> None:
    """Raise Unverified unless everything on this cloud may be disrupted: hosts may be, and nobody else has a server."""
    settings, servers = context.cloud.settings, context.cloud.servers
    refusal = may_disrupt(settings, next(iter(settings.hosts or ()), ""), ())
    if refusal is not None:
        raise refusal
    others = [server.id for server in servers.all(all_projects=True) if Mark.of(server.name) is None]
    if others:
        count = "a server" if len(others) == 1 else f"{len(others)} servers"
        raise Unverified(
            f"this step affects the whole cloud, on which others have {count} (such as {others[0]})",
            "run this feature on a lab that nobody else uses",
        )


def others_on(context: Context, host: ComputeHost) -> list[str]:
    """Return the ids of the servers of others that are on a host or hold something there: those that are being built,
    are soft-deleted, or may return to it because their resize is unconfirmed. Parked scenarios of this process are not
    others.

    Allocations of which Nova knows neither a server nor a migration are nobody's.
    """
    cloud = context.cloud
    found = cloud.foreign_servers(host.service)
    known = {*found, *context.servers.consumers(), *context.owned.bare_consumers.values()}
    known |= cloud.consumer_owners.others_than(context.number)
    held = [one for one in cloud.placement.provider_allocations(host.provider) if one not in known]
    servers = {one: cloud.servers.find(one) for one in held}
    found += [one for one, server in servers.items() if server is not None and Mark.of(server.name) is None]
    migrations = {one for one, server in servers.items() if server is None}
    if migrations:
        own = set(context.servers.ids.values())
        moves = cloud.migrations.all(host=host.service, as_consumers=True)
        found += [move.server for move in moves if move.uuid in migrations and move.server and move.server not in own]
    return found


@contextmanager
def vacated(context: Context, host: ComputeHost) -> Iterator[None]:
    """Keep the scheduler off a host during the block, which nobody else's server must meet.

    Raises Unverified where the host may not be disrupted or others are on it, also if they have arrived while their
    servers were being scheduled. A service that has been disabled already stays so.

    One that the block has stopped cannot follow when it is enabled: the trait that Nova gave its provider is removed
    here, as the service itself would do with its next periodic task (Nova,
    `ResourceTracker._sync_compute_service_disabled_trait`).
    """
    check_disruption(context, host)
    services = context.cloud.services
    service = services.get(host.service)
    if is_special(context, host) or not service.enabled:
        yield
        return
    with context.undoing.after(DISABLED_SERVICE, host.service, id=service.id) as entry:
        services.disable(service.id, reason=context.names.real("guard"))
    try:
        _await_rest(context, host)
        yield
        check_disruption(context, host)
    finally:
        services.enable(service.id)
        if not services.get(host.service).up:
            context.cloud.traits.remove(host.provider, DISABLED)
        context.undoing.undone(entry)


def _await_rest(context: Context, host: ComputeHost) -> None:
    """Wait until no server can arrive on a host that has been disabled. Raises Unverified when one does."""
    settling = SETTLING_IN_LAB if isinstance(context.cloud.control, HttpControl) else SETTLING
    began = SYSTEM_CLOCK.now()

    def at_rest() -> float:
        check_disruption(context, host)
        return SYSTEM_CLOCK.now() - began

    eventually(
        at_rest,
        greater_than_or_equal_to(settling),
        within=settling + context.cloud.settings.patience_for("host"),
        what=f"servers to stop arriving on {context.roles.role_of(host.service)}",
        describe=lambda _seconds: "nothing of others",
        first_look=settling,
    )
