"""What a cloud offers, what each feature needs, and what is missing.

Capabilities are read from the cloud and its settings without changing anything; the needs of a feature are declared by
its phrases (`needs`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from stocktake.support.accounting.ports import GUARANTEED
from stocktake.support.api import microversions
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.hypervisors import HYPERVISOR_TYPES
from stocktake.support.api.compute.quotas import UNLIMITED
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.limits import MORE_ROOM, policy_remedy, quota_remedy
from stocktake.support.api.microversions import Microversion, VersionRange
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.config.user_cloud import no_users, quota_of_named_user
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.hosts.compute_hosts import ComputeHosts
from stocktake.support.hosts.control import control_of
from stocktake.support.hosts.disruption import may_disrupt
from stocktake.support.hosts.groups import ANY, DECLARE, MORE_HOSTS, Exchange, Grouping, HostGroup
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.leases import Leases
from stocktake.support.hosts.needs import LIVE_MOVES, MOVES, OWN_ZONES, REFRESH, SAME_HOST
from stocktake.support.hosts.provider_cache import never_read
from stocktake.support.inspection.needs import Needs
from stocktake.support.inspection.permissions import (
    LISTINGS,
    forbidden_listings,
    quotas_of_given_project,
    why_given_project,
)
from stocktake.support.inspection.room import shown_room
from stocktake.support.ownership.mark import Mark

CONTROLLED = {
    "stop_host": "a compute service can be stopped",
    "fail_host": "a host can fail without Nova noticing at once",
    "return_host": "a compute service can be started again",
    "drop_messages": "the messages that wait for a host can be deleted",
    "lose_guests": "a host can return without its guests",
    "run_periodic": "the periodic task of the resource tracker can be run or awaited",
    "read_log": "Nova's log can be shown in failures",
    "add_host": "special compute hosts can be added",
    "configure": "Nova's options can be changed",
}
"""What `stocktake: control:` may offer, by the action's name."""

NO_BLOCK_STORAGE = "the cloud has no block storage service in its catalog"


@dataclass(frozen=True)
class Capability:
    """Something that a feature may need: whether the cloud offers it, in which form, and how to provide it.

    Without an essential one nothing can be verified. `amount` is the number offered, where that matters; `limits` are
    quotas by their names.
    """

    name: str
    title: str
    offered: bool
    detail: str
    remedy: str = ""
    essential: bool = False
    amount: int = 0
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether a feature can be verified; if not wholly, each obstacle and its remedy."""

    feature: str
    needs: Needs
    obstacles: tuple[tuple[str, str], ...] = ()


def judge(
    feature: str, needs: Needs, capabilities: Iterable[Capability], offered: Mapping[str, VersionRange]
) -> Verdict:
    """Compare what a feature needs with what the cloud offers; `offered` are the microversions by service."""
    known = {capability.name: capability for capability in capabilities}
    obstacles = [
        (capability.detail, capability.remedy)
        for capability in known.values()
        if not capability.offered and (capability.essential or capability.name in needs.capabilities)
    ]
    obstacles += _lacking_hosts(needs, known)
    project = known.get("project")
    exceeded = _exceeded(needs, project.limits) if project else ""
    if project and exceeded:
        obstacles.append((f"some of its flavors exceed the quota of the project ({exceeded})", project.remedy))
    for service, version in needs.versions.items():
        if Microversion.parse(version) not in offered[service]:
            why = f"it needs {service} API {version}, and the cloud offers {offered[service]}"
            obstacles.append((why, f"run it on a cloud with another version of {service}"))
    return Verdict(feature, needs, tuple(obstacles))


def _lacking_hosts(needs: Needs, known: Mapping[str, Capability]) -> Iterator[tuple[str, str]]:
    """Yield why there are too few hosts, or too few that can exchange servers."""
    hosts = known.get("hosts")
    if hosts and hosts.amount < needs.hosts:
        why = f"it needs {needs.hosts} hosts and may use {hosts.amount}" if hosts.offered else hosts.detail
        yield why, hosts.remedy
        return
    for need, count in needs.exchanging.items():
        exchange = known.get(need)
        if exchange and exchange.amount < count:
            yield f"it needs {count} hosts that can exchange servers, and {exchange.detail}", exchange.remedy


def _exceeded(needs: Needs, limits: Mapping[str, int]) -> str:
    """Say which quotas the largest flavor of a feature exceeds."""
    known = {name: limits[name] for name in needs.largest if limits.get(name, UNLIMITED) != UNLIMITED}
    return ", ".join(f"{name} {limit}" for name, limit in known.items() if needs.largest[name] > limit)


class Examination:
    """Queries to one cloud; `capabilities` sends them all."""

    def __init__(self, clients: Clients):
        self._clients = clients
        self._target = clients.session.target
        self._compute_hosts = ComputeHosts(clients)

    def capabilities(self) -> list[Capability]:
        """Query everything, in order of importance. Raises CloudError when the cloud does not respond."""
        essential = [self._apis(), self._administrator(), self._image(), *self._hosts(), self._leases()]
        return [*essential, self._project(), *self._optional()]

    def _optional(self) -> Iterator[Capability]:
        yield self._disruption()
        yield from self._controlled()
        yield self._same_host()
        yield from self._drivers()
        yield self._users()
        yield self._quotas()
        yield self._volumes()
        yield self._block_storage()
        yield self._volume_backend()
        yield self._ports()
        yield self._accelerators()
        yield self._deletions()
        yield self._figures()

    def _deletions(self) -> Capability:
        """Whether deleted servers are gone at once, which no API shows."""
        title = "deleted servers are gone at once"
        if isinstance(control_of(self._target), HttpControl):
            return Capability("deletions", title, True, "")
        detail = "scenarios may be unverified if reclaim_instance_interval in nova.conf is not 0, which no API shows"
        return Capability("deletions", title, True, detail)

    def _figures(self) -> Capability:
        """Whether hypervisor figures show what a scenario does, which only shows when others change servers."""
        title = "hypervisor figures count no servers of others"
        if isinstance(control_of(self._target), HttpControl):
            return Capability("figures", title, True, "")
        detail = "scenarios about them may be unverified: hypervisor figures count everybody's servers"
        return Capability("figures", title, True, detail)

    def _disruption(self) -> Capability:
        """Whether hosts may be disrupted, and which of them not as long as others have servers there."""
        title, settings = "hosts may be stopped, or changed so that others could notice", self._target.settings
        hosts = settings.hosts or ()
        forbidden = may_disrupt(settings, next(iter(hosts), ""), ())
        if forbidden is not None:
            return _from("disruption", title, forbidden)
        try:
            servers = {host: self._clients.servers.all(host=host, all_projects=True) for host in hosts}
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            unseen = "scenarios may be unverified, because policies do not let its user list the servers of others"
            return Capability("disruption", title, True, unseen)
        foreign = {host: [one.id for one in found if Mark.of(one.name) is None] for host, found in servers.items()}
        occupied = [may_disrupt(settings, host, ids) for host, ids in foreign.items() if ids]
        lines = [f"not now, so that scenarios may be unverified: {reason}" for reason in occupied]
        return Capability("disruption", title, True, "; ".join(lines))

    def _controlled(self) -> Iterator[Capability]:
        """What the configured control can do; nothing if it is an endpoint that does not respond."""
        control = control_of(self._target)
        unreached = _unreached(control) if isinstance(control, HttpControl) else None
        for action, title in CONTROLLED.items():
            yield _from(action, title, unreached or control.missing(action))
        never = unreached or never_read(self._target, control)
        yield _from(REFRESH, "nova-compute notices changes in the provider tree of its host", never)
        title = "faults can be injected into Placement and virt drivers, and nova-manage can be run"
        if not isinstance(control, HttpControl):
            remedy = "run this feature on the embedded lab: --cloud=lab"
            yield Capability("lab", title, False, f'cloud "{self._target.name}" is not a lab', remedy)
        else:
            yield _from("lab", title, unreached)

    def _same_host(self) -> Capability:
        """Whether resizes to the same host can be allowed; the cloud may allow them anyway, which no API shows."""
        title, missing = "resizes to the same host can be allowed", control_of(self._target).missing("configure")
        if missing is None:
            return Capability(SAME_HOST, title, True, "")
        detail = "no API shows whether Nova allows resizes to the same host; where it does not, they are unverified"
        remedy = f"set allow_resize_to_same_host = true in nova.conf of the compute API, or: {missing.remedy}"
        return Capability(SAME_HOST, title, False, detail, remedy)

    def _drivers(self) -> Iterator[Capability]:
        """The virt drivers of the usable hosts: a scenario that names a driver gets hosts of it if there are any, and a
        lab adds one if there are none.
        """
        allowed = self._target.settings.hosts
        try:
            found = self._clients.hypervisors.all()
        except (ApiError, Unverified):
            found = []
        kinds = sorted({(one.type or "unknown").lower() for one in found if allowed is None or one.host in allowed})
        addable = control_of(self._target).missing("add_host") is None
        for driver, types in HYPERVISOR_TYPES.items():
            offered = addable or any(kind in {one.lower() for one in types} for kind in kinds)
            detail = f"hypervisors are of type {', '.join(kinds) or 'unknown'}"
            remedy = f"run this feature on a cloud whose compute hosts use {driver}"
            yield Capability(driver, f"a host uses the {driver} driver", offered, detail, remedy)

    def _users(self) -> Capability:
        title = "users without the admin role can be created, or one is configured"
        if self._target.settings.user_cloud is not None:
            return Capability("users", title, True, f"cloud {self._target.settings.user_cloud}")
        if not self._clients.identity.may_make_users():
            return _from("users", title, no_users(self._target))
        return Capability("users", title, True, "if Keystone lets the run create them")

    def _quotas(self) -> Capability:
        named, title = self._target.settings.user_cloud, "quotas of such users can be set"
        return _from("quotas", title, quota_of_named_user(self._target) if named is not None else None)

    def _apis(self) -> Capability:
        session = self._clients.session
        offered = {service: session.versions(service) for service in ("compute", "placement")}
        old = [
            f"{service} {least}"
            for service, least in (
                ("compute", microversions.LEAST_COMPUTE),
                ("placement", microversions.LEAST_PLACEMENT),
            )
            if not session.offers(service, least)
        ]
        detail = ", ".join(f"{service} {versions}" for service, versions in offered.items())
        remedy = f"use a cloud with {' and '.join(old)} or later"
        return Capability("apis", "APIs new enough", not old, detail, remedy, essential=True)

    def _administrator(self) -> Capability:
        title, forbidden = "an administrator of Nova and Placement", forbidden_listings(self._clients)
        if not forbidden:
            may = f"policies may forbid single operations: {policy_remedy(self._target, 'compute')}"
            return Capability("administrator", title, True, may, essential=True)
        detail = f"policies do not let its user list {', '.join(forbidden)}"
        remedy = policy_remedy(self._target, LISTINGS[forbidden[0]][0])
        return Capability("administrator", title, False, detail, remedy, essential=True)

    def _project(self) -> Capability:
        """Which project servers are created in, and its quotas, which may prevent large flavors."""
        title, why = "a project of the run's own, without quotas", why_given_project(self._clients)
        if why is None:
            return Capability("project", title, True, "if Keystone and Nova let the run create it")
        limits = quotas_of_given_project(self._clients)
        shown = ", ".join(f"{name} {limit}" for name, limit in limits.items()) or "unknown"
        detail = f"{why}; the project of clouds.yaml is used, with quotas: {shown}"
        return Capability("project", title, False, detail, quota_remedy(self._target), limits=limits)

    def _image(self) -> Capability:
        title = "an image to boot from"
        try:
            image = self._clients.images.choose()
        except Unverified as lacking:
            return Capability("image", title, False, lacking.reason, lacking.remedy, essential=True)
        return Capability("image", title, True, image.name, essential=True)

    def _hosts(self) -> Iterator[Capability]:
        """The usable hosts, and the largest groups of those that can exchange servers."""
        allowed = self._target.settings.hosts
        found = [service.host for service in self._services() if service.up and service.enabled]
        usable = [host for host in found if Mark.of(host) is None and (allowed is None or host in allowed)]
        cold, live = self._grouped(usable, "cold"), self._grouped(usable, "live")
        count = len(cold.hosts)
        detail = f"{count}: {cold}" if count else f"no compute host that Stocktake may use is up and enabled{cold}"
        lost = [host for host in allowed or () if host not in usable]
        if lost:
            detail += f"; not up and enabled, or unknown to Nova: {', '.join(lost)}"
        yield Capability("hosts", "usable compute hosts", bool(count), detail, MORE_HOSTS, amount=count)
        yield _own_zones(cold)
        cells = not self._target.settings.host_groups and count > 0 and self._clients.services.in_several_cells()
        yield _exchange(MOVES, "hosts that can exchange servers", cold, cells=cells)
        yield _exchange(LIVE_MOVES, "hosts that can exchange running servers", live, cells=cells)
        yield self._room(usable)

    def _room(self, hosts: list[str]) -> Capability:
        """What is free on hosts; whether that suffices depends on the flavors, and on others."""
        try:
            free = shown_room(self._clients, self._compute_hosts, hosts)
        except Limited:
            free = "unknown"
        detail = f"{free}; where a flavor does not fit, scenarios may be unverified: {MORE_ROOM}"
        return Capability("room", "free resources of these hosts", True, detail)

    def _grouped(self, hosts: list[str], exchange: Exchange) -> Grouping:
        """Group hosts by what is known of them; all are one group where the cloud does not let that be read."""
        if not hosts:
            return Grouping(())
        try:
            return self._compute_hosts.grouped(hosts, exchange).without(self._compute_hosts.lacking(hosts))
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            return Grouping((HostGroup(tuple(hosts)),))

    def _services(self) -> list[ComputeService]:
        try:
            return self._clients.services.all()
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            return []

    def _leases(self) -> Capability:
        title = "hosts can be leased"
        try:
            Leases(self._target.settings.coordinator, self._target.name, state=self._target.settings.state)
        except (CloudError, ConfigurationError) as error:
            remedy = 'correct "coordinator:" under "stocktake:" of the cloud in clouds.yaml, or leave it out'
            return Capability("leases", title, False, str(error), remedy, essential=True)
        where = "through the coordinator" if self._target.settings.coordinator else "on this machine"
        return Capability("leases", title, True, where, essential=True)

    def _volumes(self) -> Capability:
        title, volume = "servers can boot from volumes", self._target.settings.volume
        if volume or self._clients.volumes.offered:
            return Capability("volumes", title, True, f"volume {volume}" if volume else "")
        remedy = 'name a bootable one as "volume:" under "stocktake:" of the cloud in clouds.yaml'
        return Capability("volumes", title, False, NO_BLOCK_STORAGE, remedy)

    def _block_storage(self) -> Capability:
        title = "volumes can be created and attached"
        if self._clients.volumes.offered:
            return Capability("block_storage", title, True, "")
        remedy = "run these features on a cloud with Cinder, or on a lab that was started --with=cinder"
        return Capability("block_storage", title, False, NO_BLOCK_STORAGE, remedy)

    def _volume_backend(self) -> Capability:
        title, lacking = "volumes can move to another back end", self._clients.volume_types.why_no_other_backend()
        if not self._clients.volumes.offered:
            return Capability("volume_backend", title, False, NO_BLOCK_STORAGE, self._block_storage().remedy)
        if lacking:
            return Capability("volume_backend", title, False, *lacking)
        return Capability("volume_backend", title, True, self._target.settings.volume_backend or "")

    def _ports(self) -> Capability:
        title, lacking = "ports can guarantee bandwidth", self._clients.networks.why_no_guarantees(GUARANTEED)
        if lacking:
            return Capability("ports", title, False, *lacking)
        return Capability("ports", title, True, f"on physical network {self._target.settings.physical_network}")

    def _accelerators(self) -> Capability:
        title = "flavors can ask for accelerators"
        if self._clients.accelerators.offered:
            return Capability("accelerators", title, True, f"of class {self._target.settings.accelerator}")
        remedy = "run these features on a cloud with Cyborg, or on a lab that was started --with=cyborg"
        return Capability("accelerators", title, False, "the cloud has no accelerator service in its catalog", remedy)


def _unreached(control: HttpControl) -> Unverified | None:
    """Return why a control endpoint cannot be used, None if it can."""
    try:
        control.hosts()
    except Unverified as reason:
        return reason
    except CloudError as error:
        return Unverified(str(error), 'correct "url" under "stocktake: control:" of the cloud in clouds.yaml')
    return None


def _own_zones(grouping: Grouping) -> Capability:
    """Describe the hosts that scenarios may put in zones of their own."""
    free = grouping.fit_for({OWN_ZONES})
    remedy = 'list hosts outside any availability zone as "hosts:" under "stocktake:" of the cloud in clouds.yaml'
    title, count = "hosts outside any availability zone", len(free.hosts)
    detail = f"{count}: {', '.join(free.hosts)}" if count else "every usable host is in an availability zone"
    return Capability(OWN_ZONES, title, bool(count), detail, remedy, amount=count)


def _exchange(need: str, title: str, grouping: Grouping, *, cells: bool) -> Capability:
    """Describe the largest group of hosts that can exchange servers; in a cloud of several `cells` none is certain."""
    if cells:
        return Capability(need, title, False, "no API shows which hosts are in the same cell", DECLARE)
    largest = max(grouping.groups, key=lambda group: len(group.hosts), default=ANY)
    detail = f"the largest group has {len(largest.hosts)}" + (f": {largest}" if largest.hosts else "")
    return Capability(need, title, len(largest.hosts) > 1, detail, DECLARE, amount=len(largest.hosts))


def _from(name: str, title: str, missing: Unverified | None) -> Capability:
    """Convert the reason why something cannot be done to a capability."""
    if missing is None:
        return Capability(name, title, True, "")
    return Capability(name, title, False, missing.reason, missing.remedy)
