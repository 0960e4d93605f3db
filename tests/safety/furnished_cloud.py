"""A lab with servers in all states, on hosts with children, beside shared storage and other services' providers."""

import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import sites
import yaml
from hamcrest import all_of, assert_that, equal_to, has_length, has_properties, is_not, none, only_contains
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.requests import BootRequest, ColdMigration, Evacuation, LiveMigration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Inventory
from stocktake.support.hosts.control import control_of
from stocktake.support.lab.client import Lab
from stocktake.support.waiting import eventually

SECONDS = 120.0
SERVERS_ON = {"host1": 6, "host2": 6, "host3": 6, "host4": 4, "host5": 3, "host6": 2}
SERVERS = sum(SERVERS_ON.values()) + 3
FIRST_CELL, SECOND_CELL = ("host1", "host2", "host3", "host4"), ("host5", "host6")
SHARE = Resources(VCPU=1, MEMORY_MB=256, DISK_GB=1)
BANDWIDTH = Resources(NET_BW_EGR_KILOBIT_PER_SEC=1000)
CAN_BE_DELETED = re.compile(r"Allocations for consumer UUID (\S+) on Resource Provider (\S+) can be deleted")


@dataclass
class Audit:
    """What `stocktake audit` says: its exit status, findings by rule and subject, and what it has not judged."""

    status: int
    findings: list[dict[str, Any]]
    not_judged: list[dict[str, Any]]

    @property
    def found(self) -> set[tuple[str, str]]:
        """Each finding by its rule, and the consumer, provider or host that it is about."""
        return {(one["rule"], one["consumer"] or one["provider"] or one["host"]) for one in self.findings}


@dataclass
class Cloud:
    """A lab of two cells: four hosts in the first, two in the second. `near` and `far` are hosts with children."""

    lab: Lab
    flavors: dict[str, str] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    near: str = ""
    far: str = ""
    _providers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = sites.Site(self.lab.clouds_yaml)
        self.clients = self.site.clients
        self.placement = self.clients.placement
        with sites.looking_at(self.lab.clouds_yaml):
            self.control = control_of(self.clients.target)
        self.image = self.clients.images.choose().id
        for flavor in (
            Flavor("small", 1, 256, 1),
            Flavor("large", 2, 512, 2),
            Flavor("huge", 1, 99_000_000, 1),
            Flavor("gone", 1, 300, 1),
        ):
            self.flavors[flavor.name] = str(self.clients.flavors.create(flavor).id)

    # --- servers in all states -------------------------------------------------------------------------------------

    def populate(self) -> None:
        """Boot the servers, then bring them into their states; one of the hosts of the first cell is down then."""
        booted = {host: self._boot(f"server-{host}", count, host=host) for host, count in SERVERS_ON.items()}
        self._boot("nowhere", 2, flavor="huge", status="ERROR")
        resized = self._boot("resized", 1, flavor="gone", host="host1")[0]
        first = [server for host in FIRST_CELL for server in booted[host]]
        second = [server for host in SECOND_CELL for server in booted[host]]
        actions = self.clients.server_actions
        self._bring([*first[:4], second[0]], actions.stop, "SHUTOFF")
        self._bring([*first[4:6], second[1]], lambda one: actions.resize(one, self.flavors["large"]), "VERIFY_RESIZE")
        self._bring(first[6:9], lambda one: actions.migrate(one, ColdMigration()), "VERIFY_RESIZE")
        self._bring(first[6:8], actions.confirm_resize, "ACTIVE")
        self._bring(first[8:9], actions.revert_resize, "ACTIVE")
        self._bring(first[9:12], actions.shelve, "SHELVED_OFFLOADED")
        self._bring([first[12], second[2]], lambda one: actions.reset_state(one, "error"), "ERROR")
        self._bring(first[13:14], lambda one: actions.live_migrate(one, LiveMigration()), "ACTIVE")
        self._bring([first[14], second[3]], self.clients.servers.delete, "SOFT_DELETED")
        self._bring([resized], lambda one: actions.resize(one, self.flavors["large"]), "VERIFY_RESIZE")
        self.clients.flavors.delete(self.flavors["gone"])
        self._evacuate(FIRST_CELL[-1])
        self.control.run_periodic()

    def _evacuate(self, host: str) -> None:
        """Stop a host, and evacuate what runs there."""
        there = [server for server in self.servers("ACTIVE") if server.host == host]
        assert there
        self.provider(host)
        self.control.stop_host(host)
        eventually(lambda: self.clients.services.get(host).state, equal_to("down"), within=SECONDS, what="a host down")
        for server in there:
            self.clients.server_actions.evacuate(server.id, Evacuation())
        for server in there:
            self.reach(server.id, all_of(has_properties(task_state=None), is_not(has_properties(host=host))))

    def _boot(
        self, name: str, count: int, *, flavor: str = "small", status: str = "ACTIVE", host: str | None = None
    ) -> list[Server]:
        self.clients.servers.create_together(BootRequest(name, self.flavors[flavor], self.image, host=host), count)
        return eventually(
            lambda: [one for one in self.clients.servers.all(all_projects=True) if one.name.startswith(name)],
            all_of(has_length(count), only_contains(has_properties(status=status, task_state=None))),
            within=SECONDS,
            what=f"{count} servers to be {status}",
        )

    def _bring(self, servers: list[Server], ask: Callable[[str], object], status: str) -> None:
        for server in servers:
            ask(server.id)
        for server in servers:
            self.reach(server.id, has_properties(status=status, task_state=None))

    def reach(self, server_id: str, matcher: Any) -> None:
        """Wait until a server is as it should be."""
        eventually(lambda: self.clients.servers.get(server_id), matcher, within=SECONDS, what="a server to get there")

    def boot_and_delete(self) -> str:
        """Boot a server and delete it for good; return its id."""
        server = self._boot("deleted", 1)[0].id
        self.clients.server_actions.force_delete(server)
        eventually(lambda: self.clients.servers.find(server), none(), within=SECONDS, what="a server to be deleted")
        eventually(
            lambda: self.placement.allocations(server).allocations, equal_to({}), within=SECONDS, what="it to be freed"
        )
        return server

    def servers(self, status: str, *, cell: int = 1) -> list[Server]:
        """The servers of a status: on hosts of the second cell, or all others."""
        listed = [*self.clients.servers.all(all_projects=True), *self.clients.servers.soft_deleted()]
        return [one for one in listed if one.status == status and (one.host in SECOND_CELL) == (cell == 2)]

    def provider(self, host: str) -> str:
        """The root provider of a host."""
        if host not in self._providers:  # Nova lists no compute nodes while a cell is down
            self._providers[host] = self.clients.hypervisors.of_host(host)[0].id
        return self._providers[host]

    # --- providers beside the hosts --------------------------------------------------------------------------------

    def furnish(self) -> None:
        """Make the children that libvirt, Neutron and Cyborg make below hosts, shared storage, and another's root."""
        running = Counter(str(server.host) for server in self.servers("ACTIVE"))
        self.near, self.far = (host for host, _ in running.most_common(2))
        for host in (self.near, self.far):
            root = self.provider(host)
            self._make(f"{host}_pci_0000_81_00_0", {"VGPU": 16}, "OWNER_NOVA", parent=root)
            agent = self._make(f"{host}:Open vSwitch agent", {}, parent=root)
            bridge = f"{host}:Open vSwitch agent:br-physnet0"
            self._make(bridge, BANDWIDTH * 1000, "CUSTOM_PHYSNET_PHYSNET0", parent=agent)
            self._make(f"{host}_FPGA_0000:3b:00.0", {"FPGA": 9}, "OWNER_CYBORG", parent=root)
        storage = self._make("shared-storage", {"DISK_GB": 1000}, "MISC_SHARES_VIA_AGGREGATE")
        group = str(uuid4())
        for provider in (storage, *(self.provider(host) for host in FIRST_CELL)):
            self.placement.set_provider_aggregates(provider, {group})
        self._make("subnet", {"IPV4_ADDRESS": 100})

    def _make(self, name: str, totals: Mapping[str, int], *traits: str, parent: str | None = None) -> str:
        uuid = self.children[name] = self.placement.create_provider(name, parent=parent).uuid
        for resource_class, total in totals.items():
            self.placement.set_inventory(uuid, resource_class, Inventory(total=total))
        for trait in traits:
            if trait.startswith("CUSTOM_"):
                self.clients.traits.create(trait)
            self.clients.traits.add(uuid, trait)
        return uuid

    def hold(
        self,
        consumer: str,
        allocations: Mapping[str, Resources],
        *,
        project: str | None = None,
        user: str | None = None,
        add: bool = False,
    ) -> str:
        """Replace what a consumer holds, or `add` to it, or change to whom it is charged, by Placement's API."""
        held = self.placement.allocations(consumer)
        session = self.clients.session
        self.placement.set_allocations(
            consumer,
            {**(held.allocations if add else {}), **allocations},
            generation=held.generation if held.allocations else None,
            project_id=project or held.project_id or session.project_id,
            user_id=user or held.user_id or session.user_id,
        )
        return consumer

    def hold_as(self, kind: str, provider: str, resources: Resources) -> str:
        """Let a new consumer of a type hold something, as a service does for a user's thing."""
        consumer, session = str(uuid4()), self.clients.session
        body = {
            "allocations": {provider: {"resources": resources.as_json()}},
            "project_id": session.project_id,
            "user_id": session.user_id,
            "consumer_generation": None,
            "consumer_type": kind,
        }
        session.request("PUT", "placement", f"/allocations/{consumer}", json=body, microversion="1.38")
        return consumer

    def edit_database(self, statement: str, *values: object) -> None:
        """Change what Nova has stored of the first cell, as no API does."""
        with closing(sqlite3.connect(self.lab.folder / "nova" / "cell1.sqlite", timeout=30)) as connection, connection:
            assert connection.execute(statement, values).rowcount == 1

    # --- the two audits --------------------------------------------------------------------------------------------

    def audit(self, clouds_yaml: Path | None = None) -> Audit:
        """Run `stocktake audit`, for which the periodic tasks of hosts have run a moment ago, and judge all servers.

        `clouds_yaml` may lead to the lab in another way.
        """
        clouds = yaml.safe_load((clouds_yaml or self.lab.clouds_yaml).read_text())
        clouds["clouds"]["lab"].setdefault("stocktake", {})["periodic_interval"] = 0.1
        quick = self.lab.clouds_yaml.with_name("quick.yaml")
        quick.write_text(yaml.safe_dump(clouds))
        ended = subprocess.run(
            [sys.executable, "-m", "stocktake.support.cli", "audit", "--cloud=lab", "--format=json"],
            cwd=sites.ROOT,
            env=sites.environment(quick),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.stdout, ended.stderr
        told = json.loads(ended.stdout)
        return Audit(ended.returncode, told["findings"], told["not_judged"])

    def nova_manage_audit(self) -> set[str]:
        """Run `nova-manage placement audit`; return the consumers whose allocations, it says, can be deleted.

        Those of evacuated servers on their dead host, which it says that of as well, are left out.
        """
        status, said = self.control.nova_manage("placement", "audit", "--verbose")
        assert_that(status, equal_to(3), said)
        dead = {self.provider(one.host) for one in self.clients.services.in_every_cell()[0] if not one.up}
        return {consumer for consumer, provider in CAN_BE_DELETED.findall(said) if provider not in dead}
