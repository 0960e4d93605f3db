"""A cloud that is swept, as names by kind, and journals of runs that are dead."""

import json
import socket
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from stocktake.support.errors import CloudError
from stocktake.support.hosts.leases import Leases
from stocktake.support.ownership.journal import FORMAT, OldJournal
from stocktake.support.ownership.kinds.kind import Kind, Leaked, Leftover
from stocktake.support.ownership.kinds.registry import KINDS
from stocktake.support.ownership.mark import Mark

AUTH_URL = "http://127.0.0.1:5000/v3"
THIS_CLOUD = "endpoint 1"
MARK = Mark("0t5k2m1abcde")
NO_PROCESS = 2**22 + 1  # larger than any process id of Linux


class World:
    """A cloud as names by kind, and what was done to it in order."""

    def __init__(self, folder):
        self.things = {kind: [] for kind in KINDS}
        self.done = []
        self.refuses = set()
        self.leaks = set()
        target = SimpleNamespace(name="lab", auth_url=AUTH_URL)
        self.patience = 0.0
        self.url = f"file://{folder}/leases"
        self.leases = Leases(self.url, "cloud")
        services = SimpleNamespace(all=lambda: [SimpleNamespace(host="cmp-1"), SimpleNamespace(host="cmp-2")])
        self.cloud = SimpleNamespace(
            session=SimpleNamespace(target=target),
            leases=self.leases,
            services=services,
            patience=lambda operation: self.patience,
        )
        self.held = []  # the hosts that others could not lease while something was undone
        self.kinds = {
            kind: Kind(kind, self.finder(kind), list_marked=self.lister(kind), on_hosts=real.on_hosts)
            for kind, real in KINDS.items()
        }
        self.look = lambda kind, name: name in self.things[kind]

    def add(self, kind, name):
        self.things[kind].append(name)
        return name

    def finder(self, kind):
        return lambda _cloud, entry: [self.leftover(kind, entry.name)] if self.look(kind, entry.name) else []

    def lister(self, kind):
        return lambda _cloud: [self.leftover(kind, name) for name in self.things[kind]]

    def is_free(self, host):
        try:
            self.leases.acquire(1, [host], within=0).release()
        except CloudError:
            return False
        return True

    def leftover(self, kind, name):
        def remove():
            if name in self.refuses:
                raise CloudError("in use")
            self.things[kind].remove(name)
            self.done.append((kind, name))
            self.held.append([host for host in ("cmp-1", "cmp-2") if not self.is_free(host)])

        def finish():
            self.done.append(("finish", name))
            if name in self.leaks:
                raise Leaked("it had left allocations")

        return Leftover(f"delete {kind}", name, remove, finish=finish)


def dead_journal(
    folder,
    *entries,
    mark=MARK,
    cloud="lab",
    auth_url=AUTH_URL,
    cloud_id=None,
    format=FORMAT,
    age=3600,
    hosts=(),
    here=False,
):
    """The journal of a process that died `age` seconds after noting these (kind, name), each on these hosts;
    a process of another machine unless `here`.
    """
    at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    lines = [{"journal": format, "run": mark.run, "cloud": cloud, "auth_url": auth_url, "machine": "here", "pid": 1}]
    if here:
        lines[0] |= {"machine": socket.gethostname(), "pid": NO_PROCESS, "birth": 1.0}
    lines += [{"cloud_id": cloud_id}] if cloud_id else []
    for number, (kind, name) in enumerate(entries, 1):
        line = {"entry": number, "kind": kind, "name": name, "id": None, "mark": mark.run, "at": at, "details": {}}
        lines.append({**line, "hosts": hosts} if hosts else line)
    path = folder / f"{mark.run}-1.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return OldJournal(path)


def left_in(journal):
    return [entry.name for entry in OldJournal(journal.path).entries] if journal.path.exists() else None


def said(swept):
    return [str(one) for one in swept]
