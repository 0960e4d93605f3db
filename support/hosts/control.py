"""What the APIs do not offer: stop a host's compute service, bring it back, run its periodic, read its log.

The lab offers all of it over a loopback endpoint (`HttpControl`); elsewhere the operator maps each action to a
command (`CommandControl`). What is not configured, or wrongly, raises `Unverified`, so that a scenario that needs it
is reported with the setting that would make it run. `may_disrupt` is the rule for everything that could hurt somebody.
"""

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
from typing import Any, Literal, Protocol
from urllib.parse import quote

import requests
from hamcrest import greater_than_or_equal_to
from stocktake.support.api.connection_errors import never_connected, why
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, eventually

Guests = Literal["kept", "lost"]

HTTP_LIMIT = 120.0  # seconds for one request to a control endpoint; a compute service may be slow to start
COMMAND_LIMIT = 120.0  # seconds for one command that sets no limit of its own
OUTPUTS_KEPT = 200
OUTPUT_LENGTH = 4000  # characters of one command's output that are kept: its end, where the error is

PLACEHOLDERS = {
    "stop_host": {"host"},
    "return_host": {"host", "guests"},
    "run_periodic": {"host"},
    "read_log": {"host", "request_ids"},
}
IN_CLOUDS_YAML = '"stocktake: control:" of the cloud in clouds.yaml'
UNTRUSTED = (401, 403)
NEVER_STARTED = (126, 127)  # exit statuses of shells, ssh and ourselves for what cannot be run, or is not there
COMMAND_KEYS = {"command", "shell", "timeout"}
CONTROL_KEYS = {*PLACEHOLDERS, "timeout", "url", "token"}
WHAT_IT_DOES = {
    "stop_host": "stop the compute service of a host",
    "return_host": "start the compute service of a host again",
    "run_periodic": "run the resource tracker's periodic of a host",
    "read_log": "read a host's log",
}


class NotDone(Unverified):
    """An action was not even begun, because the control that is configured cannot be reached or started."""


class Control(Protocol):
    """A cloud's levers outside its APIs. Hosts are named as `host` of the compute service."""

    def missing(self, action: str) -> Unverified | None:
        """Why `action` cannot be done here, and what to set; None when it can.

        An action is the name of a method below, or "lose_guests": returning a host whose guests are lost.
        """

    def stop_host(self, host: str) -> None:
        """Stop the host's compute service; its guests keep running."""

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Start the host's compute service again, its guests as they were or lost."""

    def run_periodic(self, host: str | None = None) -> None:
        """Return when the resource tracker's periodic has run on that host, or on all."""

    def run_task(self, host: str, task: str) -> None:
        """Return when another periodic task of that host's compute manager has run, by the name of its method."""

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:
        """Lines of Nova's log that belong to these requests; `host` None reads every host's."""

    def add_host(self, driver: str, name: str | None = None) -> str:
        """Add a compute host with that virt driver class and return its name."""

    def remove_host(self, host: str) -> None:
        """Take away a host that `add_host` added."""

    def option(self, option: str, group: str = "DEFAULT") -> Any:
        """Read one of Nova's options."""

    def configure(self, option: str, value: Any, group: str = "DEFAULT") -> Any:
        """Set one of Nova's options and return what it was before."""


def control_for(
    settings: Mapping[str, Any] | None,
    *,
    cloud: str,
    hosts: Sequence[str] | None = None,
    periodic_interval: float | None = None,
    secrets: Iterable[str] = (),
) -> "HttpControl | CommandControl":
    """The control that `stocktake: control:` of a cloud describes; both kinds are a `Control`.

    `hosts` are those that actions on all hosts go to, `periodic_interval` the seconds between two runs of the
    resource tracker's periodic, if known; `secrets` are masked in what commands print.
    Raises ConfigurationError for a key nobody knows.
    """
    settings = dict(settings or {})
    for key in settings:
        if key not in CONTROL_KEYS:
            raise ConfigurationError(f"{_key(cloud, key)}: no such control{_did_you_mean(key, CONTROL_KEYS)}")
    if "url" in settings:
        if "token" not in settings:
            raise ConfigurationError(f"{_key(cloud, 'url')} needs a token beside it")
        return HttpControl(settings["url"], settings["token"])
    return CommandControl(settings, cloud=cloud, hosts=hosts, periodic_interval=periodic_interval, secrets=secrets)


def control_of(target: Target) -> "HttpControl | CommandControl":
    """The control of one cloud, as its entry in clouds.yaml describes it. Raises like `control_for`."""
    return control_for(
        target.settings.control,
        cloud=target.name,
        hosts=target.settings.hosts,
        periodic_interval=target.settings.periodic_interval,
        secrets=target.secrets,
    )


class HttpControl:
    """The control endpoint of a lab: JSON over HTTP with a token."""

    def __init__(self, url: str, token: str):
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # The endpoint is on this machine: a proxy for the outside world must not come between.
        self._session.trust_env = False
        self._session.headers["X-Control-Token"] = token

    def __repr__(self) -> str:
        return f"HttpControl({self.url!r})"

    def missing(self, action: str) -> Unverified | None:  # noqa: ARG002 - a lab can do everything
        """Nothing is missing."""
        return None

    def hosts(self) -> list[dict[str, str]]:
        """Every compute host: `host`, `state` ("up" or "stopped") and `driver`."""
        return list(self._request("GET", "/hosts")["hosts"])

    def stop_host(self, host: str) -> None:
        """Stop the host's compute service; its guests keep running."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/stop")

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Start the host's compute service again, its guests as they were or lost."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/return", {"guests": guests})

    def run_periodic(self, host: str | None = None) -> None:
        """Return when the resource tracker's periodic has run on that host, or on all that are up."""
        path = "/periodic" if host is None else f"/hosts/{quote(host, safe='')}/periodic"
        self._request("POST", path)

    def run_task(self, host: str, task: str) -> None:
        """Return when another periodic task of that host's compute manager has run, by the name of its method."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/periodic", {"task": task})

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:  # noqa: ARG002 - one log for all
        """Warning and error lines of Nova's log that belong to these requests."""
        params = [("request_id", request_id) for request_id in request_ids]
        return list(self._request("GET", "/logs", params=[*params, ("level", "WARNING")])["lines"])

    def add_host(self, driver: str, name: str | None = None) -> str:
        """Add a compute host with that virt driver class and return its name."""
        return str(self._request("POST", "/hosts", {"driver": driver} | ({"host": name} if name else {}))["host"])

    def remove_host(self, host: str) -> None:
        """Take away a host that `add_host` added."""
        self._request("DELETE", f"/hosts/{quote(host, safe='')}")

    def option(self, option: str, group: str = "DEFAULT") -> Any:
        """Read one of Nova's options."""
        return self._request("GET", "/options", params=[("group", group), ("name", option)])["value"]

    def configure(self, option: str, value: Any, group: str = "DEFAULT") -> Any:
        """Set one of Nova's options and return what it was before."""
        return self._request("PUT", "/options", {"group": group, "name": option, "value": value})["was"]

    # What no cloud but a lab can do

    def set_capabilities(self, host: str, capabilities: Mapping[str, bool]) -> dict[str, bool]:
        """Change what a host's virt driver can do, as its `supports_...` say; return what it could before."""
        path = f"/hosts/{quote(host, safe='')}/capabilities"
        return dict(self._request("PUT", path, dict(capabilities))["was"])

    def nova_manage(self, *arguments: str) -> tuple[int, str]:
        """Run nova-manage with these arguments and return its exit status and what it printed."""
        done = self._request("POST", "/nova-manage", {"args": list(arguments)})
        return int(done["status"]), str(done["output"]) + str(done["errors"])

    def inject_fault(self, method: str, path_regex: str, *, status: int, detail: str, times: int = 1) -> None:
        """Let Placement answer the next requests of that method and path with an error, and not carry them out.

        The error's code is that of a concurrent update; `detail` is what else it says.
        """
        fault = {"method": method, "path_regex": path_regex, "status": status, "detail": detail, "times": times}
        self._request("PUT", "/placement-fault", fault)

    def fault(self) -> Mapping[str, Any]:
        """Return the fault that was injected: `seen` is how often it struck, `times` how often it still will."""
        return self._request("GET", "/placement-fault")

    def remove_fault(self) -> None:
        """Let Placement answer as it should. No fault is fine."""
        self._request("DELETE", "/placement-fault")

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, params: Sequence[tuple[str, str]] = ()
    ) -> dict[str, Any]:
        try:
            answer = self._session.request(
                method, self.url + path, json=body if method != "GET" else None, params=params, timeout=HTTP_LIMIT
            )
            content = answer.json() if answer.content else {}
        except requests.RequestException as error:
            if never_connected(error):
                reason = f"the control endpoint {self.url} cannot be reached: {why(error)}"
                raise NotDone(reason, f'correct "url" under {IN_CLOUDS_YAML}') from error
            raise CloudError(f"the control endpoint {self.url} did not answer {method} {path}: {why(error)}") from error
        if answer.status_code in UNTRUSTED:
            raise NotDone(
                f"the control endpoint {self.url} does not accept the token", f'correct "token" under {IN_CLOUDS_YAML}'
            )
        if not answer.ok:
            said = content.get("error") or content.get("message") or content if isinstance(content, dict) else content
            raise CloudError(f"the control endpoint refused {method} {path} with {answer.status_code}: {said}")
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class Output:
    """What one control command said. The command itself is not kept: it may hold a secret."""

    action: str
    host: str | None
    status: int | None  # None: stopped at its time limit
    seconds: float
    text: str


@dataclass(frozen=True)
class _Command:
    """A command of clouds.yaml: its words, or one line for a shell, with placeholders; and its limit in seconds."""

    words: tuple[str, ...]
    timeout: float
    shell: bool

    @property
    def placeholders(self) -> set[str]:
        return _placeholders(self.words)

    @property
    def absent(self) -> str | None:
        """The program that is to run, if it is not there; None also where only a shell or the host's name can tell."""
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

    Each of stop_host, return_host, run_periodic and read_log is a command (text, or a list of words), or a mapping of
    `command`, `timeout` (seconds) and `shell` (default false); `timeout` beside them is the limit of all. Commands may
    contain {host}; return_host also {guests} ("kept" or "lost"), read_log also {request_ids} (alternatives for
    `grep -E`). Without run_periodic, a `periodic_interval` (the longest time in seconds between the ends of two runs)
    is waited out. `secrets` are masked in kept outputs.
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

    def __repr__(self) -> str:
        return f"CommandControl({', '.join(sorted(self._commands)) or 'nothing configured'})"

    def missing(self, action: str) -> Unverified | None:
        """Why `action` cannot be done here and what to set; None when it can."""
        if action == "lose_guests":
            return self._missing_loss()
        if action in self._commands:
            return self._without_program(action)
        if action == "run_periodic" and self._periodic_interval:
            return None
        if action in WHAT_IT_DOES:
            remedy = f"set {_key(self._cloud, action)} to a command with {{host}}"
            if action == "run_periodic":
                remedy += ', or "periodic_interval" under "stocktake:" to the seconds between two runs'
            return Unverified(f'nothing is configured to {WHAT_IT_DOES[action]} on cloud "{self._cloud}"', remedy)
        lacks = {
            "add_host": "compute hosts cannot be added",
            "remove_host": "compute hosts cannot be removed",
            "run_task": "no single periodic task can be run",
        }.get(action, "Nova's options cannot be changed")
        return Unverified(f'{lacks} on cloud "{self._cloud}"', "run this feature on the embedded lab: --cloud=lab")

    def stop_host(self, host: str) -> None:
        """Run the command that stops the host's compute service."""
        self._run("stop_host", host)

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Run the command that starts the host's compute service; guests are lost only if it has {guests}."""
        missing = self._missing_loss() if guests == "lost" else None
        if missing is not None:
            raise missing
        self._run("return_host", host, guests=guests)

    def run_periodic(self, host: str | None = None) -> None:
        """Run the periodic's command for that host, or for all; without a command wait until every host ran one."""
        if "run_periodic" not in self._commands and self._periodic_interval:
            self._await_periodic(self._periodic_interval)
            return
        for each in self._each_host("run_periodic", host):
            self._run("run_periodic", each)

    def run_task(self, host: str, task: str) -> None:  # noqa: ARG002 - cannot be done at all
        """Only a lab runs single tasks."""
        raise self._lacking("run_task")

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:
        """The lines that the log command prints for these requests."""
        wanted = "|".join(request_ids)
        outputs = [self._run("read_log", each, request_ids=wanted) for each in self._each_host("read_log", host)]
        return [line for output in outputs for line in output.splitlines()]

    def add_host(self, driver: str, name: str | None = None) -> str:  # noqa: ARG002 - cannot be done at all
        """Only a lab has hosts to give."""
        raise self._lacking("add_host")

    def remove_host(self, host: str) -> None:  # noqa: ARG002 - cannot be done at all
        """Only a lab takes hosts away."""
        raise self._lacking("remove_host")

    def option(self, option: str, group: str = "DEFAULT") -> Any:  # noqa: ARG002 - cannot be done
        """Only a lab's options are ours to read."""
        raise self._lacking("configure")

    def configure(self, option: str, value: Any, group: str = "DEFAULT") -> Any:  # noqa: ARG002 - cannot be done
        """Only a lab's options are ours to change."""
        raise self._lacking("configure")

    def _without_program(self, action: str) -> Unverified | None:
        program = self._commands[action].absent
        if program is None:
            return None
        return Unverified(
            f'the command to {WHAT_IT_DOES[action]} cannot run: there is no program "{program}" on this machine',
            f"correct {_key(self._cloud, action)}",
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
            f'add {{guests}}, which becomes "kept" or "lost", to {_key(self._cloud, "return_host")}',
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
        began = self._clock.now()
        eventually(
            lambda: self._clock.now() - began,
            greater_than_or_equal_to(interval),
            within=2 * interval,
            what=f"the resource tracker's next periodic on every host (every {interval:g} s)",
            describe="{:.0f} s have passed".format,
            clock=self._clock,
        )

    def _run(self, action: str, host: str | None, **values: str) -> str:
        """Run one command to its end and return what it printed, standard error last."""
        command = self._command(action)
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
            key = _key(self._cloud, action)
            raise unverified(f"the command to {WHAT_IT_DOES[action]}{on_host} {how}: {last}", f"correct {key}")
        return text

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class DisruptionSettings(Protocol):
    """The two settings of a cloud that say whom Stocktake may disturb."""

    @property
    def allow_disruptive(self) -> bool:
        """Whether anything may be disrupted at all."""

    @property
    def hosts(self) -> Sequence[str] | None:
        """The hosts Stocktake may use; None when the operator listed none."""


def may_disrupt(settings: DisruptionSettings, host: str, foreign_servers: Sequence[str]) -> Unverified | None:
    """Why a host may not be stopped, forced down, disabled or evacuated; None when it may.

    `foreign_servers` are the ids of the servers on it that Stocktake did not create.
    """
    if not settings.allow_disruptive:
        return Unverified(
            "this cloud does not allow disruptive scenarios",
            'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if not settings.hosts:
        return Unverified(
            "no host is named that may be disrupted",
            'list such hosts as "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if host not in settings.hosts:
        return Unverified(
            f'host "{host}" is not among the hosts that may be disrupted ({", ".join(settings.hosts)})',
            'add it to "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if foreign_servers:
        count = len(foreign_servers)
        return Unverified(
            f'host "{host}" runs {count} {"server" if count == 1 else "servers"} that Stocktake did not create '
            f"(such as {foreign_servers[0]})",
            'move them away, or list an empty host instead as "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    return None


def _read_command(cloud: str, action: str, setting: Any, timeout: float) -> _Command:
    key = _key(cloud, action)
    options = setting if isinstance(setting, Mapping) else {"command": setting}
    for option in options:
        if option not in COMMAND_KEYS:
            raise ConfigurationError(f'{key}: no option "{option}"{_did_you_mean(str(option), COMMAND_KEYS)}')
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
        raise ConfigurationError(f'{_key(cloud, key)}: "{setting}" is not a number of seconds')
    return float(setting)


def _run_to_its_end(words: Sequence[str], within: float) -> tuple[int | None, str]:
    """Exit status and output of a command; status None when it, and all it started, was killed at its limit.

    The output goes through a file: a service that the command leaves running may keep a pipe open for ever.
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


def _key(cloud: str, key: str) -> str:
    return f'"{key}" under "stocktake: control:" of cloud "{cloud}" in clouds.yaml'


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(sorted(known))}"
