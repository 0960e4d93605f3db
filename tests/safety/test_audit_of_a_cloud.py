"""`stocktake audit` on a real cloud: servers in all states are in order, and each kind of damage is found."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sites
from hamcrest import all_of, assert_that, equal_to, has_length, has_properties, is_not, only_contains
from stocktake.support import lab
from stocktake.support.accounting.findings import Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.requests import BootRequest, ColdMigration, Evacuation, LiveMigration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.placement.values import Inventory
from stocktake.support.hosts.control import control_of
from stocktake.support.waiting import eventually

pytestmark = pytest.mark.lab  # one of its own, which is damaged

SECONDS = 120.0
SERVERS = 30
DAMAGE = set(Rule) - {Rule.USAGE}
"""Placement adds usages up from allocations whenever it is asked: no request makes them differ."""


class Cloud:
    """A lab with 30 servers in all states."""

    def __init__(self, clouds_yaml: Path):
        self.clouds_yaml = clouds_yaml
        self.site = sites.Site(clouds_yaml)
        self.clients = self.site.clients
        self.placement = self.clients.placement
        with sites.looking_at(clouds_yaml):
            self.control = control_of(self.clients.target)
        self.image = self.clients.images.choose().id
        self.flavors = {
            flavor.name: str(self.clients.flavors.create(flavor).id)
            for flavor in (Flavor("small", 1, 256, 1), Flavor("large", 2, 512, 2), Flavor("huge", 1, 99_000_000, 1))
        }

    def populate(self) -> None:
        """Boot the servers, then bring them into their states; ends with one of four hosts down, and one empty."""
        names = [self._boot("server", 28), self._boot("nowhere", 2, flavor="huge", status="ERROR")]
        servers = sorted((server for booted in names for server in booted), key=lambda server: server.name)
        active = [server for server in servers if server.status == "ACTIVE"]
        actions = self.clients.server_actions
        self._bring(active[:4], actions.stop, "SHUTOFF")
        self._bring(active[4:8], lambda one: actions.resize(one, self.flavors["large"]), "VERIFY_RESIZE")
        self._bring(active[8:11], lambda one: actions.migrate(one, ColdMigration()), "VERIFY_RESIZE")
        self._bring(active[8:10], actions.confirm_resize, "ACTIVE")
        self._bring(active[10:11], actions.revert_resize, "ACTIVE")
        self._bring(active[11:15], actions.shelve, "SHELVED_OFFLOADED")
        self._bring(active[15:17], lambda one: actions.reset_state(one, "error"), "ERROR")
        self._bring(active[17:18], lambda one: actions.live_migrate(one, LiveMigration()), "ACTIVE")
        self.evacuate()

    def evacuate(self) -> None:
        """Stop a host, and evacuate what runs there."""
        host = next(server.host for server in self.servers("ACTIVE"))
        there = [server for server in self.servers("ACTIVE") if server.host == host]
        self.control.stop_host(str(host))
        eventually(
            lambda: self.clients.services.get(str(host)).state, equal_to("down"), within=SECONDS, what="a host down"
        )
        for server in there:
            self.clients.server_actions.evacuate(server.id, Evacuation())
        for server in there:
            self._await(server.id, all_of(has_properties(task_state=None), is_not(has_properties(host=host))))

    def _boot(self, name: str, count: int, *, flavor: str = "small", status: str = "ACTIVE") -> list[Server]:
        self.clients.servers.create_together(BootRequest(name, self.flavors[flavor], self.image), count)
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
            self._await(server.id, has_properties(status=status, task_state=None))

    def _await(self, server_id: str, matcher: object) -> None:
        eventually(lambda: self.clients.servers.get(server_id), matcher, within=SECONDS, what="a server to get there")

    def servers(self, status: str) -> list[Server]:
        return [server for server in self.clients.servers.all(all_projects=True) if server.status == status]

    def provider(self, server: Server) -> str:
        found = self.placement.find_provider(str(server.hypervisor_hostname))
        assert found
        return found.uuid

    def charge(self, consumer: str, allocations: dict[str, Resources], *, project: str | None = None) -> None:
        """Replace what a consumer holds, or the project that pays for it, by Placement's API."""
        held = self.placement.allocations(consumer)
        session = self.clients.session
        self.placement.set_allocations(
            consumer,
            allocations,
            generation=held.generation if held.allocations else None,
            project_id=project or held.project_id or session.project_id,
            user_id=held.user_id or session.user_id,
        )

    def audit(self) -> tuple[int, list[dict[str, str]]]:
        """Run the command; return its exit status and its findings."""
        ended = subprocess.run(
            [sys.executable, "-m", "stocktake.support.cli", "audit", "--cloud=lab", "--json"],
            cwd=sites.ROOT,
            env=sites.environment(self.clouds_yaml),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.stdout, ended.stderr
        told = json.loads(ended.stdout)
        assert told["read"]["servers"] == SERVERS
        return ended.returncode, told["findings"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    running = lab.start(hosts=4, owner=os.getpid())
    try:
        populated = Cloud(running.clouds_yaml)
        populated.populate()
        yield populated
    finally:
        running.stop()


def test_thirty_servers_in_all_states_are_in_order(cloud):
    assert_that(
        {server.status for server in cloud.clients.servers.all(all_projects=True)},
        equal_to({"ACTIVE", "ERROR", "SHELVED_OFFLOADED", "SHUTOFF", "VERIFY_RESIZE"}),
    )
    assert cloud.audit() == (0, [])


def test_each_kind_of_damage_is_found_and_nothing_else(cloud):
    planted = plant(cloud)
    assert set(planted) == DAMAGE
    status, findings = cloud.audit()
    found = {Rule(one["rule"]): one for one in findings}
    assert {rule: found[rule]["consumer"] or found[rule]["provider"] for rule in found} == planted
    assert len(findings) == len(planted)
    assert all(one["command"] and one["host"] for one in findings)
    assert status == 1


def plant(cloud: Cloud) -> dict[Rule, str]:
    """Do one damage of each kind through Placement's API; return the consumer, or else the provider, of each."""
    stopped, resizing = cloud.servers("SHUTOFF"), cloud.servers("VERIFY_RESIZE")
    hosts = {cloud.provider(server) for server in [*stopped, *resizing]}
    elsewhere = {server.id: next(iter(hosts - {cloud.provider(server)})) for server in stopped}
    moved, doubled, bare, odd = stopped
    share = Resources(VCPU=1, MEMORY_MB=256, DISK_GB=1)
    planted: dict[Rule, str] = {}

    def charged(rule: Rule, consumer: str, allocations: dict[str, Resources]) -> None:
        cloud.charge(consumer, allocations)
        planted[rule] = consumer

    charged(Rule.OTHER_HOST, moved.id, {elsewhere[moved.id]: share})
    charged(Rule.DOUBLED, doubled.id, {cloud.provider(doubled): share, elsewhere[doubled.id]: share})
    charged(Rule.MISSING, bare.id, {})
    charged(Rule.AMOUNTS, odd.id, {cloud.provider(odd): Resources(VCPU=3, MEMORY_MB=256, DISK_GB=1)})
    home = cloud.provider(odd)
    charged(Rule.UNKNOWN_CONSUMER, str(uuid4()), {home: Resources(VCPU=1)})
    charged(Rule.OFFLOADED, cloud.servers("SHELVED_OFFLOADED")[0].id, {home: share})
    charged(Rule.FAILED_BOOT, next(one.id for one in cloud.servers("ERROR") if not one.host), {home: share})
    over = next(one for one in cloud.clients.migrations.all() if one.status == "confirmed")
    charged(Rule.FINISHED_MIGRATION, str(over.uuid), {home: share})

    running = cloud.servers("ACTIVE")[0]
    held = cloud.placement.allocations(running.id).allocations
    cloud.charge(running.id, dict(held), project=str(uuid4()))
    planted[Rule.OTHER_PROJECT] = running.id

    crowded = next(iter(hosts - {home}))
    inventory = cloud.placement.inventories(crowded).inventories["MEMORY_MB"]
    tight = replace(inventory, total=inventory.reserved + 1, max_unit=1, allocation_ratio=1.0)
    cloud.placement.set_inventory(crowded, "MEMORY_MB", tight)
    planted[Rule.CAPACITY] = crowded

    added = cloud.control.add_host("LabDriver")
    node = cloud.clients.hypervisors.of_host(added)[0]
    cloud.placement.delete_provider(node.id)
    planted[Rule.NO_PROVIDER] = node.id
    imposter = cloud.placement.create_provider("never-a-compute-node").uuid
    cloud.placement.set_inventory(imposter, "MEMORY_MB", Inventory(total=1024))
    planted[Rule.NO_COMPUTE_NODE] = imposter
    return planted
