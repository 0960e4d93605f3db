"""Fills the databases of a lab: thousands of compute hosts and servers that Nova and Placement serve like any others.

The rows are copies of those of one host and one server that Nova itself has made, so that they have the form which
this release of Nova gives them. The services of the copied hosts do not run: nothing can be done with their servers.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from hamcrest import has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.api.compute.server_values import Server
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import eventually

ALWAYS_UP = Shape(options={"nova": {"DEFAULT": {"service_down_time": 100_000_000}}})
"""The shape of a lab in which services count as up that have never reported."""

PATTERN = Flavor("pattern", vcpus=1, ram=256, disk=1)
"""The flavor of all servers."""

SERVERS_OF_A_PROJECT = 100
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5)
"""When the first of the further servers was created and last changed, each other one a second later, as Nova's lists
are ordered by that. Nothing can be under way on their hosts."""

OF_A_SERVER = ("instance_extra", "instance_info_caches", "instance_system_metadata", "block_device_mapping")
"""The tables of a cell's database with what else Nova keeps of a server."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """Wrong allocations: of nobody, and those that servers have beside their own (by consumer), and those that
    Placement counts as used but lists for nobody (by provider)."""

    orphans: frozenset[str]
    doubled: frozenset[str]
    unlisted: frozenset[str]


def boot_pattern(clients: Clients) -> Server:
    """Boot the server that all others are copies of."""
    flavor = clients.flavors.create(PATTERN)
    booted = clients.servers.create(BootRequest("server", str(flavor.id), clients.images.choose().id))
    return eventually(
        lambda: clients.servers.get(booted.id),
        has_properties(status="ACTIVE", task_state=None),
        within=60,
        what="the first server to be ACTIVE",
    )


class Filling:
    """The databases of a lab with one server. Its host's provider and the server's consumer are the patterns."""

    def __init__(self, folder: Path, server: Server):
        self._nova = folder / "nova"
        self._placement = folder / "placement" / "placement.sqlite"
        self._server = server
        self._hosts: list[tuple[str, str, int]] = []  # name, uuid of the node, id of the node
        self._servers: list[tuple[str, str, int]] = []  # uuid, project, number of its host

    def fill(self, hosts: int, servers_of_a_host: int) -> None:
        """Have so many further hosts, with so many further servers on each."""
        servers = hosts * servers_of_a_host
        self._add_hosts(hosts, servers_of_a_host)
        self._servers = [
            (str(uuid4()), f"{number // SERVERS_OF_A_PROJECT:032x}", number % hosts) for number in range(servers)
        ]
        self._add_servers()
        with _editing(self._placement) as database:
            self._add_providers(database)
            self._add_consumers(database)

    def plant(self, orphans: int, doubled: int, unlisted: int) -> Planted:
        """Charge hosts for consumers that nobody knows, once more for servers that are elsewhere, and for consumers
        of which the record is lost, as allocations have it that are older than these records."""
        of_nobody = [str(uuid4()) for _ in range(orphans)]
        twice = self._servers[:: max(1, len(self._servers) // doubled)][:doubled]
        crowded = self._hosts[-unlisted:]
        with _editing(self._placement) as database:
            pattern = _one(database, "consumers", uuid=self._server.id)
            _insert(database, "consumers", ({**pattern, "uuid": consumer} for consumer in of_nobody))
            providers = dict(database.execute("SELECT uuid, id FROM resource_providers"))
            wrong = [(consumer, number % len(self._hosts)) for number, consumer in enumerate(of_nobody)]
            wrong += [(consumer, (host + 1) % len(self._hosts)) for consumer, _project, host in twice]
            self._charge(database, ((consumer, providers[self._hosts[host][1]]) for consumer, host in wrong))
            self._charge(database, ((str(uuid4()), providers[uuid]) for _, uuid, _ in crowded))
        consumers = (frozenset(of_nobody), frozenset(consumer for consumer, *_ in twice))
        return Planted(*consumers, frozenset(uuid for _, uuid, _ in crowded))

    def _add_hosts(self, hosts: int, servers: int) -> None:
        name = str(self._server.host)
        named = [(f"copied-{number:05}", str(uuid4())) for number in range(hosts)]
        with _editing(self._nova / "cell1.sqlite") as cell:
            service = _one(cell, "services", host=name, binary="nova-compute")
            _insert(cell, "services", ({**service, "host": host, "uuid": str(uuid4())} for host, _ in named))
            node = _one(cell, "compute_nodes", host=name)
            node |= _figures(node, servers)
            copies = ({**node, "host": host, "hypervisor_hostname": host, "uuid": uuid} for host, uuid in named)
            _insert(cell, "compute_nodes", copies)
            ids = dict(cell.execute("SELECT uuid, id FROM compute_nodes"))
        with _editing(self._nova / "api.sqlite") as api:
            mapping = _one(api, "host_mappings", host=name)
            _insert(api, "host_mappings", ({**mapping, "host": host} for host, _ in named))
        self._hosts = [(host, uuid, ids[uuid]) for host, uuid in named]

    def _add_servers(self) -> None:
        with _editing(self._nova / "cell1.sqlite") as cell:
            pattern = _one(cell, "instances", uuid=self._server.id)
            copies = (self._instance(pattern, number, *server) for number, server in enumerate(self._servers))
            _insert(cell, "instances", copies)
            for table in OF_A_SERVER:
                for row in _all(cell, table, instance_uuid=self._server.id):
                    _insert(cell, table, (_with_uuid({**row, "instance_uuid": uuid}) for uuid, *_ in self._servers))
        with _editing(self._nova / "api.sqlite") as api:
            mapping = _one(api, "instance_mappings", instance_uuid=self._server.id)
            copies = ({**mapping, "instance_uuid": uuid, "project_id": project} for uuid, project, _ in self._servers)
            _insert(api, "instance_mappings", copies)

    def _instance(self, pattern: Row, number: int, uuid: str, project: str, host: int) -> Row:
        name, _uuid, compute_id = self._hosts[host]
        created = (LONG_AGO + timedelta(seconds=number)).isoformat(" ", "microseconds")
        return {
            **pattern,
            **dict.fromkeys(("created_at", "updated_at", "launched_at"), created),
            "uuid": uuid,
            "project_id": project,
            "host": name,
            "launched_on": name,
            "node": name,
            "compute_id": compute_id,
            "display_name": f"server-{uuid[:8]}",
            "hostname": f"server-{uuid[:8]}",
        }

    def _add_providers(self, database: sqlite3.Connection) -> None:
        pattern = _one(database, "resource_providers", uuid=self._provider(database))
        copies = ({**pattern, "uuid": uuid, "name": name} for name, uuid, _ in self._hosts)
        _insert(database, "resource_providers", copies)
        ids = dict(database.execute("SELECT uuid, id FROM resource_providers"))
        own = [ids[uuid] for _, uuid, _ in self._hosts]
        database.executemany(
            "UPDATE resource_providers SET root_provider_id = id WHERE id = ?", [(one,) for one in own]
        )
        number = ids[pattern["uuid"]]
        for table in ("inventories", "resource_provider_traits"):
            for row in _all(database, table, resource_provider_id=number):
                _insert(database, table, ({**row, "resource_provider_id": one} for one in own))

    def _add_consumers(self, database: sqlite3.Connection) -> None:
        projects = sorted({project for _, project, _ in self._servers})
        _insert(database, "projects", ({"external_id": project} for project in projects))
        ids = dict(database.execute("SELECT external_id, id FROM projects"))
        pattern = _one(database, "consumers", uuid=self._server.id)
        copies = ({**pattern, "uuid": uuid, "project_id": ids[project]} for uuid, project, _ in self._servers)
        _insert(database, "consumers", copies)
        providers = dict(database.execute("SELECT uuid, id FROM resource_providers"))
        self._charge(database, ((uuid, providers[self._hosts[host][1]]) for uuid, _, host in self._servers))

    def _charge(self, database: sqlite3.Connection, pairs: Iterable[tuple[str, int]]) -> None:
        """Let each consumer hold on its provider what the pattern holds on its own."""
        rows = _all(database, "allocations", consumer_id=self._server.id)
        charged = list(pairs)
        for row in rows:
            copies = ({**row, "consumer_id": consumer, "resource_provider_id": one} for consumer, one in charged)
            _insert(database, "allocations", copies)

    def _provider(self, database: sqlite3.Connection) -> str:
        query = "SELECT uuid FROM resource_providers WHERE name = ?"
        return str(database.execute(query, (self._server.hypervisor_hostname,)).fetchone()[0])


def _figures(node: Row, servers: int) -> Row:
    """Return what Nova counts on a compute node with so many servers like the pattern, which is on `node` alone."""
    more = servers - 1
    used = {"vcpus_used": PATTERN.vcpus, "memory_mb_used": PATTERN.ram, "local_gb_used": PATTERN.disk}
    free = {"free_ram_mb": PATTERN.ram, "free_disk_gb": PATTERN.disk}
    return {
        **{name: node[name] + more * each for name, each in used.items()},
        **{name: node[name] - more * each for name, each in free.items()},
        "running_vms": servers,
    }


@contextmanager
def _editing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        yield database


def _all(database: sqlite3.Connection, table: str, **where: str | int) -> list[Row]:
    """Return the rows of a table that have these values, without their numbers, which copies do not share."""
    condition = " AND ".join(f"{column} = ?" for column in where)
    cursor = database.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(where.values()))
    names = [column[0] for column in cursor.description]
    return [{name: value for name, value in zip(names, row, strict=True) if name != "id"} for row in cursor]


def _one(database: sqlite3.Connection, table: str, **where: str | int) -> Row:
    (row,) = _all(database, table, **where)
    return row


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows, all of which have the columns of the first."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    places = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({places})"
    database.execute(statement, first)
    database.executemany(statement, rows)


def _with_uuid(row: Mapping[str, Any]) -> Row:
    """Give a copied row a uuid of its own, where its table has one."""
    return {**row, "uuid": str(uuid4())} if row.get("uuid") else dict(row)
