"""Starts and stops labs from outside: a lab's supervisor is a separate process in its own session."""

import contextlib
import importlib.util
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.request import getproxies_environment

from stocktake.support.errors import LabError
from stocktake.support.installation import CONSTRAINTS
from stocktake.support.lab import optional, releases, state
from stocktake.support.lab.environments.building import Environment
from stocktake.support.lab.shape import Shape

News = dict[str, Any]
Listener = Callable[[News], None]

PACKAGES = ("nova", "placement", "keystone", "glance", "waitress", "fixtures")
STOP_SECONDS = 15.0
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
BYTECODE_HEADER = struct.Struct("<4sIII")
"""Magic number, flags (0 for byte-code that is checked by the next two), time and size of the source (PEP 552)."""


@dataclass(frozen=True)
class Lab:
    """A running lab. `clouds_yaml` is what OS_CLIENT_CONFIG_FILE must name; in it the lab is cloud `lab`."""

    folder: Path
    clouds_yaml: Path
    supervisor: int
    keep: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which OpenStack clients find the lab, and bypass a proxy if one is set."""
        return {"OS_CLOUD": "lab", "OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml), **_no_proxy()}

    def stop(self) -> None:
        """End every process of the lab and remove its folder; return when that is done. May be called repeatedly."""
        with contextlib.suppress(ProcessLookupError), _pidfd(self.supervisor) as descriptor:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            if not _has_ended(descriptor, STOP_SECONDS):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                _has_ended(descriptor, STOP_SECONDS)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.supervisor, 0)
        if not self.keep:  # normally the supervisor has removed it
            shutil.rmtree(self.folder, ignore_errors=True)


def start(
    hosts: int = 3,
    owner: int | None = None,
    *,
    keep: bool = False,
    progress: Listener | None = None,
    name: str | None = None,
    folder: Path | None = None,
    port: int | None = None,
    shape: Shape | None = None,
    environment: Environment | None = None,
) -> Lab:
    """Start a lab and return when every service has answered.

    With `owner`, a process id, the lab ends within seconds of that process, however it ends. With `name`, later
    commands find the lab by it. `keep` keeps the folder. `progress` is called with events, see `supervisor.Progress`.
    `folder` must be empty or not exist; by default it is a new temporary folder. `port` is the first of five
    consecutive ports, or more with optional services; by default free ones are used. `shape` is how the lab differs
    from the usual one. `environment` has the services of another release; by default they are those installed beside
    Stocktake.

    Raises LabError in one message, with nothing left running or behind, if the lab does not come up.
    """
    if environment is None or environment.is_own:
        _check_installed(shape.services if shape else ())
    if name is not None:
        tidy(name)
    folder = _make_folder(folder)
    options = [f"--folder={folder}", f"--hosts={hosts}"]
    options += [f"--owner={owner}"] if owner is not None else []
    options += [f"--name={name}"] if name is not None else []
    options += [f"--port={port}"] if port is not None else []
    options += ["--keep"] if keep else []
    options += [f"--shape={_written(shape, folder)}"] if shape is not None else []
    options += [f"--release={environment.label}"] if environment is not None and environment.label else []
    supervisor, reading = _supervisor(folder, options, environment)
    lab = Lab(folder, folder / "clouds.yaml", supervisor, keep)
    try:
        with open(reading, "rb") as news:  # noqa: PTH123 - a descriptor
            _listen(news, progress or (lambda _news: None), lab)
    except BaseException:
        lab.stop()
        raise
    return lab


def _written(shape: Shape, folder: Path) -> Path:
    path = folder / "shape.json"
    path.write_text(shape.as_json())
    return path


def _supervisor(folder: Path, options: list[str], environment: Environment | None) -> tuple[int, int]:
    """Start the supervisor of a lab in its own session; return its process id, and the pipe of its events."""
    python, variables = sys.executable, _environment()
    if environment is not None:
        python = str(environment.python)
        variables = _with_folders(variables, environment) if environment.is_own else _of(environment, folder)
    reading, writing = os.pipe()
    with (folder / "supervisor.log").open("wb") as output:
        process = subprocess.Popen(
            [python, "-P", "-m", "stocktake.support.lab.supervisor", *options, f"--progress={writing}"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=variables,
            pass_fds=[writing],
            start_new_session=True,
        )
    process.returncode = 0  # Lab.stop waits for the supervisor; Popen must not
    os.close(writing)
    return process.pid, reading


def running(name: str = state.DEFAULT_NAME) -> Lab | None:
    """The lab that `stocktake lab up` has started with that name, if it is running."""
    record = state.recall(name)
    if record is None:
        return None
    folder = Path(record.folder)
    return Lab(folder, folder / "clouds.yaml", record.supervisor, record.keep)


def tidy(name: str) -> None:
    """Remove what is left of a lab that was killed together with its supervisor."""
    record = state.written(name)
    if record is not None and state.recall(name) is None:
        if not record.keep:
            shutil.rmtree(record.folder, ignore_errors=True)
        state.forget(name)


def _listen(news: Any, progress: Listener, lab: Lab) -> None:
    for line in news:
        item = json.loads(line)
        if "failed" in item:
            raise LabError(f"the lab did not come up: {item['failed']}{_kept(lab)}")
        progress(item)
        if "ready" in item:
            return
    lines = (lab.folder / "supervisor.log").read_text(errors="replace").splitlines()[-10:]
    raise LabError("\n    ".join(["the lab did not come up: its supervisor died, saying", *(lines or ["nothing"])]))


def _kept(lab: Lab) -> str:
    return f"\nits folder is kept: {lab.folder}" if lab.keep else ""


def _check_installed(services: Sequence[str]) -> None:
    if not sys.platform.startswith("linux"):
        raise LabError(f"the embedded lab runs on Linux only, not on {sys.platform}; name another cloud with --cloud")
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise LabError(
            f"the embedded lab needs packages that are not installed ({', '.join(missing)}); "
            f"install them with: pip install -c {CONSTRAINTS} 'stocktake[lab]'"
        )
    lacking = optional.not_installed(services)
    if lacking:
        raise LabError(
            f"{' and '.join(lacking)} cannot be in the lab, because the package is not installed; install it with: "
            f"pip install -c {CONSTRAINTS} 'stocktake[lab,{optional.EXTRA}]'"
        )
    if services and not releases.installed().optional_services:
        raise LabError(
            f"a lab of the installed Nova {metadata.version('nova')} cannot have {' and '.join(services)}; leave it "
            "out, or install a newer release"
        )


def _make_folder(wanted: Path | None) -> Path:
    if wanted is None:
        try:
            return Path(tempfile.mkdtemp(prefix="stocktake-lab-"))
        except OSError as error:
            raise LabError(f"the lab's folder cannot be created: {error}; set TMPDIR to a writable folder") from error
    folder = wanted.absolute()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if any(folder.iterdir()):
            raise LabError(f"--folder={wanted} is not empty; name a new folder; it is removed when the lab stops")
        folder.chmod(0o700)
        (folder / "supervisor.log").touch()
    except OSError as error:
        raise LabError(
            f"--folder={wanted} cannot be used: {error.strerror}; name a new one in a writable folder"
        ) from error
    return folder


def _environment() -> dict[str, str]:
    """The caller's environment, with a byte-code cache if Python has none."""
    environment = dict(os.environ)
    cache = state.cache_folder()
    if cache is not None and not _has_bytecode("nova"):
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(cache / "bytecode")
    environment.update(_no_proxy())  # a proxy cannot reach the loopback addresses of the services
    return environment


def _with_folders(variables: dict[str, str], environment: Environment) -> dict[str, str]:
    """The variables with which this Python finds the packages in the folders of an environment first."""
    usual = [variables["PYTHONPATH"]] if variables.get("PYTHONPATH") else []
    return {**variables, "PYTHONPATH": os.pathsep.join([*map(str, environment.folders), *usual])}


def _of(environment: Environment, folder: Path) -> dict[str, str]:
    """The variables with which the Python of an environment finds, of Stocktake, `stocktake.support` alone.

    The caller's PYTHONPATH is for the caller's packages, so it is not passed on. Byte code goes beside the packages,
    which are in the user's cache.
    """
    code = folder / "code"
    (code / "stocktake").mkdir(parents=True)
    (code / "stocktake" / "support").symlink_to(Path(__file__).resolve().parents[1])
    variables = {**os.environ, **_no_proxy()}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME"):
        variables.pop(name, None)
    variables["PYTHONPATH"] = os.pathsep.join(map(str, (code, *environment.folders)))
    return variables


def _no_proxy() -> dict[str, str]:
    """The variables, in both usual spellings, that exclude loopback from a proxy in the environment, if there is
    one."""
    if not set(getproxies_environment()) - {"no"}:
        return {}
    kept = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host for host in kept.split(",") if host.strip() not in ("", *LOOPBACK_NAMES)]
    return dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join([*hosts, *LOOPBACK_NAMES]))


def _has_bytecode(package: str) -> bool:
    """Whether Python finds byte-code of a package that is of its source: in a copied environment it may not be."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or spec.cached is None:
        return False
    try:
        with Path(spec.cached).open("rb") as file:
            magic, flags, changed, size = BYTECODE_HEADER.unpack(file.read(BYTECODE_HEADER.size))
        source = Path(spec.origin).stat()
    except (OSError, struct.error):
        return False
    of_source = (changed, size) == (int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF)
    return magic == importlib.util.MAGIC_NUMBER and (flags != 0 or of_source)


@contextlib.contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _has_ended(descriptor: int, seconds: float) -> bool:
    """Wait for the end of a process that may not be a child of this one."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
