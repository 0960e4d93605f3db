"""What must be true of every accelerator request: it is bound for a server that Nova has, on that server's host."""

from collections.abc import Iterator

from stocktake.support.accounting.findings import IN_PROGRESS, Finding, Rule
from stocktake.support.accounting.snapshot import Snapshot

BOUND = "Bound"


def wrong_accelerator_requests(snapshot: Snapshot) -> Iterator[Finding]:
    """Find requests that are bound for no server, or on another host than the server's.

    Nova names the host by its compute node (`ComputeTaskManager._create_and_bind_arqs`).
    """
    for request in snapshot.accelerator_requests:
        server = snapshot.server_of.get(request.server or "")
        if server is None:
            for_whom = f'server "{snapshot.name(request.server)}"' if request.server else "no server"
            wrong = f"is {request.state} for {for_whom}, which Nova does not have"
        elif server.host is None:
            wrong = f'is {request.state} for server "{snapshot.name(server.id)}", which has no host'
        elif request.host not in (server.hypervisor_hostname, server.host) or request.state != BOUND:
            where = f'on host "{request.host}"' if request.host else "on no host"
            wrong = f'is {request.state} {where} for server "{snapshot.name(server.id)}" on host "{server.host}"'
        else:
            continue
        busy = server is not None and (server.task_state or server.status == "BUILD")
        yield Finding(
            Rule.ACCELERATOR,
            f"accelerator request {request.id} {wrong}",
            f"openstack accelerator arq show {request.id}",
            server=server.name if server else None,
            consumer=request.server,
            host=request.host,
            doubt=IN_PROGRESS if busy else None,
        )
