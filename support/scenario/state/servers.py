"""The servers of one scenario: their ids by the feature's names, their migrations, and their history."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.state.readings import Readings
from stocktake.support.waiting import SYSTEM_CLOCK


@dataclass(frozen=True)
class Observation:
    """The state of a server, seconds after the scenario began; all None once Nova no longer knew it."""

    seconds: float
    server: str
    status: str | None
    task_state: str | None
    host: str | None


@dataclass(frozen=True)
class Sought:
    """What the latest request for a host asked for: the action as Nova records it, a flavor and a host if named.

    Without `flavor_id` the server keeps its flavor; `host` is the host of a compute service.
    """

    action: str
    flavor_id: str | None = None
    host: str | None = None


@dataclass
class ScenarioServers:
    """Servers by the feature's names, deleted ones included; `ids` are theirs in the cloud.

    `migrations` maps the uuid of each migration seen so far to its server's name, as Nova forgets a migration together
    with its server. `history` are the states of the servers over time, `requested` the id of the latest request that
    was awaited for each, `sought` the latest request for a host, `departed` the compute
    service of the host that each was on before its last move. `acted_on` tells whether the scenario has requested any
    action of the server with that id, without which it has no migrations; `others_move` that it may have all the same,
    because something is not as expected.
    """

    clients: Clients
    began: float
    readings: Readings
    acted_on: Callable[[str], bool]
    ids: dict[str, str] = field(default_factory=dict)
    migrations: dict[str, str] = field(default_factory=dict)
    requested: dict[str, str] = field(default_factory=dict)
    sought: dict[str, Sought] = field(default_factory=dict)
    departed: dict[str, str] = field(default_factory=dict)
    history: list[Observation] = field(default_factory=list)
    others_move: bool = False

    def id_of(self, name: str) -> str:
        """Return the id of a server of this scenario, deleted or not. Raises FeatureError if it was never booted."""
        if name not in self.ids:
            known = ", ".join(f'"{server}"' for server in self.ids) or "none yet"
            raise FeatureError(f'server "{name}" does not exist at this step: the scenario has booted {known}')
        return self.ids[name]

    def read(self, name: str) -> Server | None:
        """Read a server of this scenario; None when Nova no longer knows it. Changes are added to its history."""
        server = self.clients.servers.find(self.id_of(name))
        self._remember(name, server)
        return server

    def last(self, name: str) -> Server | None:
        """Return the server as read after the last action had ended; read it if it was not."""
        return self.readings.last(("server", name), lambda: self.read(name))

    def at_rest(self, name: str) -> Server | None:
        """Return what `last` returns unless the server was in the middle of an operation then; read it in that case."""
        server = self.last(name)
        if server is not None and server.task_state is not None:
            server = self.readings.keep(("server", name), self.read(name))
        return server

    def has_ended(self, name: str, server: Server | None) -> None:
        """Remember the reading of a server whose operations have all ended."""
        self.readings.keep(("server", name), server)

    def _remember(self, name: str, server: Server | None) -> None:
        seen = Observation(SYSTEM_CLOCK.now() - self.began, name, None, None, None)
        if server is not None:
            seen = replace(seen, status=server.status, task_state=server.task_state, host=server.host)
        latest = self._latest(name)
        if latest is None or replace(latest, seconds=seen.seconds) != seen:
            self.history.append(seen)

    def _latest(self, name: str) -> Observation | None:
        return next((seen for seen in reversed(self.history) if seen.server == name), None)

    def begins_move(self, name: str) -> None:
        """Remember the host that a server is asked to leave, if it has been seen on one."""
        latest = self._latest(name)
        if latest is not None and latest.host is not None:
            self.departed[name] = latest.host

    def consumers(self) -> Iterable[str]:
        """Return the uuids of every server and migration of this scenario, deleted ones included."""
        return (*self.ids.values(), *self.migrations)

    def last_migrations(self) -> dict[str, list[Migration]]:
        """Return the result of `refresh_migrations` since the last action, or refresh now."""
        return self.readings.last("migrations", self.refresh_migrations)

    def refresh_migrations(self) -> dict[str, list[Migration]]:
        """Read the uuids of the servers' migrations while Nova still lists them; return them by server name."""
        return {name: self.refresh_migrations_of(name) for name in self.ids}

    def refresh_migrations_of(self, name: str) -> list[Migration]:
        """Read the uuids of one server's migrations, and return these; none of a server that was only booted, whose
        migration by others is found by what it holds.
        """
        server = self.id_of(name)
        if not (self.others_move or self.acted_on(server)):
            return []
        found = self.clients.migrations.all(server_id=server)
        self.migrations.update({migration.uuid: name for migration in found if migration.uuid})
        return found

    def learn(self, migrations: Iterable[Migration]) -> None:
        """Remember which of these are migrations of the scenario's servers."""
        names = {server: name for name, server in self.ids.items()}
        for move in migrations:
            if move.uuid and move.server in names:
                self.migrations[move.uuid] = names[move.server]
