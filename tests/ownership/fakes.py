"""A cloud whose clients answer as told, and entries of a journal to be undone there."""

from datetime import UTC, datetime
from types import SimpleNamespace

from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.replies import ApiError
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.mark import Mark
from stocktake.support.waiting import Pace

MARK = Mark("0t5k2m1abcde")
OTHER = Mark("0t5k2m2abcde")


class Fakes:
    """A client whose answers are attributes; every other call is a change, remembered in `.changes`."""

    def __init__(self, **answers):
        self.changes = []
        self._answers = answers

    def __getattr__(self, name):
        answer = self._answers.get(name)

        def call(*args, **kwargs):
            if callable(answer):
                return answer(*args, **kwargs)
            if answer is not None:
                return answer
            self.changes.append((name, *args, *kwargs.values()))
            return None

        return call


class Cloud:
    """A cloud whose clients are `Fakes`, except those given; it waits for nothing."""

    def __init__(self, **clients):
        self.pace = Pace()
        self.__dict__.update(clients)

    def __getattr__(self, client):
        self.__dict__[client] = Fakes()
        return self.__dict__[client]

    def patience(self, _operation):
        return 0.0


def entry(kind, name, id=None, mark=MARK, **details):
    return Entry(1, kind.name, name, mark.run, datetime.now(UTC), id, details)


def undo(leftovers):
    for leftover in leftovers:
        leftover.remove()
        leftover.finish()
    return [str(leftover) for leftover in leftovers]


def swept(cloud, kind, *args, **details):
    """Undo what an entry names as a sweep does; return what was done."""
    return undo(list(kind.find(cloud, entry(kind, *args, **details))))


def undone(cloud, kind, *args, **details):
    """Undo what an entry names as the scenario does that has written it; return what was done."""
    return undo(kind.owned(cloud, entry(kind, *args, **details)))


def failing(status):
    def fail(*_args, **_kwargs):
        raise ApiError("no", service="compute", method="GET", path="/", status=status)

    return fail


not_found, conflict = failing(404), failing(409)

NOTHING_HELD = SimpleNamespace(allocations={})
SOMETHING_HELD = SimpleNamespace(allocations={"provider": {"VCPU": 1}})


# --- servers


def ours(name="web", **options):
    return Server(
        options.pop("id", "uuid-1"),
        MARK.name(name),
        options.pop("status", "ACTIVE"),
        metadata=options.pop("metadata", MARK.metadata),
    )


FOREIGN = [
    Server("uuid-1", "web", "ACTIVE", metadata=MARK.metadata),
    Server("uuid-1", MARK.name("web"), "ACTIVE"),
    Server("uuid-1", MARK.name("web"), "ACTIVE", metadata=OTHER.metadata),
    Server("uuid-1", OTHER.name("web"), "ACTIVE", metadata=OTHER.metadata),
]


def service(**state):
    """A compute service of host1, up and enabled unless told otherwise."""
    return ComputeService(
        "s-1", "host1", "nova-compute", state.pop("state", "up"), state.pop("status", "enabled"), **state
    )


def lab(state="up"):
    """The control of a lab, which remembers in `.changes` what it was asked to change."""
    control = HttpControl("http://127.0.0.1:1", "t")
    control.changes = []
    control.hosts = lambda: [{"host": "host1", "state": state}]
    control.return_host = lambda host, guests="kept": control.changes.append(("return", host))
    control.remove_host = lambda host: control.changes.append(("remove", host))
    control.configure = lambda *args: control.changes.append(("configure", *args))
    control.run_periodic = lambda: control.changes.append(("periodic",))
    return control
