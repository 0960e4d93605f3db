"""How much room the hosts of a cloud have."""

from collections.abc import Sequence

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import none_if_missing
from stocktake.support.hosts.compute_hosts import ComputeHosts

HOSTS_SHOWN = 20
FAMILIAR = ("VCPU", "PCPU", "MEMORY_MB", "DISK_GB")
"""The resource classes that flavors' sizes are allocated of."""


def shown_room(clients: Clients, compute_hosts: ComputeHosts, hosts: Sequence[str]) -> str:
    """Say what is free on the first hosts, as Placement knows it; without those that have no provider."""
    lines = []
    for host in hosts[:HOSTS_SHOWN]:
        for node in compute_hosts.nodes(host)[:1]:
            free = _free(clients, node.id)
            if free is not None:
                lines.append(f"{host}: {free}")
    return "; ".join(lines)


def _free(clients: Clients, provider: str) -> Resources | None:
    found = none_if_missing(lambda: clients.placement.inventories(provider))
    if found is None:
        return None
    return (found.capacity - clients.placement.usages(provider)).only(FAMILIAR)
