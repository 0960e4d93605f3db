"""The lab of one pytest run: started by the first process of the run that needs it, stopped at the end of the run."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stocktake.support.errors import LabError
from stocktake.support.lab import client, optional, state
from stocktake.support.lab.environments.building import environment_of, provide
from stocktake.support.lab.environments.choice import Choice, chosen
from stocktake.support.lab.shape import Shape

CONFIG_FILE = "OS_CLIENT_CONFIG_FILE"


def prepare(release: str, progress: Callable[[str], None]) -> None:
    """Build the environment of a release, unless it is there; `progress` is told each stage. Raises LabError."""
    choice = chosen(release, None)
    if choice is not None:
        provide(choice, progress)


@contextmanager
def at_hand(
    run: str,
    owner: int,
    hosts: int,
    additions: str | None = None,
    release: str | None = None,
    progress: Callable[[client.News], None] | None = None,
) -> Iterator[None]:
    """Let OpenStack clients of this process find cloud `lab`: the running lab, or else one started for this run.

    A clouds.yaml named in the environment has precedence. With `release`, as `stocktake lab up --release` takes it, the
    running lab must be of that release; with `additions`, as `--with` takes them, it must have these services. Raises
    LabError when the lab does not come up.
    """
    choice = chosen(release, None)
    if CONFIG_FILE in os.environ:
        if choice is not None:
            raise LabError(
                f"--lab-release={release} asks for a lab, but {CONFIG_FILE} names {os.environ[CONFIG_FILE]}; leave one "
                "of them out"
            )
        yield
        return
    running = client.running() if _running_one_is_of(choice, additions) else None
    lab = running or lab_of_run(run, owner, hosts, additions, choice, progress)
    os.environ[CONFIG_FILE] = str(lab.clouds_yaml)
    try:
        yield
    finally:
        del os.environ[CONFIG_FILE]


def _running_one_is_of(choice: Choice | None, additions: str | None) -> bool:
    services = optional.parts(additions)[1] if additions else ()
    if choice is None and not services:
        return True
    record = state.recall()
    if record is None or not set(services) <= set(record.services):
        return False
    return choice is None or record.is_of(choice.label)


def lab_of_run(
    run: str,
    owner: int,
    hosts: int,
    additions: str | None = None,
    choice: Choice | None = None,
    progress: Callable[[client.News], None] | None = None,
) -> client.Lab:
    """Return the lab of a run; start one with that many hosts and these additions if no process of the run has yet.

    `owner` is the pid of the run's controlling process: the lab ends with it, however it ends. Processes of the same
    run wait for each other. Raises LabError when the lab does not come up.
    """
    note = _note(run)
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if note.exists():
            return _read(note)
        shape = Shape().having(additions) if additions else None
        environment = environment_of(choice, shape, lambda _stage: None)
        lab = client.start(hosts, owner, progress=progress, shape=shape, environment=environment)
        note.write_text(
            json.dumps({"folder": str(lab.folder), "clouds_yaml": str(lab.clouds_yaml), "supervisor": lab.supervisor})
        )
        return lab


def end_lab_of_run(run: str) -> None:
    """Stop the lab of a run, if it had one."""
    note = _note(run)
    if note.exists():
        _read(note).stop()
    note.unlink(missing_ok=True)
    note.with_suffix(".lock").unlink(missing_ok=True)


def _read(note: Path) -> client.Lab:
    kept = json.loads(note.read_text())
    return client.Lab(Path(kept["folder"]), Path(kept["clouds_yaml"]), kept["supervisor"])


def _note(run: str) -> Path:
    """The file in which the processes of a run record its lab."""
    folder = state.runtime_folder() / "runs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{run}.json"
