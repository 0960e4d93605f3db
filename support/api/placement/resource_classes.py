"""The resource classes in Placement."""

from stocktake.support.api import microversions
from stocktake.support.api.placement.client import PlacementClient


class ResourceClasses(PlacementClient):
    """The resource classes of one cloud."""

    def all(self) -> list[str]:
        """List the resource classes Placement knows (1.2)."""
        return [
            known["name"]
            for known in self._get("/resource_classes", microversions.RESOURCE_CLASSES)["resource_classes"]
        ]

    def create(self, name: str) -> None:
        """Create a custom resource class, CUSTOM_… (1.7); one that exists is kept."""
        self._send("PUT", f"/resource_classes/{name}", microversions.CLASS_BY_NAME)

    def delete(self, name: str) -> None:
        """Delete a custom resource class; refused with 409 while a provider has some."""
        self._send("DELETE", f"/resource_classes/{name}", microversions.CLASS_BY_NAME)
