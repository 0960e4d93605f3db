"""The subcommands of `stocktake lab`."""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stocktake.support.errors import LabError
from stocktake.support.lab import client, logs, optional, state
from stocktake.support.lab.environments.building import environment_of
from stocktake.support.lab.environments.choice import Choice, chosen
from stocktake.support.lab.hosts.libvirt import profiles
from stocktake.support.lab.services import serving
from stocktake.support.lab.shape import CONFIGURED, DEFAULT_DRIVER, Shape

if TYPE_CHECKING:
    Words = argparse._SubParsersAction[argparse.ArgumentParser]

ENDING = (signal.SIGTERM, signal.SIGHUP)
NOT_RUNNING = 3
DEFAULT_HOSTS = 3
MOST_HOSTS = 500


def add_parser(subparsers: "Words") -> None:
    """Add `lab` and its subcommands to the command's parser."""
    text = "start, stop and inspect the embedded cloud"
    parser = subparsers.add_parser("lab", help=text, description=text)
    words = parser.add_subparsers(dest="lab_word", required=True, metavar="WORD")
    _add_up(words)
    _add_run(words)
    _add_word(words, "down", down, "stop the lab that `up` started")
    showing = _add_word(words, "status", status, f"show which labs are running; exit status {NOT_RUNNING} if none is")
    showing.set_defaults(name=None)
    _add_word(words, "env", env, "print shell commands that let OpenStack clients find it")
    reading = _add_word(words, "logs", show_logs, "print the last lines of its logs")
    reading.add_argument("service", nargs="?", choices=CONFIGURED, help="all of them by default")
    reading.add_argument("--lines", type=int, default=40, metavar="N", help="of each log (default %(default)s)")


def _add_up(words: "Words") -> None:
    parser = _add_word(words, "up", up, "start a lab that runs until `down`")
    _add_hosts(parser)
    parser.add_argument("--keep", action="store_true", help="keep its folder when it stops or fails")
    parser.add_argument("--folder", type=Path, help="where it keeps its files (default: a new temporary folder)")
    parser.add_argument(
        "--shape",
        type=Path,
        metavar="FILE",
        help="YAML: options, policies, driver, cells of a cloud that it is to resemble",
    )
    _add_with(parser)
    _add_release(parser)
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="first of five consecutive ports, or more with more services (default: free ones)",
    )


def _add_run(words: "Words") -> None:
    text = "start a lab, run a command on it, stop it"
    parser = words.add_parser("run", help=text, description=text)
    parser.set_defaults(run=run)
    _add_hosts(parser)
    _add_with(parser)
    _add_release(parser)
    parser.add_argument("--keep", action="store_true", help="keep its folder")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="finds the lab as its OS_CLOUD")


def _add_word(
    words: "Words", word: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    parser = words.add_parser(word, help=text, description=text)
    parser.set_defaults(run=run)
    parser.add_argument("--name", default=state.DEFAULT_NAME, help="of the lab, if there are several")
    return parser


def _add_hosts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hosts", type=_hosts, metavar="N", help=f"compute hosts (default {DEFAULT_HOSTS})")


def _add_with(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with",
        dest="additions",
        type=optional.argument,
        metavar=optional.WORDS,
        help=f"hosts with Nova's libvirt driver, with the hardware of a profile: {', '.join(profiles.PROFILES)}; "
        f"more services: {', '.join(optional.OPTIONAL)}",
    )


def _add_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--release",
        metavar="RELEASE[:nova==VERSION]",
        help="an older release, such as 2024.1, or a point release, 2024.1:nova==29.2.0; built when it is first used",
    )
    parser.add_argument(
        "--requirements",
        type=Path,
        metavar="FILE",
        help="packages in place of the release's own, in pip's format, such as a wheel of Nova with your change",
    )


def _hosts(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_HOSTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hosts from 1 to {MOST_HOSTS}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65531:  # noqa: PLR2004 - four more follow
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65531")
    return int(text)


def up(options: argparse.Namespace) -> int:
    """`lab up`: start a lab unless it is already running; print its folder."""
    choice = chosen(options.release, options.requirements)
    record = state.recall(options.name)
    name = "" if options.name == state.DEFAULT_NAME else f" --name={options.name}"
    if record is not None:
        if choice is not None and not record.is_of(choice.label):
            raise LabError(
                f"a lab of {record.release} is already running; stop it with `stocktake lab down{name}` before you "
                f"start one of {choice.label}, or give the new one a{'nother' if name else ''} --name"
            )
        if options.hosts not in {None, record.hosts}:
            raise LabError(
                f"a lab with {record.hosts} hosts is already running; stop it with `stocktake lab down{name}` before "
                f"you start one with --hosts={options.hosts}, or give the new one a{'nother' if name else ''} --name"
            )
        wanted = optional.parts(options.additions)[1] if options.additions else ()
        if not set(wanted) <= set(record.services):
            raise LabError(
                f"a lab without {' and '.join(name for name in wanted if name not in record.services)} is already "
                f"running; stop it with `stocktake lab down{name}` before you start one with --with="
                f"{options.additions}, or give the new one a{'nother' if name else ''} --name"
            )
        _say(f"the lab is already running; its folder is {record.folder}")
        return 0
    lab = _start(
        options.hosts or DEFAULT_HOSTS,
        keep=options.keep,
        name=options.name,
        folder=options.folder,
        port=options.port,
        shape=_shape(options.shape, options.additions),
        choice=choice,
    )
    _say(f"the lab is up; its folder is {lab.folder}")
    _say(f'OpenStack clients find it after: eval "$(stocktake lab env{name})"')
    return 0


def _shape(path: Path | None, additions: str | None) -> Shape | None:
    """Return the shape in a file, with the words of `--with` added; None if neither is given.

    Raises LabError for a file that cannot be read, has no shape, or names another driver.
    """
    shape = _read_shape(path) if path else None
    if additions is None:
        return shape
    driver, _services = optional.parts(additions)
    if shape is not None and driver is not None and shape.driver not in {DEFAULT_DRIVER, driver}:
        raise LabError(f"--with={driver} contradicts {path}, whose driver is {shape.driver}; leave one of them out")
    return (shape or Shape()).having(additions)


def _read_shape(path: Path) -> Shape:
    import yaml  # noqa: PLC0415 - start-up time

    try:
        return Shape.of(yaml.safe_load(path.read_text()), f"--shape={path}")
    except OSError as error:
        raise LabError(f"--shape={path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise LabError(f"--shape={path} cannot be read: {' '.join(str(error).split())}") from error


def run(options: argparse.Namespace) -> int:
    """`lab run -- COMMAND`: the command's exit status, or 128 plus the signal that ended it."""
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("lab run: no command given; write it after --, as in: stocktake lab run -- pytest features")
    if shutil.which(command[0]) is None:
        raise LabError(f"lab run: command {command[0]!r} not found; write one that a shell would find after --")
    with _termination_is_an_exit():
        lab = _start(
            options.hosts or DEFAULT_HOSTS,
            owner=os.getpid(),
            keep=options.keep,
            shape=_shape(None, options.additions),
            choice=chosen(options.release, options.requirements),
        )
        try:
            return _run(command, {**os.environ, **lab.environment})
        finally:
            lab.stop()


def _start(hosts: int, *, choice: Choice | None, shape: Shape | None, **options: object) -> client.Lab:
    from rich.console import Console  # noqa: PLC0415 - the other words do without
    from stocktake.support.lab import display  # noqa: PLC0415

    with display.showing(Console(stderr=True)) as listener:
        environment = environment_of(choice, shape, display.stages_of("environment", listener))
        return client.start(
            hosts,
            progress=listener,
            environment=environment,
            shape=shape,
            **options,  # type: ignore[arg-type]
        )


def _run(command: list[str], environment: dict[str, str]) -> int:
    # The command handles Ctrl-C, which it receives from the terminal, too.
    usual = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    us = os.getpid()

    def begin() -> None:
        """Let the command die with this process, because its lab ends, too."""
        serving.die_with(us)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    try:
        # Python would swallow exceptions of a signal handler while it forks.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        with subprocess.Popen(command, env=environment, preexec_fn=begin) as process:  # noqa: PLW1509 - no threads
            try:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
                code = process.wait()
            except BaseException:
                process.kill()
                raise
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        signal.signal(signal.SIGINT, usual)
    return code if code >= 0 else 128 - code


@contextmanager
def _termination_is_an_exit() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind this process, so that the lab is stopped."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    usual = {number: signal.signal(number, leave) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def down(options: argparse.Namespace) -> int:
    """`lab down`: stop the lab, if there is one."""
    lab = client.running(options.name)
    if lab is None:
        client.tidy(options.name)
        _say("no lab is running")
        return 0
    lab.stop()
    _say("the lab is stopped")
    return 0


def status(options: argparse.Namespace) -> int:
    """`lab status`: exit status 0 if the lab is running; without a name, if any lab is."""
    found = state.running() if options.name is None else [record for record in [state.recall(options.name)] if record]
    for record in found:
        which = "the lab" if record.name == state.DEFAULT_NAME else f'lab "{record.name}"'
        release = f"{record.release}, " if record.release else ""
        services = f" with {', '.join(record.services)}" if record.services else ""
        _say(f"{which} is running: {release}{record.hosts} hosts{services}; its folder is {record.folder}")
    if found:
        return 0
    why = state.last_words(options.name or state.DEFAULT_NAME)
    _say("no lab is running" + (f"; the last one ended because {why}" if why else ""))
    return NOT_RUNNING


def env(options: argparse.Namespace) -> int:
    """`lab env`: print shell commands."""
    for variable, value in _need(options).environment.items():
        _say(f"export {variable}={shlex.quote(value)}")
    return 0


def show_logs(options: argparse.Namespace) -> int:
    """`lab logs`: the end of one log, or of each."""
    lab = _need(options)
    if options.service and not (lab.folder / options.service).is_dir():
        raise LabError(
            f"the lab has no {options.service}; start one that has it: stocktake lab up --with={options.service}"
        )
    for service in [options.service] if options.service else CONFIGURED:
        for line in logs.tail(lab.folder / "logs" / f"{service}.log", options.lines):
            _say(line if options.service else f"{service}: {line}")
    return 0


def _need(options: argparse.Namespace) -> client.Lab:
    lab = client.running(options.name)
    if lab is None:
        raise LabError("no lab is running; start one with: stocktake lab up")
    return lab


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
