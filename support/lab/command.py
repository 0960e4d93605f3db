"""The words of `stocktake lab`."""

import argparse
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from support.errors import LabError
from support.lab import client, logs, state
from support.lab.blueprint import SERVICES

NOT_RUNNING = 3


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `lab` and its words to the command's parser."""
    parser = subparsers.add_parser("lab", help="the embedded cloud: start, stop, look into it")
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    _add_up(words)
    _add_run(words)
    for word, run, text in (
        ("down", down, "stop the lab that `up` started"),
        ("status", status, f"say whether it runs; exit status {NOT_RUNNING} if not"),
        ("env", env, "print the variables with which clients find it, for a shell to evaluate"),
    ):
        _add_word(words, word, run, text)
    reading = _add_word(words, "logs", show_logs, "print the last lines of its logs")
    reading.add_argument("service", nargs="?", choices=SERVICES, help="all of them by default")
    reading.add_argument("--lines", type=int, default=40, metavar="N", help="of each log (default %(default)s)")


def _add_up(words: Any) -> None:
    parser = _add_word(words, "up", up, "start a lab that lasts until `down`")
    _add_size(parser)
    parser.add_argument("--keep", action="store_true", help="leave its folder behind when it stops or fails")
    parser.add_argument("--folder", type=Path, help="where it keeps its files (default: a new temporary folder)")
    parser.add_argument("--port", type=int, help="first of five consecutive ports (default: any free ones)")


def _add_run(words: Any) -> None:
    parser = words.add_parser("run", help="start a lab, run a command on it, stop it")
    parser.set_defaults(run=run)
    _add_size(parser)
    parser.add_argument("--keep", action="store_true", help="leave its folder behind")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="with OS_CLOUD set to the lab")


def _add_word(words: Any, word: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = words.add_parser(word, help=text, description=text)
    parser.set_defaults(run=run)
    parser.add_argument("--name", default=state.DEFAULT_NAME, help="of the lab, if there are several")
    return parser


def _add_size(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hosts", type=int, default=3, metavar="N", help="compute hosts (default %(default)s)")


def up(options: argparse.Namespace) -> int:
    """`lab up`: start a lab, or find it running; print its folder."""
    if lab := client.running(options.name):
        print(f"The lab is running already; its folder is {lab.folder}")
        return 0
    lab = client.start(
        options.hosts,
        keep=options.keep,
        progress=_print_progress,
        name=options.name,
        folder=options.folder,
        port=options.port,
    )
    print(f"The lab is up; its folder is {lab.folder}")
    print(
        f"OpenStack clients find it with: export OS_CLOUD=lab OS_CLIENT_CONFIG_FILE={shlex.quote(str(lab.clouds_yaml))}"
    )
    return 0


def run(options: argparse.Namespace) -> int:
    """`lab run -- COMMAND`: the command's exit status."""
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("lab run: no command is given; write it after --, as in: stocktake lab run -- pytest features")
    lab = client.start(options.hosts, owner=os.getpid(), keep=options.keep, progress=_print_progress)
    try:
        return _run(command, {**os.environ, **lab.environment})
    finally:
        lab.stop()


def _run(command: list[str], environment: dict[str, str]) -> int:
    try:
        code = subprocess.run(command, env=environment, check=False).returncode
    except OSError as error:
        raise LabError(f"lab run: {command[0]} cannot be run: {error.strerror}") from error
    return code if code >= 0 else 128 - code  # as a shell reports a signal


def down(options: argparse.Namespace) -> int:
    """`lab down`: stop it; nothing to do if there is none."""
    lab = client.running(options.name)
    if lab is None:
        print("No lab is running")
        return 0
    lab.stop()
    print("The lab is stopped")
    return 0


def status(options: argparse.Namespace) -> int:
    """`lab status`: exit status 0 if it runs."""
    lab = client.running(options.name)
    if lab is None:
        print("No lab is running")
        return NOT_RUNNING
    print(f"The lab is running; its folder is {lab.folder}")
    return 0


def env(options: argparse.Namespace) -> int:
    """`lab env`: lines for a shell."""
    for variable, value in _need(options).environment.items():
        print(f"export {variable}={shlex.quote(value)}")
    return 0


def show_logs(options: argparse.Namespace) -> int:
    """`lab logs`: the end of one log, or of each."""
    lab = _need(options)
    for service in [options.service] if options.service else SERVICES:
        for line in logs.tail(lab.folder / "logs" / f"{service}.log", options.lines):
            print(line if options.service else f"{service}: {line}")
    return 0


def _need(options: argparse.Namespace) -> client.Lab:
    lab = client.running(options.name)
    if lab is None:
        raise LabError("no lab is running; start one with: stocktake lab up")
    return lab


def _print_progress(news: client.News) -> None:
    if "ready" in news:
        print(f"ready after {news['seconds']:.1f} s")
    else:
        print(f"{news['seconds']:6.1f} s  {news['service']}: {news['stage']}")
