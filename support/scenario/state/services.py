"""The compute services of a scenario's hosts."""

from collections.abc import Sequence

from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.hosts.roles import ComputeHost


class ServiceReader:
    """Reads the compute services of hosts, again only when a request has changed one of them.

    What the control does to a host is told to Nova by such a request, as a service that is down is only noticed in
    time.
    """

    def __init__(self, clients: Clients):
        self._clients = clients
        self._kept: dict[ComputeHost, tuple[int, Sequence[ComputeService]]] = {}

    def of(self, host: ComputeHost) -> Sequence[ComputeService]:
        """Return the compute services of a host, none if it was retired."""
        changes, services = self._kept.get(host, (-1, ()))
        if changes != self._changes(services):
            services = self._clients.services.all(host=host.service)
            self.keep(host, services)
        return services

    def keep(self, host: ComputeHost, services: Sequence[ComputeService]) -> None:
        """Remember what was just read of a host."""
        self._kept[host] = self._changes(services), services

    def forget(self) -> None:
        """Read all services again next time."""
        self._kept.clear()

    def _changes(self, services: Sequence[ComputeService]) -> int:
        """Return how many requests were meant to change one of these services."""
        changed = self._clients.session.changed
        return sum(changed[f"os-services/{service.id}"] for service in services)
