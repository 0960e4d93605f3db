"""What the APIs do not offer: stop a host's compute service, start it again, run its periodic task, read its log.

The lab offers all of it over a loopback endpoint (`HttpControl`); elsewhere the operator maps each action to a command
(`CommandControl`). Actions that are not configured, or wrongly configured, raise `Unverified`, so that a scenario that
needs one is reported with the setting that would make it run.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from stocktake.support.api.clients import Clients
from stocktake.support.api.session import Session
from stocktake.support.config.settings import Settings
from stocktake.support.config.target import Target
from stocktake.support.errors import ConfigurationError, Unverified
from stocktake.support.hosts.commands import PLACEHOLDERS, CommandControl, did_you_mean, key_of
from stocktake.support.hosts.compute_hosts import ComputeHosts
from stocktake.support.hosts.disruption import Guests
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.leases import Leases
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.waiting import Pace

CONTROL_KEYS = {*PLACEHOLDERS, "timeout", "url", "token"}


class Control(Protocol):
    """The control of a cloud outside its APIs. Hosts are named as `host` of the compute service."""

    acts: int
    """The number of actions that may have changed the cloud."""

    @property
    def awaited_interval(self) -> float | None:
        """Seconds to wait until the periodic task has run on every host, where it cannot be run; None where it can, or
        where this is not known."""

    def missing(self, action: str) -> Unverified | None:
        """Why `action` cannot be done here, and what to set; None when it can.

        An action is the name of a method below, or "lose_guests": returning a host whose guests are lost.
        """

    def stop_host(self, host: str) -> None:
        """Stop the host's compute service; its guests keep running."""

    def fail_host(self, host: str) -> None:
        """Halt the host without Nova's knowledge: it counts as up until service_down_time has passed."""

    def drop_messages(self, host: str) -> None:
        """Delete the messages that wait for a host whose compute service is not running."""

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Start the host's compute service again, its guests as they were or lost."""

    def run_periodic(self, host: str | None = None) -> None:
        """Return when the resource tracker's periodic task has run on that host, or on all."""

    def run_periodics(self, hosts: Sequence[str]) -> None:
        """Return when the resource tracker's periodic task has run on each of these hosts, in this order if
        possible."""

    def run_task(self, host: str, task: str) -> None:
        """Return when another periodic task of that host's compute manager has run, by the name of its method."""

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:
        """Lines of Nova's log that belong to these requests; `host` None reads every host's."""

    def add_host(self, driver: str, name: str | None = None) -> str:
        """Add a compute host with that virt driver class and return its name."""

    def remove_host(self, host: str) -> None:
        """Remove a host that `add_host` added."""

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
) -> HttpControl | CommandControl:
    """The control that `stocktake: control:` of a cloud describes; both kinds are a `Control`.

    `hosts` are those that actions on all hosts apply to, `periodic_interval` the seconds between two runs of the
    resource tracker's periodic task, if known; `secrets` are masked in the output of commands. Raises
    ConfigurationError for an unknown key.
    """
    settings = dict(settings or {})
    for key in settings:
        if key not in CONTROL_KEYS:
            raise ConfigurationError(f"{key_of(cloud, key)}: no such control{did_you_mean(key, CONTROL_KEYS)}")
    if "url" in settings:
        if "token" not in settings:
            raise ConfigurationError(f"{key_of(cloud, 'url')} needs a token beside it")
        return HttpControl(settings["url"], settings["token"])
    return CommandControl(settings, cloud=cloud, hosts=hosts, periodic_interval=periodic_interval, secrets=secrets)


def control_of(target: Target) -> HttpControl | CommandControl:
    """Return the control of one cloud, as its entry in clouds.yaml describes it. Raises like `control_for`."""
    return control_for(
        target.settings.control,
        cloud=target.name,
        hosts=target.settings.hosts,
        periodic_interval=target.settings.periodic_interval,
        secrets=target.secrets,
    )


class ControlledCloud(Clients):
    """All clients of one cloud as its administrator, its control, its compute hosts and their leases.

    `pace` is how long operations have taken on it.
    """

    def __init__(self, session: Session):
        super().__init__(session)
        self.pace = Pace()
        self._hosts: dict[str, ComputeHost] = {}

    @property
    def settings(self) -> Settings:
        """The settings under `stocktake:` of the cloud."""
        return self.target.settings

    @cached_property
    def control(self) -> Control:
        """The control, as far as it is configured. Raises ConfigurationError as `control_for` does."""
        return control_of(self.target)

    @cached_property
    def leases(self) -> Leases:
        """The leases of this cloud's hosts.

        All runs on one cloud identify it alike, by Nova's entry in the catalog, whatever address each of them uses.
        """
        region = self.target.region
        where = f"{region.get_auth_args().get('auth_url')} {region.region_name}"
        cloud = self.session.identity_of("compute") or where
        return Leases(self.settings.coordinator, cloud, provider_of=self._provider_of, state=self.settings.state)

    @cached_property
    def compute_hosts(self) -> ComputeHosts:
        """What is known of this cloud's compute hosts, and which of them can exchange servers."""
        return ComputeHosts(self)

    def _provider_of(self, service: str) -> str | None:
        """Return the uuid of a host's resource provider; None for one that no scenario can use, which `host` says.

        Raises CloudError when Nova cannot be asked: another name would be another lock.
        """
        try:
            return self.host(service).provider
        except Unverified:
            return None

    def host(self, service: str) -> ComputeHost:
        """Return a compute host by the name of its compute service; asked once per process.

        Raises Unverified when Nova has no such host, or several compute nodes on it.
        """
        if service not in self._hosts:
            nodes = self.compute_hosts.nodes(service)
            if not nodes:
                raise Unverified(
                    f'cloud "{self.target.name}" has no compute host "{service}"',
                    f'correct "hosts:" under "stocktake:" of the cloud in {self.target.file}',
                )
            if len(nodes) > 1:
                raise Unverified(
                    f'host "{service}" has {len(nodes)} compute nodes, and Stocktake needs hosts with one',
                    f'list others as "hosts:" under "stocktake:" of the cloud in {self.target.file}',
                )
            self._hosts[service] = ComputeHost(service, nodes[0].hostname, nodes[0].id)
        return self._hosts[service]

    def forget_host(self, service: str) -> None:
        """Forget a host that was replaced by one with the same name, so that it is read again."""
        self._hosts.pop(service, None)
        self.compute_hosts.forget(service)
