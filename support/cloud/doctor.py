"""What a cloud offers to features, what each feature asks of a cloud, and what is missing between the two.

Capabilities are read from the cloud and its settings without changing anything. What a feature file needs is told by
its tags, the roles it gives to hosts and the sentences of its steps; the file is not run, and need not be valid.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from support.cloud.clients import Clients
from support.cloud.control import may_disrupt
from support.cloud.leases import Leases
from support.cloud.session import ApiError
from support.cloud.values import ComputeService, Microversion, VersionRange
from support.errors import CloudError, ConfigurationError, Unverified

LEAST_COMPUTE = "2.53"
LEAST_PLACEMENT = "1.20"
FORBIDDEN = 403

ROLE = r'"[a-z][a-z0-9-]*"'
ROLES = re.compile(rf"\bhosts? ({ROLE}(?:(?:, | and ){ROLE})*)")
MICROVERSION = re.compile(r"^\s*(?:.*\s)?@microversion-(\d+\.\d+)\b", re.MULTILINE)

SIGNS = {
    "disruption": r"^\s*(.*\s)?@disruptive\b",
    "stop_host": rf"\bhost {ROLE} (goes|is) down\b",
    "return_host": rf"\bhost {ROLE} (returns|is back)\b",
    "lose_guests": rf"\bhost {ROLE} returns without its guests\b",
    "run_periodic": r"\bthe periodic runs\b",
    "configure": r"\bresizes may stay on the same host\b",
    "volumes": r"\bvolumes?\b",
}
"""How the text of a feature tells what it needs; capability -> what to look for in its lines."""


@dataclass(frozen=True)
class Capability:
    """Something a feature may need: whether the cloud offers it, in which form, and how that can be changed.

    Without an essential one nothing can be verified. `amount` counts what is offered, where that matters.
    """

    name: str
    title: str
    offered: bool
    detail: str
    remedy: str = ""
    essential: bool = False
    amount: int = 0


@dataclass(frozen=True)
class Needs:
    """What one feature file asks of a cloud: capabilities by name, how many hosts, and the newest microversion."""

    capabilities: frozenset[str]
    hosts: int
    microversion: str | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether a feature can be verified; if not wholly, each obstacle and its remedy."""

    feature: str
    needs: Needs
    obstacles: tuple[tuple[str, str], ...] = ()


def needs_of(text: str) -> Needs:
    """Read what the text of a feature file asks of a cloud. Comments ask for nothing."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = (name for name, sign in SIGNS.items() if re.search(sign, text, re.MULTILINE))
    roles = {role for named in ROLES.finditer(text) for role in re.findall(ROLE, named[1])}
    versions = sorted(MICROVERSION.findall(text), key=Microversion.parse)
    return Needs(frozenset(found), len(roles), versions[-1] if versions else None)


def judge(feature: str, needs: Needs, capabilities: Iterable[Capability], compute: VersionRange) -> Verdict:
    """Compare what a feature needs with what the cloud offers; `compute` are the microversions of its Nova."""
    known = {capability.name: capability for capability in capabilities}
    obstacles = [
        (capability.detail, capability.remedy)
        for capability in known.values()
        if not capability.offered and (capability.essential or capability.name in needs.capabilities)
    ]
    hosts = known.get("hosts")
    if hosts and hosts.offered and hosts.amount < needs.hosts:
        obstacles.append((f"it needs {needs.hosts} hosts and may use {hosts.amount}", hosts.remedy))
    if needs.microversion and Microversion.parse(needs.microversion) not in compute:
        remedy = "run it on a cloud with another version of Nova"
        obstacles.append((f"it needs compute API {needs.microversion}, and Nova offers {compute}", remedy))
    return Verdict(feature, needs, tuple(obstacles))


class Examination:
    """Questions to one cloud; `capabilities` asks them all."""

    def __init__(self, clients: Clients):
        self._clients = clients
        self._target = clients.session.target

    def capabilities(self) -> list[Capability]:
        """Ask for everything, in the order in which it matters. Raises CloudError when the cloud does not answer."""
        return [self._apis(), self._administrator(), self._image(), self._hosts(), self._leases(), *self._optional()]

    def _optional(self) -> Iterator[Capability]:
        settings, control = self._target.settings, self._clients.control
        host = (settings.hosts or ("",))[0]
        yield _from("disruption", "hosts may be stopped, forced down, disabled", may_disrupt(settings, host, ()))
        yield _from("stop_host", "a compute service can be stopped", control.missing("stop_host"))
        yield _from("return_host", "a compute service can be started again", control.missing("return_host"))
        yield _from("lose_guests", "a host can return without its guests", control.missing("lose_guests"))
        yield _from(
            "run_periodic", "the resource tracker's periodic can be run or awaited", control.missing("run_periodic")
        )
        yield _from("read_log", "Nova's log can be shown in failures", control.missing("read_log"))
        yield _from("add_host", "special compute hosts can be added", control.missing("add_host"))
        yield _from("configure", "Nova's options can be changed", control.missing("configure"))
        yield self._volumes()

    def _apis(self) -> Capability:
        session = self._clients.session
        offered = {service: session.versions(service) for service in ("compute", "placement")}
        old = [
            f"{service} {least}"
            for service, least in (("compute", LEAST_COMPUTE), ("placement", LEAST_PLACEMENT))
            if not session.offers(service, least)
        ]
        detail = ", ".join(f"{service} {versions}" for service, versions in offered.items())
        remedy = f"use a cloud with {' and '.join(old)} or later"
        return Capability("apis", "APIs new enough", not old, detail, remedy, essential=True)

    def _administrator(self) -> Capability:
        title = "an administrator of Nova and Placement"
        try:
            self._clients.compute.services()
            self._clients.placement.traits(prefix="CUSTOM_")
        except ApiError as error:
            if error.status != FORBIDDEN:
                raise
            remedy = f'let cloud "{self._target.name}" of {self._target.file} authenticate as an administrator'
            return Capability(
                "administrator", title, False, "its user may not do what administrators may", remedy, essential=True
            )
        return Capability("administrator", title, True, "", essential=True)

    def _image(self) -> Capability:
        title = "an image to boot from"
        try:
            image = self._clients.images.choose()
        except CloudError as error:
            remedy = 'upload one, or name one as "image:" under "stocktake:" of the cloud in clouds.yaml'
            return Capability("image", title, False, str(error), remedy, essential=True)
        return Capability("image", title, True, image.name, essential=True)

    def _hosts(self) -> Capability:
        allowed = self._target.settings.hosts
        usable = [service.host for service in self._services() if service.up and service.enabled]
        hosts = [host for host in usable if allowed is None or host in allowed]
        detail = f"{len(hosts)}: {', '.join(hosts)}" if hosts else "no compute host is up, enabled and may be used"
        lost = [host for host in allowed or () if host not in usable]
        if lost:
            detail += f"; not up and enabled, or unknown to Nova: {', '.join(lost)}"
        remedy = 'list compute hosts that are up as "hosts:" under "stocktake:" of the cloud in clouds.yaml'
        title = "compute hosts it may use"
        return Capability("hosts", title, bool(hosts), detail, remedy, essential=True, amount=len(hosts))

    def _services(self) -> list[ComputeService]:
        try:
            return self._clients.compute.services()
        except ApiError as error:
            if error.status != FORBIDDEN:
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
        return Capability("volumes", title, False, "the cloud has no block storage service in its catalog", remedy)


def _from(name: str, title: str, missing: Unverified | None) -> Capability:
    """Make a capability of the reason why something cannot be done."""
    if missing is None:
        return Capability(name, title, True, "")
    return Capability(name, title, False, missing.reason, missing.remedy)
