"""Images of a scenario: created for it with properties, deleted afterwards."""

from collections.abc import Mapping

from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.images_and_flavors import IMAGE
from stocktake.support.scenario.context import Context


def create(context: Context, name: str, properties: Mapping[str, str]) -> None:
    """Create a small image with properties. Raises FeatureError when the name is taken in this scenario."""
    if name in context.owned.images:
        raise FeatureError(f'image "{name}" already exists in this scenario: give each image its own name')
    images, real = context.cloud.images, context.names.real(name)
    with context.undoing.after(IMAGE, real) as entry:
        image = images.create(real, properties=properties)
    context.undoing.identify(entry, image.id)
    context.owned.images[name] = image.id


def image_id(context: Context, name: str) -> str:
    """Return the id of an image of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in context.owned.images:
        known = ", ".join(f'"{image}"' for image in context.owned.images) or "none yet"
        raise FeatureError(f'image "{name}" does not exist in this scenario: its images are {known}')
    return context.owned.images[name]
