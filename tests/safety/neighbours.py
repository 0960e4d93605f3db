"""Other people on the same cloud: what they have there, and what they do while Stocktake works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sites
from hamcrest import has_properties, none
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute import Compute
from stocktake.support.api.session import Session
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
            self._user = Compute(Session(Target.load("lab-user")))
        self._image = self._admin.images.choose().id
        self.flavor = self._admin.compute.create_flavor(SMALL)

    def settle(self, hosts: int) -> None:
        """Boot a user's servers until there is one on each of so many hosts; leave a trait and an aggregate there."""
        compute, placement = self._admin.compute, self._admin.placement
        placement.create_trait(TRAIT)
        aggregate = compute.create_aggregate("bystanders")
        occupied: set[str | None] = set()
        for number in range(MOST_SERVERS):
            if len(occupied) < hosts:
                occupied.add(compute.get_server(self.boot(f"bystander-{number}")).host)
        for host in filter(None, occupied):
            placement.add_trait(compute.hypervisors_of(host)[0].id, TRAIT)
            compute.add_to_aggregate(aggregate.id, host)

    def boot(self, name: str, zone: str | None = None) -> str:
        """Boot a server and wait for it. As an administrator where a zone names a host, which users may not."""
        compute = self._admin.compute if zone else self._user
        made = compute.create_server(name, str(self.flavor.id), image_id=self._image, zone=zone)
        eventually(
            lambda: compute.find_server(made.id),
            has_properties(status="ACTIVE", task_state=None),
            within=SECONDS,
            what=f"{name} to be ACTIVE",
        )
        return made.id

    def delete(self, server_id: str) -> None:
        """Delete a server and wait until it is gone and holds nothing."""
        compute = self._admin.compute
        compute.delete_server(server_id)
        eventually(lambda: compute.find_server(server_id), none(), within=SECONDS, what="a bystander to be gone")

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
        compute, placement = self._admin.compute, self._admin.placement
        for server in compute.servers(name="^(bystander|neighbour)-", all_projects=True):
            self.delete(server.id)
        for aggregate in compute.aggregates():
            if aggregate.name == "bystanders":
                for host in aggregate.hosts:
                    compute.remove_from_aggregate(aggregate.id, host)
                compute.delete_aggregate(aggregate.id)
        if TRAIT in placement.traits(prefix=TRAIT):
            for provider in placement.providers(required=[TRAIT]):
                placement.remove_trait(provider.uuid, TRAIT)
            placement.delete_trait(TRAIT)
        compute.delete_flavor(str(self.flavor.id))


def zone_of(site: sites.Site, host: str) -> str:
    """How a host is forced in a boot request."""
    service: Any = site.clients.compute.service(host)
    return f"{service.zone}:{service.host}"
