"""The records of running labs: small files that name the folder and the supervisor of each.

Imported by every run of Stocktake, so it must stay light.
"""

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
from stocktake.support.errors import ConfigurationError, LabError

DEFAULT_NAME = "lab"


@dataclass(frozen=True)
class Record:
    """One running lab: `supervisor` is the process id of its supervisor, `begun` that process's start time in ticks.

    The start time distinguishes the supervisor from a later process with the same id.
    """

    name: str
    folder: str
    supervisor: int
    begun: int
    hosts: int
    keep: bool
    release: str = ""
    """The release as the user has named it, if so, and the version of Nova."""

    services: tuple[str, ...] = ()
    """The optional services that it has."""

    def is_of(self, label: str) -> bool:
        """Whether the lab was started with this name of a release."""
        return self.release.startswith(f"{label}, ")


def remember(record: Record) -> Path:
    """Record the lab for later commands, until `forget`.

    Raises LabError if another lab of that name has been started meanwhile.
    """
    if recall(record.name) is not None:
        raise LabError(f"another lab was started as {record.name!r} meanwhile; give this one another --name")
    path = _path(record.name)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(asdict(record)))
    unfinished.rename(path)
    _last_words(record.name).unlink(missing_ok=True)
    return path


def forget(name: str) -> None:
    """Remove the lab's record, if any."""
    _path(name).unlink(missing_ok=True)


def leave_word(name: str, why: str) -> None:
    """Record why a lab ended unexpectedly, until the next one is started."""
    _last_words(name).write_text(why)


def last_words(name: str) -> str | None:
    """Why the last lab of that name ended unexpectedly, if it did."""
    try:
        return _last_words(name).read_text()
    except FileNotFoundError:
        return None


def _last_words(name: str) -> Path:
    return _path(name).with_suffix(".ended")


def recall(name: str = DEFAULT_NAME) -> Record | None:
    """The lab of that name if its supervisor is alive; records of dead ones are ignored."""
    record = written(name)
    if record is not None and start_time(record.supervisor) == record.begun:
        return record
    return None


def running() -> list[Record]:
    """All labs of this user that are running, by name."""
    names = (path.stem.removeprefix("lab-") for path in sorted(runtime_folder().glob("lab-*.json")))
    return [record for record in map(recall, names) if record is not None]


def written(name: str) -> Record | None:
    """The lab's record, whether the lab is running or not; None for a missing or unreadable one."""
    try:
        values = json.loads(_path(name).read_text())
        return Record(**{**values, "services": tuple(values.get("services", ()))})
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return None


def start_time(pid: int) -> int | None:
    """When a process began, in clock ticks since the machine started; None if it does not exist."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the name in parentheses may contain anything
    return None if fields[0] in "ZX" else int(fields[19])


def _path(name: str) -> Path:
    if not re.fullmatch(r"[\w.-]{1,64}", name):
        raise ConfigurationError(
            f"--name={name}: a lab's name is made of at most 64 letters, digits, dots, hyphens and underscores"
        )
    return runtime_folder() / f"lab-{name}.json"


def runtime_folder() -> Path:
    """A folder of this user (created with mode 0700) for data that lasts until the machine restarts."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    candidates = [Path(base) / "stocktake"] if base else []
    candidates.append(Path(tempfile.gettempdir()) / f"stocktake-{os.getuid()}")
    for folder in candidates:
        if _private(folder):
            return folder
    raise ConfigurationError(
        f"{candidates[-1]} cannot be used to remember running labs: it must be a folder of yours that no other user "
        "can write to; remove it, or set XDG_RUNTIME_DIR to a folder of your own"
    )


def cache_folder() -> Path | None:
    """A folder of this user (created with mode 0700) for data that can be recreated; None if that is not possible."""
    folder = platformdirs.user_cache_path("stocktake", appauthor=False)
    return folder if folder.is_absolute() and _private(folder) else None  # relative if the user has no home folder


def _private(folder: Path) -> bool:
    """Create the folder if needed; return whether it belongs to this user, and no other user can write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat(follow_symlinks=False)
    except OSError:
        return False
    return status.st_uid == os.getuid() and status.st_mode & 0o022 == 0 and os.access(folder, os.W_OK | os.X_OK)
