"""The values of Placement's responses.

Field names and versions: the Placement API reference (resource providers, inventories, allocations).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.accounting.resources import Resources


@dataclass(frozen=True)
class Provider:
    """A resource provider. `parent` is None for a root, whose `root` is itself."""

    uuid: str
    name: str
    generation: int
    parent: str | None = None
    root: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of `GET /resource_providers` (parents and roots since 1.14)."""
        return cls(
            uuid=body["uuid"],
            name=body["name"],
            generation=body["generation"],
            parent=body.get("parent_provider_uuid"),
            root=body.get("root_provider_uuid"),
        )


@dataclass(frozen=True)
class Inventory:
    """What a provider has of one resource class."""

    total: int
    reserved: int = 0
    min_unit: int = 1
    max_unit: int = 2**31 - 1
    step_size: int = 1
    allocation_ratio: float = 1.0

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one inventory; what a request may leave out has Placement's own default."""
        known = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        return cls(**known)

    def as_json(self) -> dict[str, int | float]:
        """Return what a PUT or POST of this inventory sends."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def capacity(self) -> int:
        """What may be allocated: (total - reserved) times the allocation ratio, whole units."""
        return int((self.total - self.reserved) * self.allocation_ratio)


@dataclass(frozen=True)
class ProviderInventories:
    """All inventories of one provider, by resource class, and the generation a change must name."""

    generation: int
    inventories: Mapping[str, Inventory]

    @property
    def capacity(self) -> Resources:
        """What may be allocated of each class."""
        return Resources({name: inventory.capacity for name, inventory in self.inventories.items()})


@dataclass(frozen=True)
class ProviderAllocations:
    """What is allocated on one provider, by consumer, and the generation that the provider had.

    Whatever adds an allocation or changes an inventory raises the generation; what only takes an allocation away need
    not (Placement, `objects.allocation`: `_set_allocations`, `delete_all`), and it is missing here.
    """

    generation: int
    allocations: Mapping[str, Resources]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read `GET /resource_providers/{uuid}/allocations`."""
        found = body["allocations"].items()
        return cls(
            generation=body["resource_provider_generation"],
            allocations={consumer: Resources.from_json(held["resources"]) for consumer, held in found},
        )


@dataclass(frozen=True)
class ConsumerAllocations:
    """What one consumer holds, by provider, and whose it is.

    `generation` is None for a consumer that holds nothing: it does not exist for Placement.
    """

    allocations: Mapping[str, Resources]
    generation: int | None = None
    project_id: str | None = None
    user_id: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read `GET /allocations/{consumer}` (1.12 for project and user, 1.28 for the consumer's generation)."""
        allocations = body.get("allocations") or {}
        return cls(
            allocations={uuid: Resources.from_json(held["resources"]) for uuid, held in allocations.items()},
            generation=body.get("consumer_generation"),
            project_id=body.get("project_id"),
            user_id=body.get("user_id"),
        )
