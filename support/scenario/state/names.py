"""Real names and the feature's names of one scenario, each way.

Names in features are short and reused; real names carry the run's mark. Only this module translates between them,
except for hosts, whose roles are kept by `hosts.roles`.
"""

from collections.abc import Iterable

from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.servers import ScenarioServers
from stocktake.support.scenario.state.trees import ProviderTrees


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
        """Return the feature's name of each provider held: `alpha`, or `alpha/child` for a nested one."""
        names = self._roles.provider_names()
        made = {uuid: name for name, uuid in self._owned.providers.items()}
        for root, tree in self._trees.all().items():
            for provider in tree[1:]:
                child = made.get(provider.uuid) or _child_name(provider.name, tree[0].name)
                names[provider.uuid] = f"{names[root]}/{child}"
        return names

    def of_custom(self) -> dict[str, str]:
        """Return the feature's name of each custom trait and resource class that it introduced."""
        return {real: name for name, real in self._owned.custom_names.items()}


def _child_name(child: str, root: str) -> str:
    """Shorten a nested provider's name, which most drivers prefix with the root's name."""
    return child.removeprefix(root).lstrip("-_:. ") or child
