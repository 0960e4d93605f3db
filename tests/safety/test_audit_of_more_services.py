"""`stocktake audit` on a lab with Neutron, Cinder and Cyborg: each kind of damage is found, and nothing else.

Most of the damage is done in the databases of these services, as their APIs do not let anybody do it, and dated back:
what has changed a moment ago is not judged.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from furnished_cloud import SECONDS, Audit
from furnished_cloud import Cloud as FurnishedCloud
from hamcrest import all_of, has_length, has_properties, only_contains
from stocktake.support import lab
from stocktake.support.accounting.accelerators import SPEC
from stocktake.support.accounting.findings import Rule
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ports import EGRESS
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.requests import BootRequest, LiveMigration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import eventually

pytestmark = pytest.mark.lab  # one of its own, which is damaged

SERVICES = ("neutron", "cinder", "cyborg")
SOFT_DELETION = {"nova": {"DEFAULT": {"reclaim_instance_interval": 3600}}}
ATTACHMENTS = "3.44"
FPGA = Resources(FPGA=1)


class Damage(NamedTuple):
    """What was done, the rule that it breaks, and the volume, request, flavor or consumer that is concerned."""

    kind: str
    rule: Rule
    subject: str


class Cloud(FurnishedCloud):
    """A lab of three hosts: servers with volumes, accelerators and ports, and ways to damage what is kept for them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.card = self.clients.accelerators.create_profile("card", [{"resources:FPGA": "1"}])
        fast = Flavor("fast", 1, 256, 1, extra_specs={SPEC: "card"})
        self.flavors["fast"] = str(self.clients.flavors.create(fast).id)
        self.server: dict[str, Server] = {}
        self.volume: dict[str, str] = {}

    # --- what is in order ------------------------------------------------------------------------------------------

    def populate(self) -> None:
        """Boot servers, give them volumes, and bring some into other states."""
        names = ("moved", "resized", "offloaded", "reclaimable", "other host", "detaching", "reserved", "twice", "lost")
        for name in (*names, "half offloaded", "plain"):
            self._boot_one(name)
        for name in (*names, "half offloaded"):
            self.attach(name)
        for name in ("bound", "for another", "elsewhere", "other card", "unbound"):
            self._boot_one(name, flavor="fast")
        for name in ("idle", "for no server", "fresh", "extending", "attaching", "in use by nobody", "of a dead one"):
            self.volume[name] = self.clients.volumes.create(name, 1).id
        idle = (volume for name, volume in self.volume.items() if name not in self.server)
        self.await_volumes(*idle)
        actions, server = self.clients.server_actions, self.server
        actions.live_migrate(server["moved"].id, LiveMigration())
        self.reach(server["moved"].id, has_properties(status="ACTIVE", task_state=None))
        self._bring([server["resized"]], lambda one: actions.resize(one, self.flavors["large"]), "VERIFY_RESIZE")
        self._bring([server["offloaded"], server["half offloaded"]], actions.shelve, "SHELVED_OFFLOADED")
        self._bring([server["reclaimable"]], self.clients.servers.delete, "SOFT_DELETED")
        self._boot_with_port()
        self.attachment(self.volume["for no server"], None)
        self.leave("for no server", "reserved")
        self.leave("extending", "extending")
        self.control.run_periodic()

    def _boot_one(self, name: str, *, flavor: str = "small") -> None:
        (self.server[name],) = self._boot(f"server {name}", 1, flavor=flavor)

    def _boot_with_port(self) -> None:
        networks = self.clients.networks
        network = networks.create_network("net", "physnet0")
        networks.create_subnet("subnet", network, "10.0.0.0/24")
        policy = networks.create_policy("gold")
        networks.guarantee(policy, "egress", kbits=1000)
        port = networks.create_port("port", network, policy)
        made = self.clients.servers.create(BootRequest("ported", self.flavors["small"], self.image, port_id=port))
        self.reach(made.id, has_properties(status="ACTIVE", task_state=None))
        held = self.placement.allocations(made.id).allocations.values()
        assert Resources.total(held)[EGRESS] == 1000

    def attach(self, name: str) -> None:
        """Give a server a volume of its name."""
        volume = self.volume[name] = self.clients.volumes.create(name, 1).id
        self.await_volumes(volume)
        self.clients.server_volumes.attach(self.server[name].id, volume)
        self.await_volumes(volume, status="in-use")

    def await_volumes(self, *volumes: str, status: str = "available") -> None:
        """Wait until volumes have a status, and what is attached is attached."""
        client = self.clients.volumes
        eventually(
            lambda: [client.get(one) for one in volumes],
            all_of(has_length(len(volumes)), only_contains(has_properties(status=status))),
            within=SECONDS,
            what=f"{len(volumes)} volumes to be {status}",
        )

    # --- damage ----------------------------------------------------------------------------------------------------

    def damage(self) -> Iterator[Damage]:
        """Do one damage of each kind."""
        yield from self._damage_attachments()
        yield from self._damage_volumes()
        yield from self._damage_requests()
        missing = Flavor("nowhere", 1, 256, 1, extra_specs={SPEC: "no such card"})
        flavor = str(self.clients.flavors.create(missing).id)
        yield Damage("a flavor without its device profile", Rule.DEVICE_PROFILE, flavor)
        plain = self.server["plain"]
        self.hold(plain.id, {self._card_of(str(plain.host)): FPGA}, add=True)
        yield Damage("an accelerator that no flavor asks for", Rule.AMOUNTS, plain.id)

    def _damage_attachments(self) -> Iterator[Damage]:
        self.attachment(self.volume["of a dead one"], self.boot_and_delete(), host="host1")
        yield self._of("of a dead one", "attached to a server that is gone", "in-use")
        self._edit_attachment("other host", f"attached_host = '{self._other('other host')}'")
        yield self._of("other host", "attached on another host", "in-use")
        self._edit_attachment("half offloaded", "attached_host = 'host1', attach_status = 'attached'")
        yield self._of("half offloaded", "an offloaded server's, connected", "in-use")
        self._edit_attachment("reserved", "attached_host = NULL, attach_status = 'reserved'")
        yield self._of("reserved", "reserved for a running server", "reserved")
        self.attachment(self.volume["twice"], self.server["twice"].id)
        yield self._of("twice", "two attachments", "in-use")
        self._edit_attachment("lost", "deleted = 1, attach_status = 'detached'")
        yield self._of("lost", "a server's, without an attachment in Cinder", "available")

    def _damage_volumes(self) -> Iterator[Damage]:
        for name, kind, status in (
            ("detaching", "left detaching", "detaching"),
            ("attaching", "left attaching", "attaching"),
            ("in use by nobody", "in use without attachments", "in-use"),
        ):
            yield self._of(name, kind, status, Rule.VOLUME_STATUS)
        self.leave("fresh", "attaching", since="-1 minute")

    def _damage_requests(self) -> Iterator[Damage]:
        requests = {one.server: one.id for one in self.clients.accelerators.requests()}
        for name, kind, column, value in (
            ("for another", "bound for a server that is gone", "instance_uuid", self.boot_and_delete()),
            ("elsewhere", "bound on another host", "hostname", self._other("elsewhere")),
            ("other card", "another host's accelerator", "device_rp_uuid", self._card_of(self._other("other card"))),
            ("unbound", "not bound", "state", "BindFailed"),
        ):
            request = requests[self.server[name].id]
            self.edit("cyborg", f"UPDATE extended_accelerator_requests SET {column} = ? WHERE uuid = ?", value, request)
            yield Damage(kind, Rule.ACCELERATOR, request)

    def _of(self, name: str, kind: str, status: str, rule: Rule = Rule.ATTACHMENT) -> Damage:
        self.leave(name, status)
        return Damage(kind, rule, self.volume[name])

    def _other(self, name: str) -> str:
        return next(host for host in ("host1", "host2", "host3") if host != self.server[name].host)

    def _card_of(self, host: str) -> str:
        listed = self.placement.providers()
        (card,) = (one.uuid for one in listed if one.name.startswith(f"{host}_") and "FakeDevice" in one.name)
        return card

    def _edit_attachment(self, name: str, change: str) -> None:
        volume = self.volume[name]
        self.edit("cinder", f"UPDATE volume_attachment SET {change} WHERE volume_id = ? AND deleted = 0", volume)

    def attachment(self, volume: str, server: str | None, host: str | None = None) -> str:
        """Make an attachment as any client of Cinder can: reserved, or connected on a host."""
        session = self.clients.session
        path = f"/{session.project_id}/attachments"
        body: dict[str, Any] = {"volume_uuid": volume, **({"instance_uuid": server} if server else {})}
        if host:
            body["connector"] = {"host": host, "initiator": "iqn", "ip": "192.0.2.1", "multipath": False}
        made = session.request("POST", "volume", path, json={"attachment": body}, microversion=ATTACHMENTS)
        attachment = str(made.body["attachment"]["id"])
        if host:
            done = {"os-complete": {}}
            session.request("POST", "volume", f"{path}/{attachment}/action", json=done, microversion=ATTACHMENTS)
        return attachment

    def leave(self, name: str, status: str, since: str = "-1 day") -> None:
        """Let a volume be in a status, since a day ago or since another time before now."""
        statement = "UPDATE volumes SET status = ?, updated_at = datetime('now', ?) WHERE id = ?"
        self.edit("cinder", statement, status, since, self.volume[name])

    def edit(self, service: str, statement: str, *values: object) -> None:
        """Change what a service has stored, as no API does."""
        path = self.lab.folder / service / f"{service}.sqlite"
        with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
            assert connection.execute(statement, values).rowcount == 1, statement


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    running = lab.start(hosts=3, owner=os.getpid(), shape=Shape(options=SOFT_DELETION, services=SERVICES))
    try:
        made = Cloud(running)
        made.populate()
        yield made
    finally:
        running.stop()


def found(audit: Audit) -> set[tuple[str, str]]:
    names = ("volume", "accelerator_request", "flavor", "consumer")
    return {(one["rule"], next(filter(None, (one[name] for name in names)), one["host"])) for one in audit.findings}


def test_what_servers_have_of_these_services_is_in_order(cloud: Cloud) -> None:
    audit = cloud.audit()
    assert (audit.status, audit.findings) == (0, [])
    (unused,) = audit.not_judged
    assert (unused["reason"], unused["volumes"]) == ("other-service", [cloud.volume["for no server"]])


def test_each_kind_of_damage_is_found_and_nothing_else(cloud: Cloud) -> None:
    damages = {(one.rule.value, one.subject): one.kind for one in cloud.damage()}
    audit = cloud.audit()
    told = {key: damages.get(key, "not done") for key in found(audit)}
    assert told == damages
    doubted = {damages[one["rule"], one["volume"]] for one in audit.findings if one["doubt"]}
    assert doubted == {"left attaching"}, "nobody knows for whom"
    not_judged = {one["reason"]: one["volumes"] for one in audit.not_judged}
    assert not_judged == {
        "other-service": [cloud.volume["for no server"]],
        "recent-change": [cloud.volume["fresh"]],
    }
