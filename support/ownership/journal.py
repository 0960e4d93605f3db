"""What a run owns: the mark everything it creates carries, and the journal that outlives a killed run.

An entry is on disk before the thing it names exists, and is struck out after that thing is gone. What is left of a
journal whose process is dead says what `sweep` must look for; the mark says what it may touch.
"""

import contextlib
import fcntl
import json
import os
import re
import secrets
import socket
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stocktake.support.config.folders import state_folder
from stocktake.support.errors import ConfigurationError

FORMAT = 1
PREFIX = "stocktake"
METADATA_KEY = "stocktake"

KINDS = (
    "option",  # name of one of Nova's options; was: its value before, group
    "placement-fault",  # what a lab's Placement was told to answer wrongly
    "host-stopped",  # host of a compute service that was stopped or forced down, or both
    "service-forced-down",  # host
    "service-disabled",  # host; the reason for disabling must be a marked name
    "server",  # name, of which servers made in one request have the beginning; id
    "allocation",  # uuid of a consumer that is no server
    "volume",  # name
    "image",  # name
    "flavor",  # name; id
    "provider-aggregate",  # uuid of an aggregate known to Placement only; provider: uuid
    "provider-inventory",  # resource class; provider: uuid; was: its inventory before, as Placement writes it
    "provider-trait",  # trait; provider: uuid; had: whether the provider had the trait, which was taken away (false)
    "lab-host",  # host added to a lab
    "provider",  # name; id
    "aggregate",  # name of a host aggregate
    "trait",  # name
    "resource-class",  # name
    "user",  # name
    "project",  # name
)
"""What can be owned, in the order in which it is undone: hosts are helped up before servers on them are deleted, and
whatever uses a thing goes before it. Beside each: what `Journal.note` is told."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TIME_DIGITS = 7  # seconds since 1970, base 36
_RANDOM_DIGITS = 5
_RUN = re.compile(rf"[0-9a-z]{{{_TIME_DIGITS + _RANDOM_DIGITS}}}")
_NAME = re.compile(rf"{PREFIX}-(?P<run>{_RUN.pattern})(-|$)")
_CUSTOM = re.compile(rf"CUSTOM_{PREFIX.upper()}_(?P<run>{_RUN.pattern.replace('a-z', 'A-Z')})(_|$)")


@dataclass(frozen=True)
class Mark:
    """The sign on everything one run creates: `stocktake-RUN-…`, `CUSTOM_STOCKTAKE_RUN_…`, metadata `stocktake: RUN`.

    `run` is twelve digits and small letters: when the run began, and something random.
    """

    run: str

    def __post_init__(self) -> None:
        if not _RUN.fullmatch(self.run):
            raise ValueError(f'"{self.run}" is not the name of a run: twelve digits and small letters')

    @classmethod
    def new(cls) -> Self:
        """A mark nobody else has."""
        seconds = int(datetime.now(UTC).timestamp())
        began = "".join(_DIGITS[seconds // 36**power % 36] for power in reversed(range(_TIME_DIGITS)))
        return cls(began + "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS)))

    @classmethod
    def of(cls, name: str) -> Self | None:
        """The mark that a thing of this name carries, a name, trait or resource class; None when it carries none."""
        found = _NAME.match(name) or _CUSTOM.match(name)
        return cls(found["run"].lower()) if found else None

    @property
    def began(self) -> datetime:
        """When the run began."""
        return datetime.fromtimestamp(int(self.run[:_TIME_DIGITS], 36), UTC)

    @property
    def prefix(self) -> str:
        """How the name of everything marked begins."""
        return f"{PREFIX}-{self.run}-"

    @property
    def metadata(self) -> dict[str, str]:
        """What servers carry beside their name."""
        return {METADATA_KEY: self.run}

    def name(self, what: str) -> str:
        """A marked name: `stocktake-RUN-web`. The same word gives the same name."""
        return self.prefix + what

    def trait(self, what: str) -> str:
        """A marked trait or resource class, `CUSTOM_STOCKTAKE_RUN_…`: capitals, digits and underscores."""
        return f"CUSTOM_{PREFIX.upper()}_{self.run.upper()}_{re.sub('[^A-Z0-9]', '_', what.upper())}"

    def id(self) -> str:
        """A marked id nobody else has, for flavors."""
        return self.prefix + secrets.token_hex(6)

    def owns(self, name: str | None) -> bool:
        """Whether a thing of this name was made by this run."""
        return name is not None and Mark.of(name) == self


@dataclass
class Entry:
    """One thing that exists, or is about to. `id` is learnt after creation; `details` are what undoing needs."""

    number: int
    kind: str
    name: str
    mark: str
    at: datetime
    id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


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
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigurationError(f"the journal {self.path} cannot be made: {error.strerror}") from error
        _lock(self._file)
        self._write({"journal": FORMAT, "run": mark.run, "cloud": cloud, "auth_url": auth_url, **_this_process()})

    def __repr__(self) -> str:
        return f"Journal({self.path.name}, {len(self._open)} entries)"

    def note(self, kind: str, name: str, *, id: str | None = None, mark: Mark | None = None, **details: Any) -> Entry:
        """Write, before it happens, that something is about to be created or changed; on disk when this returns.

        `kind` is one of KINDS, where it stands what `name` and `details` undoing needs; `id` is the thing's, if it is
        chosen here, otherwise `identify` adds it; `mark` is the journal's unless given.
        """
        if kind not in KINDS:
            raise ValueError(f'"{kind}" is nothing a journal knows: {", ".join(KINDS)}')
        mark = mark or self.mark
        with self._guard:
            self._numbers += 1
            entry = Entry(self._numbers, kind, name, mark.run, datetime.now(UTC), id, details)
            self._open[entry.number] = entry
        at = entry.at.isoformat(timespec="milliseconds")
        line = {"entry": entry.number, "kind": kind, "name": name, "id": id, "mark": mark.run, "at": at}
        self._write({**line, "details": details})
        os.fdatasync(self._file)
        return entry

    def identify(self, entry: Entry, id: str) -> None:
        """Remember the id that the cloud gave to what the entry names."""
        entry.id = id
        self._write({"known": entry.number, "id": id})

    def strike(self, entry: Entry) -> None:
        """The thing is gone, or as it was. Striking twice does nothing."""
        if self._open.pop(entry.number, None):
            self._write({"struck": entry.number})

    @property
    def entries(self) -> list[Entry]:
        """What is owned at present, oldest first."""
        return list(self._open.values())

    def close(self) -> None:
        """End the journal; the file goes unless something is left for the sweep."""
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
        """Append a line in one write, so that a torn line can only be the last."""
        os.write(self._file, json.dumps(line).encode() + b"\n")


class OldJournal:
    """A journal found on disk, whoever wrote it.

    `entries` are those not struck out, oldest first. `run` and `cloud` are "" when not even its first line is whole.
    """

    def __init__(self, path: Path):
        self.path = path
        self.run = self.cloud = self.auth_url = ""
        self.entries: list[Entry] = []
        self._process: Mapping[str, Any] = {}
        self._file = -1
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # a torn line says nothing
                self._read(json.loads(line))

    @property
    def marks(self) -> set[Mark]:
        """The marks of everything in it."""
        runs = {entry.mark for entry in self.entries} | ({self.run} if self.run else set())
        return {Mark(run) for run in runs}

    @property
    def where(self) -> str:
        """Who wrote it, for people."""
        return f"process {self._process.get('pid', '?')} on {self._process.get('machine', '?')}"

    def claim(self) -> bool:
        """Take the journal over, if its process is dead and no other sweep has it; `release` gives it back.

        One whose file is gone, because its process has ended well or a sweep has done all it says, cannot be taken.
        """
        if self._file < 0:
            try:
                self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            except FileNotFoundError:
                return False
            if not _lock(self._file) or self._is_its_process_alive() or not self.path.exists():
                self.release()
        return self._file >= 0

    def release(self) -> None:
        """Let others have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def strike(self, entry: Entry) -> None:
        """Note that an entry has been undone; the file goes with its last one."""
        os.write(self._file, json.dumps({"struck": entry.number}).encode() + b"\n")
        self.entries.remove(entry)

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)

    def _read(self, line: Mapping[str, Any]) -> None:
        if "journal" in line:
            self.run, self.cloud, self.auth_url = Mark(line["run"]).run, line["cloud"], line["auth_url"]
            self._process = line
        elif "entry" in line:
            at = datetime.fromisoformat(line["at"])
            mark = Mark(line["mark"]).run
            entry = Entry(line["entry"], line["kind"], line["name"], mark, at, line["id"], line["details"])
            self.entries.append(entry)
        elif "known" in line:
            for entry in self.entries:
                if entry.number == line["known"]:
                    entry.id = line["id"]
        else:
            self.entries = [entry for entry in self.entries if entry.number != line["struck"]]

    def _is_its_process_alive(self) -> bool:
        """Where files cannot be locked, the process tells: it is the one if it began at the same time."""
        if self._process.get("machine") != socket.gethostname() or "birth" not in self._process:
            return False
        return _birth(self._process["pid"]) == self._process["birth"]


def journals_folder(state: Path | None = None) -> Path:
    """Where journals are: below the cloud's `state:` folder if given, else this user's."""
    return state_folder("journals", state)


def find_journals(folder: Path | None = None) -> list[OldJournal]:
    """Every journal on this machine, oldest first, those of living processes included."""
    found = []
    for path in sorted((folder or journals_folder()).glob("*.ndjson")):
        with contextlib.suppress(FileNotFoundError):  # its process has just ended
            found.append(OldJournal(path))
    return found


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
    return {"machine": socket.gethostname(), "pid": os.getpid(), "birth": _birth(os.getpid())}


def _birth(pid: int) -> str | None:
    """When a process began, in words that no later process of the same number can repeat; None when there is none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return listed.stdout.strip() or None
    state, *rest = status.rpartition(")")[2].split()
    return None if state == "Z" else f"{boot} {rest[18]}"
