"""What one scenario owns in a cloud besides its servers, by the feature's names."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.accelerators import DeviceProfile
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.journal import Entry
from stocktake.support.scenario.state.non_admin_user import NonAdminUser


@dataclass
class Owned:
    """Things by the feature's names, and intended effects of the scenario on hosts and consumers.

    `flavors_to_create` are the names of those flavors that no request has needed yet.
    `device_profiles` are Cyborg's, by the feature's names.
    `retyped` are the volumes, by the feature's names, that Cinder may have moved to another volume under their names.
    `images`, `volumes`, `volume_types`, `networks`, `ports`, server `groups`, `providers`, `aggregates` and
    `bare_consumers` (consumers that are no servers) are kept by their ids; `custom_names`, the traits and resource
    classes that the feature introduced, by their marked names.
    `nested_providers` are those of the providers that are in the tree of a host, by their ids.
    `unread` says since when nova-compute may not have read what was changed on its host's provider, by compute service.
    `known_wrong` are consumers whose accounts the scenario has made wrong on purpose, `stopped` the undo entries of
    stopped compute services, by host.
    """

    flavors: dict[str, Flavor] = field(default_factory=dict)
    flavors_to_create: set[str] = field(default_factory=set)
    images: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    volume_types: dict[str, str] = field(default_factory=dict)
    retyped: set[str] = field(default_factory=set)
    networks: dict[str, str] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    device_profiles: dict[str, DeviceProfile] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    nested_providers: dict[str, ComputeHost] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)
    bare_consumers: dict[str, str] = field(default_factory=dict)
    users: dict[str, NonAdminUser] = field(default_factory=dict)
    custom_names: dict[str, str] = field(default_factory=dict)
    known_wrong: set[str] = field(default_factory=set)
    unread: dict[str, datetime] = field(default_factory=dict)
    stopped: dict[str, Entry] = field(default_factory=dict)

    def flavor(self, name: str) -> Flavor:
        """Return a flavor of this scenario. Raises FeatureError for a name no step has introduced."""
        if name not in self.flavors:
            known = ", ".join(f'"{flavor}"' for flavor in self.flavors) or "none yet"
            raise FeatureError(f'flavor "{name}" does not exist in this scenario: its flavors are {known}')
        return self.flavors[name]

    def changes(self, host: ComputeHost) -> None:
        """Remember that the provider of a host is being changed, which nova-compute notices only when it reads it."""
        self.unread[host.service] = datetime.now(UTC)

    def custom(self, name: str) -> str:
        """Return the name in the cloud of a trait or resource class; standard ones keep theirs."""
        return self.custom_names.get(name, name)
