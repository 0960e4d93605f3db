"""Which host plays "alpha": the one place that knows both the names in a feature and the real hosts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stocktake.support.errors import FeatureError


@dataclass(frozen=True)
class ComputeHost:
    """A compute host: the name of its compute service, of its compute node, and the uuid of its resource provider.

    Node and provider share uuid and name (Nova, `ResourceTracker`, since 2.53).
    """

    service: str
    node: str
    provider: str

    def __str__(self) -> str:
        return self.service


class Roles:
    """The hosts that one scenario holds, and the roles that they play in it.

    A role is bound when the feature first mentions it. *another host "beta"* names the host the scheduler chose, so a
    role that no step has used yet may be swapped with another such role.
    """

    def __init__(self, hosts: Sequence[ComputeHost]):
        self._hosts = list(hosts)
        self._played: dict[str, ComputeHost] = {}
        self._used: set[str] = set()

    @property
    def hosts(self) -> tuple[ComputeHost, ...]:
        """Every host the scenario holds, those without a role included."""
        return tuple(self._hosts)

    @property
    def played(self) -> Mapping[str, ComputeHost]:
        """The roles bound so far, in the order of binding."""
        return dict(self._played)

    def hold(self, hosts: Sequence[ComputeHost]) -> None:
        """Let the scenario hold these hosts and no others; no role is bound yet."""
        self._hosts = list(hosts)
        self._played.clear()
        self._used.clear()

    def bind(self, *names: str) -> None:
        """Give each role a host of its own. Raises FeatureError when the scenario holds no further host."""
        for name in names:
            if name in self._played:
                continue
            free = [host for host in self._hosts if host not in self._played.values()]
            if not free:
                raise FeatureError(
                    f'no free host for role "{name}": the scenario holds {len(self._hosts)}, '
                    f"playing {_quoted(self._played) or 'nothing'}"
                )
            self._played[name] = free[0]

    def add(self, name: str, host: ComputeHost) -> None:
        """Let a host that was added for this scenario play a role. Raises FeatureError if the role is taken."""
        if name in self._played:
            raise FeatureError(f'"{name}" is already played by another host; give the special host a name of its own')
        self._hosts.append(host)
        self._played[name] = host
        self._used.add(name)

    def release(self, name: str) -> None:
        """Let the host of a role play none; the scenario still holds it."""
        del self._played[name]

    def drop(self, name: str) -> None:
        """Remove the host of a role from the scenario, because it was retired."""
        self._hosts.remove(self._played.pop(name))

    def host(self, name: str) -> ComputeHost:
        """Return the host that plays a role, for a step that acts on it; binds the role if need be."""
        self.bind(name)
        self._used.add(name)
        return self._played[name]

    def choose(self, name: str, service: str) -> ComputeHost | None:
        """Let the host with this compute service play the role; None if the role is already bound to another host."""
        if name not in self._played:
            self._bind_to(name, service)
        if name not in self._played:
            return None
        if self._played[name].service != service and name not in self._used:
            self._change_places(name, service)
        return self._played[name] if self._played[name].service == service else None

    def role_of(self, service: str | None) -> str:
        """Name a host as the feature does: `host "alpha"`, or by its real name if it plays no role."""
        for name, host in self._played.items():
            if host.service == service:
                return f'host "{name}"'
        return f"host {service} (which plays no role here)" if service else "no host"

    def place_of(self, service: str | None) -> str:
        """Say where a server is: `on host "alpha"`, or `without a host`."""
        return f"on {self.role_of(service)}" if service else "without a host"

    def provider_names(self) -> dict[str, str]:
        """Return a name for each provider the scenario holds: the role, or the node's own name."""
        names = {host.provider: host.node for host in self._hosts}
        names.update({host.provider: name for name, host in self._played.items()})
        return names

    def _bind_to(self, name: str, service: str) -> None:
        for host in self._hosts:
            if host.service == service and host not in self._played.values():
                self._played[name] = host

    def _change_places(self, name: str, service: str) -> None:
        """Give an unused role the host that the scheduler chose, unless a used role has it."""
        wanted = next((host for host in self._hosts if host.service == service), None)
        holder = next((other for other, host in self._played.items() if host == wanted), None)
        if wanted is None or holder in self._used:
            return
        if holder is not None:
            self._played[holder] = self._played[name]
        self._played[name] = wanted


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
