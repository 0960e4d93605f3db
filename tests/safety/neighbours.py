"""Other people on the same cloud: what they have there, and what they do while Stocktake works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sites
from hamcrest import has_properties, none
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.config.target import Target
from stocktake.support.waiting import eventually

SMALL = Flavor("bystander.small", 1, 256, 1)
TRAIT = "CUSTOM_BYSTANDER"
SECONDS = 120.0
MOST_SERVERS = 12


class Bystanders:
    """Servers, a flavor, a trait and an aggregate that are not Stocktake's; the servers are an ordinary user's."""

    def __init__(self, site: sites.Site):
        self._site = site
        self._admin = site.clients
        with sites.looking_at(site.clouds_yaml):
            self._user = Clients.of(Target.load("lab-user"))
        self._image = self._admin.images.choose().id
        self.flavor = self._admin.flavors.create(SMALL)

    def settle(self, hosts: int) -> None:
        """Boot a user's servers until there is one on each of so many hosts; leave a trait and an aggregate there."""
        admin = self._admin
        admin.traits.create(TRAIT)
        aggregate = admin.aggregates.create("bystanders")
        occupied: set[str | None] = set()
        for number in range(MOST_SERVERS):
            if len(occupied) < hosts:
                occupied.add(admin.servers.get(self.boot(f"bystander-{number}")).host)
        for host in filter(None, occupied):
            admin.traits.add(admin.hypervisors.of_host(host)[0].id, TRAIT)
            admin.aggregates.add_host(aggregate.id, host)

    def boot(self, name: str, zone: str | None = None) -> str:
        """Boot a server and wait for it. As an administrator where a zone names a host, which users may not.

        Raises TookTooLong, or Hopeless when the server is in ERROR.
        """
        clients = self._admin if zone else self._user
        made = clients.servers.create(BootRequest(name, str(self.flavor.id), self._image, zone=zone))
        eventually(
            lambda: clients.servers.find(made.id),
            has_properties(status="ACTIVE", task_state=None),
            within=SECONDS,
            what=f"{name} to be ACTIVE",
            hopeless=lambda server: "it is in ERROR" if server and server.status == "ERROR" else None,
        )
        return made.id

    def delete(self, server_id: str) -> None:
        """Delete a server and wait until it is gone and holds nothing."""
        admin = self._admin
        admin.servers.delete(server_id)
        eventually(lambda: admin.servers.find(server_id), none(), within=SECONDS, what="a bystander to be gone")

    @contextmanager
    def coming_and_going(self, zone: str) -> Iterator[list[str]]:
        """Boot and delete servers on a host one after another until the block ends; yields the ids of all."""
        over, seen, failed = threading.Event(), [], []

        def live() -> None:
            try:
                while not over.is_set():
                    seen.append(self.boot(f"neighbour-{len(seen)}", zone))
                    self.delete(seen[-1])
            except BaseException as error:  # noqa: BLE001 - told by whoever has started this
                failed.append(error)

        thread = threading.Thread(target=live)
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()
        if failed:
            raise failed[0]

    def leave(self) -> None:
        """Take everything away."""
        admin = self._admin
        for server in admin.servers.all(name="^(bystander|neighbour)-", all_projects=True):
            self.delete(server.id)
        for aggregate in admin.aggregates.all():
            if aggregate.name == "bystanders":
                for host in aggregate.hosts:
                    admin.aggregates.remove_host(aggregate.id, host)
                admin.aggregates.delete(aggregate.id)
        if TRAIT in admin.traits.all(prefix=TRAIT):
            for provider in admin.placement.providers(required=[TRAIT]):
                admin.traits.remove(provider.uuid, TRAIT)
            admin.traits.delete(TRAIT)
        admin.flavors.delete(str(self.flavor.id))


def zone_of(site: sites.Site, host: str) -> str:
    """How a host is forced in a boot request."""
    service: Any = site.clients.services.get(host)
    return f"{service.zone}:{service.host}"
