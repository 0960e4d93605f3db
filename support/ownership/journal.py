"""The journal of what a run owns, which outlives a killed run.

An entry is on disk before the thing that it names exists, and is struck out after that thing is gone. The entries left
in the journal of a dead process say what `sweep` must look for; the mark says what it may touch.
"""

import contextlib
import fcntl
import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from stocktake.support.config.folders import state_folder
from stocktake.support.errors import ConfigurationError
from stocktake.support.ownership.mark import Mark

FORMAT = 2
"""Format 1 identified a cloud only by its address, and did not record what options and inventories were set to. Both
formats are read."""

CLOCK_STEP = 60.0
"""Seconds by which the start time of a process may appear to vary, because it is derived from the time of day."""


@dataclass
class Entry:
    """One thing that exists or is about to be created. `id` is known after creation; `details` are what undoing
    needs; `hosts` are the compute hosts that must be leased while it is undone."""

    number: int
    kind: str
    name: str
    mark: str
    at: datetime
    id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()


class Journal:
    """The journal of this process for one cloud: JSON lines in a private file, locked while the process lives.

    `folder` defaults to this user's state folder. `cloud` is its name in clouds.yaml and `auth_url` where it is.
    Never put a secret into an entry.
    """

    def __init__(self, mark: Mark, *, cloud: str, auth_url: str, folder: Path | None = None):
        self.mark = mark
        self.path = (folder or journals_folder()) / f"{mark.run}-{os.getpid()}.ndjson"
        self._guard = threading.Lock()
        self._open: dict[int, Entry] = {}
        self._numbers = 0
        self._cloud_id: str | None = None
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigurationError(f"the journal {self.path} cannot be created: {error.strerror}") from error
        _lock(self._file)
        self._write({"journal": FORMAT, "run": mark.run, "cloud": cloud, "auth_url": auth_url, **_this_process()})

    def __repr__(self) -> str:
        return f"Journal({self.path.name}, {len(self._open)} entries)"

    def belongs_to(self, cloud_id: Callable[[], str]) -> None:
        """Record which cloud the entries are about; `cloud_id` is called only the first time."""
        if self._cloud_id is None:
            self._cloud_id = cloud_id()
            self._write({"cloud_id": self._cloud_id})

    def note(
        self,
        kind: str,
        name: str,
        *,
        id: str | None = None,
        mark: Mark | None = None,
        hosts: Iterable[str] = (),
        **details: Any,
    ) -> Entry:
        """Record that something is about to be created or changed; the entry is on disk when this returns.

        `kind` is the name of a `Kind`, which says what `name` and `details` undoing needs; `id` is the thing's, if it
        is chosen here, otherwise `identify` adds it; `mark` is the journal's unless given; `hosts` are those that must
        be leased while it is undone, by the names of their compute services.
        """
        mark = mark or self.mark
        with self._guard:
            self._numbers += 1
            entry = Entry(self._numbers, kind, name, mark.run, datetime.now(UTC), id, details, tuple(hosts))
            self._open[entry.number] = entry
        at = entry.at.isoformat(timespec="milliseconds")
        line = {"entry": entry.number, "kind": kind, "name": name, "id": id, "mark": mark.run, "at": at}
        try:
            self._write({**line, "details": details, "hosts": entry.hosts})
            os.fdatasync(self._file)
        except KeyboardInterrupt:  # nothing has begun
            self.strike(entry)
            raise
        return entry

    def identify(self, entry: Entry, id: str) -> None:
        """Record the id that the cloud assigned to what the entry names."""
        entry.id = id
        self._write({"known": entry.number, "id": id})

    def strike(self, entry: Entry) -> None:
        """Record that the thing is gone or restored. May be called repeatedly."""
        if self._open.pop(entry.number, None):
            self._write({"struck": entry.number})

    @property
    def entries(self) -> list[Entry]:
        """What is owned at present, oldest first."""
        return list(self._open.values())

    def close(self) -> None:
        """End the journal; its file is deleted unless something is left for the sweep."""
        if self._file < 0:
            return
        if not self._open:
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def discard(self) -> None:
        """Forget everything, because the cloud itself is gone."""
        self._open.clear()
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        """Append a line in one write, so that only the last line can be incomplete."""
        os.write(self._file, json.dumps(line).encode() + b"\n")


class OldJournal:
    """A journal found on disk, written by any process.

    `entries` are those not struck out, oldest first. `run` and `cloud` are "" when its first line is incomplete.
    `cloud_id` is None in a journal that noted nothing, or is of format 1.
    """

    def __init__(self, path: Path):
        self.path = path
        self.run = self.cloud = self.auth_url = ""
        self.format = FORMAT
        self.cloud_id: str | None = None
        self.entries: list[Entry] = []
        self._process: Mapping[str, Any] = {}
        self._file = -1
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # an incomplete line is ignored
                self._read(json.loads(line))

    @property
    def marks(self) -> set[Mark]:
        """The marks of everything in it."""
        runs = {entry.mark for entry in self.entries} | ({self.run} if self.run else set())
        return {Mark(run) for run in runs}

    @property
    def hosts(self) -> list[str]:
        """The compute hosts that must be leased while its entries are undone, by name."""
        return sorted({host for entry in self.entries for host in entry.hosts})

    @property
    def where(self) -> str:
        """The process and machine that wrote it, for messages."""
        return f"process {self._process.get('pid', '?')} on {self._process.get('machine', '?')}"

    def claim(self) -> bool:
        """Take over the journal, if its process is dead and no other sweep has it, until `release`.

        A journal whose file is gone, because its process or a sweep has undone everything, cannot be taken over.
        """
        if self._file < 0:
            try:
                self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            except FileNotFoundError:
                return False
            if not _lock(self._file) or self._is_its_process_alive() or not self.path.exists():
                self.release()
        return self._file >= 0

    @property
    def is_claimed_elsewhere(self) -> bool:
        """Whether another process is undoing it: its own, on this machine, is dead, and it cannot be taken over."""
        if self._file >= 0 or not _is_of_this_machine(self._process) or _is_alive(self._process):
            return False
        claimed = self.claim()
        self.release()
        return not claimed and self.path.exists()

    def release(self) -> None:
        """Release the journal for other sweeps."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def strike(self, entry: Entry) -> None:
        """Record that an entry has been undone; the file is deleted with the last one."""
        os.write(self._file, json.dumps({"struck": entry.number}).encode() + b"\n")
        self.entries.remove(entry)

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)

    def _read(self, line: Mapping[str, Any]) -> None:
        if "journal" in line:
            self.run, self.cloud, self.auth_url = Mark(line["run"]).run, line["cloud"], line["auth_url"]
            self.format, self._process = line["journal"], line
        elif "cloud_id" in line:
            self.cloud_id = line["cloud_id"]
        elif "entry" in line:
            at = datetime.fromisoformat(line["at"])
            mark = Mark(line["mark"]).run
            hosts = tuple(line.get("hosts", ()))  # journals of earlier versions name none
            entry = Entry(line["entry"], line["kind"], line["name"], mark, at, line["id"], line["details"], hosts)
            self.entries.append(entry)
        elif "known" in line:
            for entry in self.entries:
                if entry.number == line["known"]:
                    entry.id = line["id"]
        else:
            self.entries = [entry for entry in self.entries if entry.number != line["struck"]]

    def _is_its_process_alive(self) -> bool:
        """Where files cannot be locked: whether its process runs on this machine."""
        return _is_of_this_machine(self._process) and _is_alive(self._process)


def journals_folder(state: Path | None = None) -> Path:
    """Where journals are: below the cloud's `state:` folder if given, else this user's."""
    return state_folder("journals", state)


def find_journals(folder: Path | None = None) -> list[OldJournal]:
    """Every journal on this machine, oldest first, those of living processes included."""
    found = []
    for path in sorted((folder or journals_folder()).glob("*.ndjson")):
        with contextlib.suppress(FileNotFoundError):  # its process has just ended and deleted it
            found.append(OldJournal(path))
    return found


def find_interrupted(folder: Path) -> list[OldJournal]:
    """Every journal with entries that a dead process of this machine has left, oldest first, even if a sweep is undoing
    them at the moment. Of the journals of living processes only the first line is read.
    """
    found = []
    for path in sorted(folder.glob("*.ndjson")):
        with contextlib.suppress(OSError, ValueError, KeyError):  # deleted, or killed while it wrote its first line
            with path.open("rb") as file:
                process = json.loads(file.readline())
            if _is_of_this_machine(process) and not _is_alive(process):
                found.append(OldJournal(path))
    return [journal for journal in found if journal.entries]


def _lock(file: int) -> bool:
    """Lock an open file for as long as it is open. True also where the file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _this_process() -> dict[str, Any]:
    return {"machine": socket.gethostname(), "pids": _pids(), "pid": os.getpid(), "birth": _birth(os.getpid())}


def _pids() -> str | None:
    """Identify the set of process ids that this process sees; containers of one machine have sets of their own."""
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return None


def _is_of_this_machine(process: Mapping[str, Any]) -> bool:
    """Whether a process that a journal names can be looked for here."""
    here = (process.get("machine"), process.get("pids", _pids())) == (socket.gethostname(), _pids())
    return here and isinstance(process.get("birth"), float)


def _is_alive(process: Mapping[str, Any]) -> bool:
    """Whether a process of this machine with the recorded id and start time exists."""
    birth = _birth(process["pid"])
    return birth is not None and abs(birth - process["birth"]) < CLOCK_STEP


def _birth(pid: int) -> float | None:
    """When a process began, in seconds since 1970; None if it does not exist, or is dead and not yet reaped."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
