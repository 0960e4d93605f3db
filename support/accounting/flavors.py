"""What a flavor entitles a server to, by the rules of Nova's scheduler."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.accounting.resources import Resources


@dataclass(frozen=True)
class Flavor:
    """A flavor: ram and swap in MB, disk (root) and ephemeral in GB, extra specs as strings."""

    name: str
    vcpus: int
    ram: int
    disk: int
    ephemeral: int = 0
    swap: int = 0
    extra_specs: Mapping[str, str] = field(default_factory=dict, hash=False)
    id: str | None = None

    def resources(self, *, volume_backed: bool = False, image_properties: Mapping[str, str] | None = None) -> Resources:
        """Return what a server of this flavor holds; a volume-backed one holds no root disk."""
        raise NotImplementedError
