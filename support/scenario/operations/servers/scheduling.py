"""Which of the scenario's hosts the scheduler may choose for a request, and resizes to the host that a server is on.

No API shows whether Nova may resize a server to its own host (`allow_resize_to_same_host`); the scheduler then treats
that host like any other, and so it does for cold migrations where the driver reports COMPUTE_SAME_HOST_COLD_MIGRATE. A
scenario says whether a server leaves its host, so it leaves the scheduler no choice: the source does not have the
scenario's trait while the move is scheduled. Where a server may not stay, Nova itself ignores its host (Nova,
`compute.api.API.resize`); allocations do not depend on why a host was chosen.
"""

from stocktake.support.errors import Unverified
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.servers.events import ON_COMPUTE, latest

NO_HOST = "No valid host"


def anywhere(context: Context) -> None:
    """Let the scheduler choose among all hosts of the scenario."""
    context.reservations.leave_out(())


def elsewhere(context: Context, name: str) -> None:
    """Let the scheduler choose among the scenario's hosts, except the one that a server is to leave.

    In a scenario about servers that stay on their hosts, it may choose that one, too.
    """
    server = None if context.reservations.may_stay else context.servers.last(name)
    context.reservations.leave_out([server.host] if server is not None and server.host else ())


def allow_staying(context: Context) -> None:
    """Let Nova resize servers to their own host until the scenario ends.

    Where that cannot be set, the cloud may allow it all the same: `check_stay` recognises that it does not.
    """
    context.reservations.may_stay = True
    try:
        hosts.set_option(context, "allow_resize_to_same_host", value=True)
    except Unverified as reason:
        context.reservations.cannot_set = reason


def check_stay(context: Context, name: str) -> None:
    """Raise Unverified if no host was found for a resize, because the cloud seems not to allow the server's own.

    Only where the scenario could not set the option.
    """
    cannot_set = context.reservations.cannot_set
    if cannot_set is not None and no_host_was_found(context, name, "resize"):
        raise Unverified(
            "this cloud seems not to allow resizes to the same host: no valid host was found for one",
            f"set allow_resize_to_same_host = true in nova.conf of the compute API, or: {cannot_set.remedy}",
        )


def no_host_was_found(context: Context, name: str, action: str) -> bool:
    """Return whether the latest action of a server, of this name, failed before any compute host took part in it."""
    refusal = context.answers.refusal
    if refusal is not None:  # before Nova answered before it scheduled
        return NO_HOST in refusal.message
    found = latest(context, action, name)
    return found is not None and found.failed and not any(one.name.startswith(ON_COMPUTE) for one in found.events)
