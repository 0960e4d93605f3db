"""Control by the operator's own commands, as clouds.yaml maps them to actions."""

import os
import shlex
import shutil
import signal
import string
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from hamcrest import greater_than_or_equal_to
from stocktake.support.errors import CloudError, ConfigurationError, NotDone, Unverified
from stocktake.support.hosts.disruption import Guests
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, eventually

COMMAND_LIMIT = 120.0  # seconds for one command that sets no limit of its own
OUTPUTS_KEPT = 200
OUTPUT_LENGTH = 4000  # characters kept of one command's output: its end, where the error is
NEVER_STARTED = (126, 127)  # exit statuses of shells, ssh and this module for programs that cannot be run or found

PLACEHOLDERS = {
    "stop_host": {"host"},
    "fail_host": {"host"},
    "drop_messages": {"host"},
    "return_host": {"host", "guests"},
    "run_periodic": {"host"},
    "read_log": {"host", "request_ids"},
}
COMMAND_KEYS = {"command", "shell", "timeout"}
WHAT_IT_DOES = {
    "stop_host": "stop the compute service of a host",
    "fail_host": "let a host fail unnoticed",
    "drop_messages": "delete the messages that wait for a host",
    "return_host": "start the compute service of a host again",
    "run_periodic": "run the periodic task of the resource tracker on a host",
    "read_log": "read a host's log",
}


@dataclass(frozen=True)
class Output:
    """The output of one control command. The command itself is not kept, because it may contain a secret."""

    action: str
    host: str | None
    status: int | None  # None: stopped at its time limit
    seconds: float
    text: str


@dataclass(frozen=True)
class _Command:
    """A command of clouds.yaml: its words, or one line for a shell, with placeholders; and its time limit in
    seconds."""

    words: tuple[str, ...]
    timeout: float
    shell: bool

    @property
    def placeholders(self) -> set[str]:
        return _placeholders(self.words)

    @property
    def absent(self) -> str | None:
        """The program to run, if it cannot be found; None if it can, or if that depends on a shell or the host's
        name."""
        first = self.words[:1]
        if self.shell or _placeholders(first):
            return None
        program = first[0].format_map({})
        return program if shutil.which(program) is None else None

    def filled(self, values: Mapping[str, str]) -> list[str]:
        """The command as an argument list. Values never become more than one word, whatever they contain."""
        if self.shell:
            quoted = {name: shlex.quote(value) for name, value in values.items()}
            return ["/bin/sh", "-c", *(line.format_map(quoted) for line in self.words)]
        return [word.format_map(values) for word in self.words]


class CommandControl:
    """Actions mapped to the operator's own commands.

    Each of stop_host, fail_host, drop_messages, return_host, run_periodic and read_log is a command (text, or a list of
    words), or a mapping of `command`, `timeout` (seconds) and `shell` (default false); `timeout` beside them is the
    limit of all. Commands may contain {host}; return_host also {guests} ("kept" or "lost"), read_log also {request_ids}
    (alternatives for `grep -E`). Without run_periodic, one `periodic_interval` (the longest time in seconds between the
    ends of two runs) is awaited. `secrets` are masked in kept outputs.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        cloud: str,
        hosts: Sequence[str] | None = None,
        periodic_interval: float | None = None,
        secrets: Iterable[str] = (),
        clock: Clock = SYSTEM_CLOCK,
    ):
        self._cloud = cloud
        self._hosts = tuple(hosts or ())
        self._secrets = tuple(secret for secret in secrets if secret)
        self._clock = clock
        timeout = _read_seconds(cloud, "timeout", settings.get("timeout", COMMAND_LIMIT))
        self._commands = {
            action: _read_command(cloud, action, settings[action], timeout)
            for action in PLACEHOLDERS
            if settings.get(action)
        }
        self._periodic_interval = periodic_interval
        self.outputs: deque[Output] = deque(maxlen=OUTPUTS_KEPT)
        self.acts = 0

    def __repr__(self) -> str:
        return f"CommandControl({', '.join(sorted(self._commands)) or 'nothing configured'})"

    @property
    def runs_periodic(self) -> bool:
        """Whether a command runs the periodic task; without one it can only be awaited."""
        return "run_periodic" in self._commands

    @property
    def awaited_interval(self) -> float | None:
        """Seconds to wait until the periodic task has run on every host, where it cannot be run; None where it can."""
        return None if "run_periodic" in self._commands else self._periodic_interval

    def missing(self, action: str) -> Unverified | None:
        """Why `action` cannot be done here and what to set; None when it can."""
        if action == "lose_guests":
            return self._missing_loss()
        if action in self._commands:
            return self._without_program(action)
        if action == "run_periodic" and self._periodic_interval:
            return None
        if action in WHAT_IT_DOES:
            remedy = f"set {key_of(self._cloud, action)} to a command with {{host}}"
            if action == "run_periodic":
                remedy += ', or "periodic_interval" under "stocktake:" to the seconds between two runs'
            return Unverified(f'no command is configured to {WHAT_IT_DOES[action]} on cloud "{self._cloud}"', remedy)
        lacks = {
            "add_host": "compute hosts cannot be added",
            "remove_host": "compute hosts cannot be removed",
            "run_task": "no single periodic task can be run",
        }.get(action, "Nova's options cannot be changed")
        return Unverified(f'{lacks} on cloud "{self._cloud}"', "run this feature on the embedded lab: --cloud=lab")

    def stop_host(self, host: str) -> None:
        """Run the command that stops the host's compute service."""
        self._run("stop_host", host)

    def fail_host(self, host: str) -> None:
        """Run the command that ends the host's compute service: Nova notices that only after service_down_time."""
        self._run("fail_host", host)

    def drop_messages(self, host: str) -> None:
        """Run the command that deletes the messages that wait for a host."""
        self._run("drop_messages", host)

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Run the command that starts the host's compute service; guests are lost only if it has {guests}."""
        missing = self._missing_loss() if guests == "lost" else None
        if missing is not None:
            raise missing
        self._run("return_host", host, guests=guests)

    def run_periodic(self, host: str | None = None) -> None:
        """Run the periodic task's command for that host, or for all; without a command wait until all have run it."""
        if "run_periodic" not in self._commands and self._periodic_interval:
            self._await_periodic(self._periodic_interval)
            return
        for each in self._each_host("run_periodic", host):
            self._run("run_periodic", each)

    def run_periodics(self, hosts: Sequence[str]) -> None:
        """Run the periodic task's command for each of these hosts, or once if it names no host.

        Without a command one interval serves them all.
        """
        if "run_periodic" not in self._commands and self._periodic_interval:
            self._await_periodic(self._periodic_interval)
            return
        for_each = "host" in self._command("run_periodic").placeholders
        for host in hosts if for_each else hosts[:1]:
            self._run("run_periodic", host)

    def run_task(self, host: str, task: str) -> None:  # noqa: ARG002 - cannot be done at all
        """Only a lab runs single tasks."""
        raise self._lacking("run_task")

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:
        """The lines that the log command prints for these requests."""
        wanted = "|".join(request_ids)
        outputs = [self._run("read_log", each, request_ids=wanted) for each in self._each_host("read_log", host)]
        return [line for output in outputs for line in output.splitlines()]

    def add_host(self, driver: str, name: str | None = None) -> str:  # noqa: ARG002 - cannot be done at all
        """Only a lab can add hosts."""
        raise self._lacking("add_host")

    def remove_host(self, host: str) -> None:  # noqa: ARG002 - cannot be done at all
        """Only a lab can remove hosts."""
        raise self._lacking("remove_host")

    def option(self, option: str, group: str = "DEFAULT") -> Any:  # noqa: ARG002 - cannot be done
        """Only a lab's options can be read."""
        raise self._lacking("configure")

    def configure(self, option: str, value: Any, group: str = "DEFAULT") -> Any:  # noqa: ARG002 - cannot be done
        """Only a lab's options can be changed."""
        raise self._lacking("configure")

    def _without_program(self, action: str) -> Unverified | None:
        program = self._commands[action].absent
        if program is None:
            return None
        return Unverified(
            f'the command to {WHAT_IT_DOES[action]} cannot run: program "{program}" not found on this machine',
            f"correct {key_of(self._cloud, action)}",
        )

    def _missing_loss(self) -> Unverified | None:
        """Why a host cannot be returned without its guests."""
        missing = self.missing("return_host")
        if missing is not None:
            return missing
        if "guests" in self._commands["return_host"].placeholders:
            return None
        return Unverified(
            f'the command that returns a host of cloud "{self._cloud}" always keeps its guests',
            f'add {{guests}}, which becomes "kept" or "lost", to {key_of(self._cloud, "return_host")}',
        )

    def _lacking(self, action: str) -> Unverified:
        missing = self.missing(action)
        assert missing is not None, f"{action} is configured"  # noqa: S101 - a mistake of ours
        return missing

    def _command(self, action: str) -> _Command:
        if action not in self._commands:
            raise self._lacking(action)
        return self._commands[action]

    def _each_host(self, action: str, host: str | None) -> Sequence[str | None]:
        if host is not None or "host" not in self._command(action).placeholders:
            return [host]
        if not self._hosts:
            raise Unverified(
                f'it is not known on which hosts of cloud "{self._cloud}" to {WHAT_IT_DOES[action]}',
                f'list them as "hosts" under "stocktake:" of cloud "{self._cloud}" in clouds.yaml',
            )
        return self._hosts

    def _await_periodic(self, interval: float) -> None:
        self.acts += 1
        began = self._clock.now()
        eventually(
            lambda: self._clock.now() - began,
            greater_than_or_equal_to(interval),
            within=2 * interval,
            what=f"the next periodic task of the resource tracker on every host (every {interval:g} s)",
            describe="{:.0f} s have passed".format,
            clock=self._clock,
        )

    def _run(self, action: str, host: str | None, **values: str) -> str:
        """Run one command to its end and return what it printed, standard error last."""
        command = self._command(action)
        self.acts += action != "read_log"
        if host is not None and host.startswith("-"):
            raise CloudError(f'host "{host}" begins with a dash, which {action} could take for an option')
        words = command.filled({"host": host or "", **values})
        began = time.perf_counter()
        status, text = _run_to_its_end(words, command.timeout)
        text = self._masked(text)
        seconds = time.perf_counter() - began
        self.outputs.append(Output(action, host, status, seconds, text[-OUTPUT_LENGTH:]))
        nothing_found = action == "read_log" and status == 1 and not text.strip()  # as grep says it
        if status != 0 and not nothing_found:
            on_host = f' ("{host}")' if host else ""
            how = (
                f"ended with status {status}"
                if status is not None
                else f"was stopped at its limit, {command.timeout:g} s"
            )
            last = (text.strip().splitlines() or ["it printed nothing"])[-1]
            unverified = NotDone if status in NEVER_STARTED else Unverified
            key = key_of(self._cloud, action)
            raise unverified(f"the command to {WHAT_IT_DOES[action]}{on_host} {how}: {last}", f"correct {key}")
        return text

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _read_command(cloud: str, action: str, setting: Any, timeout: float) -> _Command:
    key = key_of(cloud, action)
    options = setting if isinstance(setting, Mapping) else {"command": setting}
    for option in options:
        if option not in COMMAND_KEYS:
            raise ConfigurationError(f'{key}: no option "{option}"{did_you_mean(str(option), COMMAND_KEYS)}')
    shell = options.get("shell", False)
    if not isinstance(shell, bool):
        raise ConfigurationError(f'{key}: shell is "{shell}", not true or false')
    try:
        words = _read_words(options.get("command"), shell)
        command = _Command(words, _read_seconds(cloud, action, options.get("timeout", timeout)), shell)
        unknown = command.placeholders - PLACEHOLDERS[action]
    except ValueError as error:
        raise ConfigurationError(f"{key}: the command cannot be read: {error}") from error
    if unknown:
        known = " and ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS[action]))
        raise ConfigurationError(f"{key}: {{{min(unknown)}}} means nothing here; use {known} (and {{{{ for a brace)")
    return command


def _placeholders(words: Sequence[str]) -> set[str]:
    parsed = (string.Formatter().parse(word) for word in words)
    return {name for fields in parsed for _, name, _, _ in fields if name is not None}


def _read_words(setting: Any, shell: bool) -> tuple[str, ...]:
    """The words of a command given as text or list; one line if it is for a shell. Raises ValueError."""
    if isinstance(setting, str) and setting.strip():
        return (setting,) if shell else tuple(shlex.split(setting))
    if isinstance(setting, list | tuple) and setting and all(isinstance(word, str) for word in setting):
        return (shlex.join(setting),) if shell else tuple(setting)
    raise ValueError("it is neither text nor a list of words")


def _read_seconds(cloud: str, key: str, setting: Any) -> float:
    if isinstance(setting, bool) or not isinstance(setting, int | float) or not 0 <= setting < float("inf"):
        raise ConfigurationError(f'{key_of(cloud, key)}: "{setting}" is not a number of seconds')
    return float(setting)


def _run_to_its_end(words: Sequence[str], within: float) -> tuple[int | None, str]:
    """Exit status and output of a command; status None when it, and all it started, was killed at its limit.

    The output goes to a file: a service that the command leaves running could keep a pipe open forever.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as error:
            return 127, str(error)
        status: int | None = None
        try:
            status = process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            _kill_group(process)
        except BaseException:
            _kill_group(process)
            raise
        output.seek(0)
        return status, output.read().decode(errors="replace")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def key_of(cloud: str, key: str) -> str:
    """Return how a setting of a cloud's control is named in messages."""
    return f'"{key}" under "stocktake: control:" of cloud "{cloud}" in clouds.yaml'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the nearest known one, or all of them."""
    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(sorted(known))}"
