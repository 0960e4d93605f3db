"""Starts the processes of one lab, monitors them, and leaves nothing behind when it ends.

It imports the modules that the services share once, and then forks the services. It ends, and with it the whole lab,
on a signal, when a service dies, and when its owner ends.
"""

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from stocktake.support.errors import LabError
from stocktake.support.lab import logs, readiness, releases, state
from stocktake.support.lab.blueprint import LOOPBACK, Blueprint, host_names, listening
from stocktake.support.lab.services import configuration, serving, shared
from stocktake.support.lab.shape import Shape
from stocktake.support.waiting import SYSTEM_CLOCK

TAIL_LINES = 15
DYING_MILLISECONDS = 200
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ended(Exception):  # noqa: N818 - the normal end of a lab
    """The lab is to end, without an error."""


@dataclass
class Child:
    """A service's process, as the supervisor sees it."""

    name: str
    pid: int
    pidfd: int
    pipe: int
    unread: bytes = b""
    stages: list[str] = field(default_factory=list)


class Progress:
    """Reports events over a pipe to the process that started the lab; the pipe is closed after the last event."""

    def __init__(self, pipe: int | None):
        self.pipe = pipe
        self._began = SYSTEM_CLOCK.now()

    def tell(self, **news: Any) -> None:
        """Write one event as a JSON object on a line, with the seconds since the start."""
        if self.pipe is None:
            return
        news["seconds"] = round(SYSTEM_CLOCK.now() - self._began, 3)
        try:
            os.write(self.pipe, json.dumps(news).encode() + b"\n")
        except BrokenPipeError:
            raise Ended from None  # the reader is gone

    def close(self) -> None:
        """Close the pipe after the last event."""
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None


class Supervisor:
    """One lab from its first process to its last."""

    def __init__(self, plan: Blueprint, progress: Progress, owner: int | None):
        self._plan = plan
        self._progress = progress
        self._owner = _open_owner(owner)
        self._children: dict[int, Child] = {}
        self._deadline = SYSTEM_CLOCK.now() + readiness.LAB_SECONDS

    def start(self, listeners: dict[str, socket.socket]) -> None:
        """Fork the services and wait until each has answered a client.

        Raises LabError if one fails, Ended if the lab is no longer needed.
        """
        self._progress.tell(service="shared libraries", stage="importing")
        era = releases.installed()
        later = ["nova", *self._plan.shape.services, "placement", "glance"]
        if not era.native_threads:  # eventlet must patch Nova's process before it imports anything else
            self._fork(later.pop(0), listeners)
        shared.load_basics(era)
        self._fork("keystone", listeners)  # it has a CPU to itself until the others are forked
        shared.load_more()
        for name in later:
            self._fork(name, listeners)
        for listener in listeners.values():
            listener.close()
        check = readiness.Check(self._plan)
        waiting = list(self._plan.services)
        while waiting:
            self._watch(self._deadline)
            for name in list(waiting):
                child = self._child(name)
                if serving.LISTENING in child.stages and check.possible(name):
                    self._ask(check, name)
                    waiting.remove(name)
                    self._progress.tell(service=name, stage="ready")

    def supervise(self) -> NoReturn:
        """Wait until the lab must end. Raises LabError if a service dies, else Ended."""
        while True:
            self._watch(None)

    def stop(self) -> None:
        """Kill every service; a lab has no data to save."""
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
        for child in self._children.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)

    def _fork(self, name: str, listeners: dict[str, socket.socket]) -> None:
        reading, writing = os.pipe()
        supervisor = os.getpid()
        pid = os.fork()
        if pid:
            os.close(writing)
            child = Child(name, pid, os.pidfd_open(pid), reading)
            self._children[child.pidfd] = child
            return
        try:
            serving.die_with(supervisor)
            _handle_signals(signal.SIG_DFL)
            self._progress.close()
            log = os.open(self._plan.log(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            serving.write_to(log)
            mine = {name, "control"} if name == "nova" else {name}
            for other, listener in listeners.items():
                if other not in mine:
                    listener.close()
            serving.run_service(name, self._plan, listeners, serving.Report(writing))
        except BaseException:  # noqa: BLE001 - the log is the only place left for it
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)

    def _child(self, name: str) -> Child:
        return next(child for child in self._children.values() if child.name == name)

    def _ask(self, check: readiness.Check, name: str) -> None:
        try:
            check.ask(name)
        except readiness.NotReady as error:
            child = self._child(name)
            if _has_ended(child.pidfd):
                self._report_death(child)
            raise LabError(self._with_tail(name, f"{name} does not answer as it should: {error}")) from error

    def _watch(self, deadline: float | None) -> None:
        """Wait for an event and process it."""
        poll = select.poll()
        for child in self._children.values():
            poll.register(child.pidfd, select.POLLIN)
            if child.pipe >= 0:
                poll.register(child.pipe, select.POLLIN)
        if self._owner is not None:
            poll.register(self._owner, select.POLLIN)
        if self._progress.pipe is not None:
            poll.register(self._progress.pipe, 0)  # reports that its reader is gone
        patience = None if deadline is None else max(0.0, deadline - SYSTEM_CLOCK.now()) * 1000
        events = poll.poll(patience)
        if not events:
            self._give_up()
        for descriptor, _event in events:
            if descriptor in (self._owner, self._progress.pipe):
                raise Ended
            if descriptor in self._children:
                self._report_death(self._children[descriptor])
            self._read(descriptor)

    def _read(self, pipe: int) -> None:
        child = next(child for child in self._children.values() if child.pipe == pipe)
        received = os.read(pipe, 4096)
        if not received:  # it has closed its end, but has not ended yet
            os.close(pipe)
            child.pipe = -1
            return
        *lines, child.unread = (child.unread + received).split(b"\n")
        for line in lines:
            stage = json.loads(line)["stage"]
            child.stages.append(stage)
            self._progress.tell(service=child.name, stage=stage)

    def _report_death(self, child: Child) -> NoReturn:
        if child.pipe >= 0:
            self._read(child.pipe)  # its last output
        _pid, status = os.waitpid(child.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        doing = f" during: {child.stages[-1]}" if child.stages and child.stages[-1] != serving.LISTENING else ""
        raise LabError(self._with_tail(child.name, f"{child.name} {how}{doing}"))

    def _give_up(self) -> NoReturn:
        late = [child for child in self._children.values() if serving.LISTENING not in child.stages]
        name = late[0].name if late else self._plan.services[0]
        doing = f" (current stage: {late[0].stages[-1]})" if late and late[0].stages else ""
        raise LabError(self._with_tail(name, f"{name} was not ready within {readiness.LAB_SECONDS:.0f} seconds{doing}"))

    def _with_tail(self, name: str, sentence: str) -> str:
        lines = logs.tail(self._plan.log(name), TAIL_LINES)
        if not lines:
            return f"{sentence}; its log is empty"
        return "\n".join([f"{sentence}; the last lines of its log:", *(f"    {line}" for line in lines)])


def _has_ended(pidfd: int) -> bool:
    """Whether a process has ended; one that is ending gets a moment to do so."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(DYING_MILLISECONDS))


def _open_owner(owner: int | None) -> int | None:
    if owner is None:
        return None
    try:
        return os.pidfd_open(owner)
    except ProcessLookupError:
        raise Ended from None


def listen(port: int | None, names: Sequence[str]) -> dict[str, socket.socket]:
    """A listening socket for each name, at free ports or at consecutive ones from `port` on.

    The services inherit them, so no other process can take a published address, and an early client waits instead of
    failing. Raises LabError if a port is taken.
    """
    listeners = {}
    for offset, name in enumerate(names):
        number = 0 if port is None else port + offset
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, number))
            listener.listen(1024)
        except (OSError, OverflowError) as error:
            raise LabError(
                f"--port={port}: {name} needs port {number} of {LOOPBACK}, which cannot be used: {_why(error)}; "
                f"choose the first of {len(names)} free ports, or leave --port out"
            ) from error
        listeners[name] = listener
    return listeners


def _why(error: OSError | OverflowError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "there are 65535"


def furnish(plan: Blueprint) -> None:
    """Create the lab's folders and its clouds.yaml; no other user can open them."""
    for service in plan.services:
        plan.home(service).mkdir(mode=0o700)
    (plan.folder / "logs").mkdir(mode=0o700)
    plan.clouds_yaml.touch(mode=0o600)
    # JSON is YAML, and needs no library.
    plan.clouds_yaml.write_text(json.dumps(configuration.clouds(plan), indent=2) + "\n")


def _handle_signals(handler: Any) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _end(_number: int, _frame: object) -> None:
    _handle_signals(signal.SIG_IGN)  # once is enough; further signals must not disturb the clean-up
    raise Ended


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stocktake.support.lab.supervisor")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--hosts", type=int, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--owner", type=int)
    parser.add_argument("--name", help="under which later commands find the lab")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--release", default="", help="how the user has named the release")
    parser.add_argument("--shape", type=Path, help="a file with a `shape.Shape`")
    parser.add_argument("--progress", type=int, help="the file descriptor of a pipe")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    """Run one lab from start to end. The folder must exist and be empty; it is removed at the end."""
    serving.be_called("lab-supervisor")
    progress = Progress(options.progress)
    lab = contextlib.ExitStack()
    failure = ""
    try:
        _handle_signals(_end)
        _live(options, progress, lab)
    except Ended:
        pass
    except LabError as error:
        failure = str(error)
    finally:
        _handle_signals(signal.SIG_IGN)
        lab.close()
        if not options.keep:
            shutil.rmtree(options.folder, ignore_errors=True)
    if failure:
        if options.name:
            state.leave_word(options.name, failure)
        sys.stderr.write(f"{failure}\n")
        with contextlib.suppress(Ended):
            progress.tell(failed=failure)


def _live(options: argparse.Namespace, progress: Progress, lab: contextlib.ExitStack) -> NoReturn:
    """Start the lab and monitor it; what must be undone when it ends is pushed on the stack."""
    shape = Shape.read(options.shape.read_text()) if options.shape else Shape()
    listeners = listen(options.port, listening(shape))
    ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
    plan = Blueprint(options.folder, host_names(options.hosts), ports, shape)
    furnish(plan)
    supervisor = Supervisor(plan, progress, options.owner)
    lab.callback(supervisor.stop)
    supervisor.start(listeners)
    if options.name:
        state.remember(_record(options, shape))
        lab.callback(state.forget, options.name)
    progress.tell(ready=True)
    progress.close()
    supervisor.supervise()


def _record(options: argparse.Namespace, shape: Shape) -> state.Record:
    begun = state.start_time(os.getpid()) or 0
    release = f"{options.release}, Nova {metadata.version('nova')}".removeprefix(", ")
    return state.Record(
        options.name, str(options.folder), os.getpid(), begun, options.hosts, options.keep, release, shape.services
    )


if __name__ == "__main__":
    run(_parse(None))
