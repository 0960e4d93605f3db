"""What an operator allows Stocktake on a cloud: the key `stocktake:` of its entry in clouds.yaml."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stocktake.support.errors import ConfigurationError
from stocktake.support.known import Listed

SECTION = "stocktake"

PATIENCE: Mapping[str, float] = MappingProxyType(
    {
        "boot": 300,
        "resize": 300,
        "confirm": 120,
        "revert": 300,
        "migrate": 300,
        "live_migrate": 600,
        "evacuate": 300,
        "shelve": 300,
        "unshelve": 300,
        "rebuild": 300,
        "start": 120,
        "stop": 120,
        "attach": 120,
        "delete": 120,
        "accounts": 60,
        "host": 300,
        "lease": 900,
        "api": 60,
    }
)
"""Seconds an operation may take on a cloud that says nothing else. `accounts` is the time allocations may take to
settle after an operation, `host` that of a compute service to stop or return, `lease` the wait for free hosts,
`api` how long one request may go on failing before its API is blamed."""

KNOWN_KEYS = ("scenario", "summary", "link", "until")

PROJECTS = ("own", "given")
"""The projects in which a run may create its servers: one of its own, or that of clouds.yaml."""

COMMANDS = ("stop_host", "fail_host", "drop_messages", "return_host", "run_periodic", "read_log")
"""What `control:` can map to a shell command."""

LONGEST_TEXT_SHOWN = 20  # characters

CONTROL_KEYS = ("url", "token", *COMMANDS, "timeout")

REFRESH_INTERVAL = 300.0
"""Nova's default of `[compute] resource_provider_association_refresh`, in seconds."""


@dataclass(frozen=True)
class Settings:
    """The `stocktake:` key of a cloud, validated. `cloud` and `file` say where it is, for messages.

    image            name or id; None takes a usable one
    network          "none", "auto" or a network's id
    project          "own", one that the run creates and deletes where possible, or "given", that of clouds.yaml
    hosts            compute hosts that may be used; None means all enabled ones
    host_groups      groups of hosts that can exchange servers; a host in none is judged by what can be read
    volume           id of a bootable volume; volume_type: type of volumes to create
    volume_backend   another back end than theirs, to which Cinder may move volumes: its volume_backend_name
    physical_network a provider network on which VLANs of a run may guarantee bandwidth
    accelerator      resource class of the accelerators that Cyborg manages
    patience         seconds per operation, see PATIENCE
    allow_disruptive whether hosts may be stopped, or changed so that others could notice
    control          {url, token} of a control endpoint, or commands; see COMMANDS
    coordinator      tooz URL for leases; None is a file on this machine
    periodic_interval seconds between two runs of the resource tracker's periodic; None is not known
    refresh_interval seconds for which nova-compute keeps what it has read of its provider tree; 0 is for ever
    user_cloud       another entry of clouds.yaml: a user without the admin role
    state            folder for journals and leases; None is the user's own
    known            scenarios that this cloud is known to fail, and until when
    """

    cloud: str
    file: str
    image: str | None = None
    network: str = "none"
    project: str = "own"
    hosts: tuple[str, ...] | None = None
    host_groups: tuple[tuple[str, ...], ...] = ()
    volume: str | None = None
    volume_type: str | None = None
    volume_backend: str | None = None
    physical_network: str | None = None
    accelerator: str = "FPGA"
    patience: Mapping[str, float] = field(default_factory=lambda: PATIENCE)
    allow_disruptive: bool = False
    control: Mapping[str, Any] = field(default_factory=dict, repr=False)
    coordinator: str | None = field(default=None, repr=False)
    periodic_interval: float | None = None
    refresh_interval: float = REFRESH_INTERVAL
    user_cloud: str | None = None
    state: Path | None = None
    known: tuple[Listed, ...] = ()

    def patience_for(self, operation: str) -> float:
        """Return the seconds an operation of PATIENCE may take. Raises KeyError for any other word."""
        return self.patience[operation]

    @classmethod
    def read(cls, section: Any, *, cloud: str, file: str) -> "Settings":
        """Validate the settings under `stocktake:` (None when the key is absent).

        Raises ConfigurationError naming file, cloud and key, and the nearest known key for one that is unknown.
        """
        where = f'{file}: cloud "{cloud}"'
        section = {} if section is None else section
        if not isinstance(section, Mapping):
            raise ConfigurationError(f"{where}: {SECTION}: is {shown(section)}, but should be a mapping of settings")
        values = {}
        for key, value in section.items():
            if key not in _READERS:
                raise ConfigurationError(f"{where}: {SECTION}: {not_known(key, _READERS, 'setting')}")
            if value is not None:
                values[key] = _READERS[key](value, f"{where}: {SECTION}: {key}")
        return cls(cloud=cloud, file=file, **values)


# Reading single settings. Each reader takes the value and the beginning of a message, and returns the valid value.


def text(value: Any, where: str) -> str:
    """Return a text that is not empty, without white space around it."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ConfigurationError(f"{where} is {shown(value)}, but should be text")


def _folder(value: Any, where: str) -> Path:
    """Return a folder that does not depend on the current folder."""
    folder = Path(text(value, where)).expanduser()
    if not folder.is_absolute():
        raise ConfigurationError(
            f"{where} is {shown(value)}, but should be an absolute path, or one that begins with ~"
        )
    return folder


def _project(value: Any, where: str) -> str:
    if value in PROJECTS:
        return str(value)
    raise ConfigurationError(f"{where} is {shown(value)}, but should be {' or '.join(PROJECTS)}")


def _truth(value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigurationError(f"{where} is {shown(value)}, but should be true or false")


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise ConfigurationError(f"{where} is {shown(value)}, but should be a number of seconds above 0")


def _seconds_or_zero(value: Any, where: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise ConfigurationError(f"{where} is {shown(value)}, but should be a number of seconds, or 0")


def _hosts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(host, str) and host.strip() for host in value):
        raise ConfigurationError(f"{where} is {shown(value)}, but should be a list of compute hosts")
    repeated = sorted({host for host in value if value.count(host) > 1})
    if repeated:
        raise ConfigurationError(f'{where} names "{repeated[0]}" more than once')
    if not value:
        raise ConfigurationError(f"{where} is empty; name a host, or leave the key out to allow all enabled hosts")
    return tuple(value)


def _host_groups(value: Any, where: str) -> tuple[tuple[str, ...], ...]:
    """Return groups of hosts, from a list of lists."""
    if not isinstance(value, list) or not value:
        raise ConfigurationError(f"{where} is {shown(value)}, but should be a list of lists of compute hosts")
    groups = tuple(_hosts(group, f"{where}: group {number}") for number, group in enumerate(value, start=1))
    every = [host for group in groups for host in group]
    repeated = sorted({host for host in every if every.count(host) > 1})
    if repeated:
        raise ConfigurationError(f'{where} has "{repeated[0]}" in two groups')
    return groups


def _patience(value: Any, where: str) -> Mapping[str, float]:
    """Return seconds for every operation, from one number for all or a mapping for some."""
    if not isinstance(value, Mapping):
        seconds = _seconds(value, where)
        return MappingProxyType(dict.fromkeys(PATIENCE, seconds))
    for operation in value:
        if operation not in PATIENCE:
            raise ConfigurationError(f"{where}: {not_known(operation, PATIENCE, 'operation')}")
    own = {operation: _seconds(seconds, f"{where}: {operation}") for operation, seconds in value.items()}
    return MappingProxyType({**PATIENCE, **own})


def _control(value: Any, where: str) -> Mapping[str, Any]:
    """Return a control endpoint's address and token, or commands as text or lists of words."""
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{where} is {shown(value)}, but should be a mapping: url and token, or commands")
    for key in value:
        if key not in CONTROL_KEYS:
            raise ConfigurationError(f"{where}: {not_known(key, CONTROL_KEYS, 'key')}")
    if ("url" in value) != ("token" in value):
        lacking = "token" if "url" in value else "url"
        raise ConfigurationError(f"{where}: lacks {lacking}: a control endpoint needs both url and token")
    commands = [key for key in COMMANDS if key in value]
    if "url" in value and commands:
        raise ConfigurationError(f"{where}: has both url and {commands[0]}; use a control endpoint or commands")
    readers: dict[str, Callable[[Any, str], Any]] = {"timeout": _seconds, "url": text, "token": text}
    return MappingProxyType({key: readers.get(key, _command)(item, f"{where}: {key}") for key, item in value.items()})


def _command(value: Any, where: str) -> str | tuple[str, ...] | Mapping[str, Any]:
    if isinstance(value, Mapping) and "command" in value:
        return value  # with its own options, which the control reads
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return tuple(value)
    if isinstance(value, str) and value.strip():
        return value
    raise ConfigurationError(f"{where} is {shown(value)}, but should be a command: text, or a list of words")


def _known(value: Any, where: str) -> tuple[Listed, ...]:
    """Return scenarios that are known to fail, from a list of mappings."""
    if not isinstance(value, list):
        raise ConfigurationError(f"{where} is {shown(value)}, but should be a list of scenarios that are known to fail")
    return tuple(_listed(entry, f"{where}: entry {number}") for number, entry in enumerate(value, start=1))


def _listed(entry: Any, where: str) -> Listed:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"{where} is {shown(entry)}, but should be a mapping: {', '.join(KNOWN_KEYS)}")
    for key in entry:
        if key not in KNOWN_KEYS:
            raise ConfigurationError(f"{where}: {not_known(key, KNOWN_KEYS, 'key')}")
    for key in KNOWN_KEYS:
        if key not in entry:
            raise ConfigurationError(f"{where}: lacks {key}")
    texts = {key: text(entry[key], f"{where}: {key}") for key in KNOWN_KEYS if key != "until"}
    return Listed(**texts, until=day(entry["until"], f"{where}: until"))


def day(value: Any, where: str) -> date:
    """Return a date, which YAML has already read as one unless it is quoted."""
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ConfigurationError(f"{where} is {shown(value)}, but should be a date such as 2027-01-31") from None


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "image": text,
    "network": text,
    "project": _project,
    "hosts": _hosts,
    "host_groups": _host_groups,
    "volume": text,
    "volume_type": text,
    "volume_backend": text,
    "physical_network": text,
    "accelerator": text,
    "patience": _patience,
    "allow_disruptive": _truth,
    "control": _control,
    "coordinator": text,
    "periodic_interval": _seconds,
    "refresh_interval": _seconds_or_zero,
    "user_cloud": text,
    "state": _folder,
    "known": _known,
}


def not_known(key: Any, known: Iterable[str], kind: str) -> str:
    """Return a sentence about a word that is none of the known ones: with the nearest of them, or with all."""
    known = list(known)
    nearest = did_you_mean(str(key), known)
    return f'"{key}" is not a known {kind}{nearest}' + ("" if nearest else f"; known are {', '.join(known)}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that suggests the nearest known word, "" when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else ""


def shown(value: Any) -> str:
    """Show a wrong value in a sentence; a longer text may be a misplaced secret."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str) and len(value) <= LONGEST_TEXT_SHOWN:
        return f'"{value}"'
    return {str: "text", list: "a list", dict: "a mapping", type(None): "empty"}.get(type(value), "something else")
