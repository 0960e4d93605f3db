"""Real names and the feature's names of one scenario, each way.

Names in features are short and reused; real names carry the run's mark. Only this module translates between them,
except for hosts, whose roles are kept by `hosts.roles`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from stocktake.support.accounting.ports import short_name
from stocktake.support.api.placement.values import Provider
from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.servers import ScenarioServers
from stocktake.support.scenario.state.trees import ProviderTrees

DEVICES: Mapping[str, re.Pattern[str]] = {
    "gpu": re.compile(r"pci_[0-9a-f]{4}_[0-9a-f]{2}_[0-9a-f]{2}_[0-7]"),
    "pci": re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"),
}
"""How Nova names the nested providers of GPUs, which have mediated devices, and of PCI devices (Nova,
`LibvirtDriver._ensure_pgpu_providers`, `compute.pci_placement_translator`)."""


class Names:
    """Translates the feature's names to real names, and names read from the cloud to the feature's."""

    def __init__(
        self, mark: Mark, number: int, *, roles: Roles, owned: Owned, servers: ScenarioServers, trees: ProviderTrees
    ):
        self._mark, self._number = mark, number
        self._roles, self._owned, self._servers, self._trees = roles, owned, servers, trees

    def real(self, name: str) -> str:
        """Return the real name of something in this scenario: the run's mark, the scenario, the name."""
        return self._mark.name(f"{self._number}-{name}")

    def of_servers(self) -> dict[str, str]:
        """Return the feature's name of each server by its id."""
        return {uuid: name for name, uuid in self._servers.ids.items()}

    def of_consumers(self, keys: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        """Return the feature's name of each consumer: `server web`, `migration of web`, or what is known about it."""
        names = {consumer: f"unknown consumer {consumer}" for consumer, _ in keys}
        names.update({uuid: f"server {name}" for name, uuid in self._servers.ids.items()})
        names.update({uuid: f"migration of {name}" for uuid, name in self._servers.migrations.items()})
        names.update({uuid: f"consumer {name}" for name, uuid in self._owned.bare_consumers.items()})
        return names

    def of_providers(self) -> dict[str, str]:
        """Return the feature's name of each provider held: `alpha`, `alpha/child` for a nested one, or the name of
        shared storage.
        """
        names = self._roles.provider_names() | self._trees.shared
        made = {uuid: name for name, uuid in self._owned.providers.items()}
        for root, tree in self._trees.all().items():
            short = _child_names(tree[0], tree[1:]) if tree else {}
            for uuid, child in (short | self._accelerators(tree[1:])).items():
                names[uuid] = f"{names[root]}/{made.get(uuid) or child}"
        return names

    def _accelerators(self, children: Sequence[Provider]) -> dict[str, str]:
        """Return the names of the nested providers that have accelerators, if the scenario has a device profile: what
        Cyborg calls them differs from driver to driver.
        """
        profiles = self._owned.device_profiles.values()
        classes = {name for profile in profiles for name in profile.resources}
        if not classes:
            return {}
        inventories = self._trees.inventories()
        having = sorted((one.name, one.uuid) for one in children if classes.intersection(inventories[one.uuid]))
        return {uuid: f"accelerator{number}" for number, (_, uuid) in enumerate(having)}

    def of_custom(self) -> dict[str, str]:
        """Return the feature's name of each custom trait and resource class that it introduced."""
        return {real: name for name, real in self._owned.custom_names.items()}


def _without_root(name: str, root: str) -> str:
    return name.removeprefix(root).lstrip("-_:. ") or name


def _child_names(root: Provider, children: Sequence[Provider]) -> dict[str, str]:
    """Return a short name for each nested provider by its uuid: for those of Neutron, `short_name`; for others, their
    name without the root's, which most drivers prefix, and for devices that are named after a PCI address, their kind
    and number in the order of addresses.
    """
    names = {child.uuid: short_name(child.name) or _without_root(child.name, root.name) for child in children}
    for kind, pattern in DEVICES.items():
        devices = sorted((name, uuid) for uuid, name in names.items() if pattern.fullmatch(name))
        names.update({uuid: f"{kind}{number}" for number, (_, uuid) in enumerate(devices)})
    return names
