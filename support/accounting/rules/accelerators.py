"""What must be true of every accelerator request: it is bound for a server that Nova has, on that server's host; and
of every flavor that asks for accelerators: Cyborg has its device profile."""

from collections.abc import Iterator

from stocktake.support.accounting.accelerators import SPEC
from stocktake.support.accounting.findings import Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.rules.strangers import why_not_accused, why_unsure
from stocktake.support.accounting.snapshot import AcceleratorRequest, Server, Snapshot

BOUND = "Bound"
FOR_NO_SERVER = NotJudged(
    Reason.OTHER_SERVICE,
    "accelerator requests for no server, as any user of Cyborg may make them",
    rules=(Rule.ACCELERATOR,),
)


def wrong_accelerator_requests(snapshot: Snapshot) -> Iterator[Finding | NotJudged]:
    """Find requests that are bound for a server that Nova does not have, or elsewhere than on the server's host."""
    for request in snapshot.accelerator_requests:
        server = snapshot.server_of.get(request.server or "")
        if request.server is None:
            yield FOR_NO_SERVER.about(accelerator_request=request.id)
        elif server is None:
            yield _for_unknown_server(snapshot, request, request.server)
        elif not server.task_state and server.status not in ("BUILD", "UNKNOWN"):
            wrong = _difference(snapshot, request, server)
            if wrong:
                yield _finding(request, wrong, server)


def requests_for_no_server(snapshot: Snapshot) -> Iterator[Finding]:
    """Find requests for no server, which are wrong where only Nova makes requests."""
    for request in snapshot.accelerator_requests:
        if request.server is None:
            yield _finding(request, f"is {request.state} for no server")


def missing_device_profiles(snapshot: Snapshot) -> Iterator[Finding]:
    """Find flavors that name a device profile which Cyborg does not have: no server can be booted with them."""
    for flavor in snapshot.flavors if snapshot.device_profiles is not None else ():
        profile = flavor.extra_specs.get(SPEC)
        if profile and profile not in (snapshot.device_profiles or {}):
            yield Finding(
                Rule.DEVICE_PROFILE,
                f'flavor "{flavor.name}" names device profile "{profile}", which Cyborg does not have',
                "openstack accelerator device profile list",
                flavor=flavor.id,
            )


def _for_unknown_server(snapshot: Snapshot, request: AcceleratorRequest, server: str) -> Finding | NotJudged:
    excuse = why_not_accused(snapshot, server)
    if excuse:
        return excuse.about(accelerator_request=request.id)
    known = "has deleted" if server in snapshot.former else "does not have"
    wrong = f'is {request.state} for server "{snapshot.name(server)}", which Nova {known}'
    return _finding(request, wrong, doubt=why_unsure(snapshot, server, "Cyborg"))


def _difference(snapshot: Snapshot, request: AcceleratorRequest, server: Server) -> str | None:
    """Say how a request differs from where its server is at rest; None if it does not.

    Nova names the host by its compute node (`ComputeTaskManager._create_and_bind_arqs`).
    """
    name = snapshot.name(server.id)
    if server.host is None:
        return f'is {request.state} for server "{name}", which has no host'
    if request.host not in (server.hypervisor_hostname, server.host) or request.state != BOUND:
        where = f'on host "{request.host}"' if request.host else "on no host"
        return f'is {request.state} {where} for server "{name}" on host "{server.host}"'
    root = snapshot.root_of.get(request.provider or "")
    home = snapshot.root_at(server.host, server.hypervisor_hostname)
    if root and home and root != home:
        where = f'on a provider of {snapshot.place(root)} for server "{name}"'
        return f'is {request.state} {where} on host "{server.host}"'
    return None


def _finding(
    request: AcceleratorRequest, wrong: str, server: Server | None = None, *, doubt: str | None = None
) -> Finding:
    return Finding(
        Rule.ACCELERATOR,
        f"accelerator request {request.id} {wrong}",
        f"openstack accelerator arq show {request.id}",
        server=server.name if server else None,
        consumer=request.server,
        host=request.host,
        accelerator_request=request.id,
        doubt=doubt,
    )
