"""Hosts that fail unnoticed: Nova reports their compute service as up until service_down_time has passed.

What Nova sends to such a host waits in its message queue until the host returns, or is lost with the queue; a call to
it times out (oslo.messaging, rpc_response_timeout).
"""

from uuid import uuid4

from hamcrest import any_of, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.kinds.hosts import AGGREGATE
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR
from stocktake.support.ownership.kinds.servers import SERVER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.hosts.guard import vacated
from stocktake.support.scenario.rest import come_to_rest
from stocktake.support.waiting import eventually


def fail(context: Context, role: str) -> None:
    """Halt a host without forcing it down. Raises Unverified as `hosts.stop` does, or if Nova notices at once,
    FeatureError for a host that the scenario has halted already.

    When the scenario ends, the host that is brought back does what has waited for it before servers are deleted.
    """
    host = context.roles.host(role)
    if host.service in context.owned.stopped:
        raise FeatureError(f'host "{role}" is down or has failed already: let it return first')
    hosts.check_halting(context, host, "fail_host")
    _isolate(context, role)
    if not isinstance(context.cloud.control, HttpControl):
        _check_isolation(context, host)
    with vacated(context, host):
        pass  # what was being scheduled there has arrived, and nothing else will
    with hosts.halting(context, host, then=lambda: come_to_rest(context)):
        context.cloud.control.fail_host(host.service)
    check_unnoticed(context)


def _isolate(context: Context, role: str) -> None:
    """Keep the servers of others from being scheduled to a host until the scenario ends.

    It is put into an aggregate that requires the trait of the scenario's flavors (Nova, "Filtering hosts by isolated
    aggregates"; it needs `[scheduler] enable_isolated_aggregate_filtering`).
    """
    name, aggregates = f"isolated-{role}", context.cloud.aggregates
    if name in context.owned.aggregates:
        return
    real = context.names.real(name)
    with context.undoing.after(AGGREGATE, real):
        made = aggregates.create(real)
        aggregates.set_metadata(made.id, {f"trait:{context.trait}": "required"})
        aggregates.add_host(made.id, context.roles.host(role).service)
    context.owned.aggregates[name] = str(made.uuid)


def _check_isolation(context: Context, host: ComputeHost) -> None:
    """Raise Unverified if a server whose flavor does not require the scenario's trait can be scheduled to a host.

    No API shows whether Nova heeds the traits of aggregates, so a server is booted there; a lab is known to.
    """
    cloud, name, flavor_id = context.cloud, context.names.real("outsider"), str(uuid4())
    with context.undoing.after(FLAVOR, name, id=flavor_id):
        cloud.flavors.create(Flavor(name, vcpus=1, ram=64, disk=0, id=flavor_id), public=False)
    request = BootRequest(
        name,
        flavor_id,
        cloud.image.id,
        networks=cloud.settings.network,
        host=host.service,
        metadata=cloud.mark.metadata,
    )
    with context.undoing.after(SERVER, name):
        made = cloud.servers.create(request)
    outsider = eventually(
        lambda: cloud.servers.get(made.id),
        any_of(has_properties(status="ERROR"), has_properties(status="ACTIVE")),
        within=cloud.settings.patience_for("boot"),
        what=f"{context.roles.role_of(host.service)} to accept or refuse a server without the scenario's trait",
    )
    if outsider.status == "ACTIVE":
        raise Unverified(
            "the scheduler does not keep servers of others off a host that is about to fail",
            'set "enable_isolated_aggregate_filtering = true" in section [scheduler] of Nova\'s configuration',
        )


def check_unnoticed(context: Context) -> None:
    """Raise Unverified if Nova has noticed that a host of the scenario failed: other rules apply from then on.

    A host that the scenario has forced down is no such one: Nova was told. Nor is one that was retired meanwhile.
    """
    for service in context.owned.stopped:
        if any(not found.up and not found.forced_down for found in context.cloud.services.all(host=service)):
            raise Unverified(
                f"Nova noticed that {context.roles.role_of(service)} had failed before the step had ended",
                "raise service_down_time in the configuration of Nova's API, conductor and scheduler",
            )


def drop_messages(context: Context, role: str) -> None:
    """Delete the messages that wait for a host which has failed. Raises Unverified where that is not possible,
    FeatureError for any other host: others may have servers there, and the messages may be theirs.
    """
    host, control = context.roles.host(role), context.cloud.control
    if host.service not in context.owned.stopped:
        raise FeatureError(f'no messages wait for host "{role}", which is up: let it fail unnoticed first')
    missing = control.missing("drop_messages")
    if missing is not None:
        raise missing
    control.drop_messages(host.service)
