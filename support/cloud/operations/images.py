"""Images of a scenario: made for it with properties, deleted after it."""

from collections.abc import Mapping

from support.cloud.books import Books
from support.errors import FeatureError


def create(books: Books, name: str, properties: Mapping[str, str]) -> None:
    """Create a small image with properties. Raises FeatureError when the name is taken in this scenario."""
    if name in books.images:
        raise FeatureError(f'image "{name}" exists in this scenario already: give each image its own name')
    images, real = books.cloud.images, books.real_name(name)

    def delete() -> None:
        for image in images.images(name=real):
            images.delete_image(image.id)

    with books.undoing.after("image", real, delete) as entry:
        image = images.create_image(real, properties=properties)
    books.undoing.identify(entry, image.id)
    books.images[name] = image.id


def image_id(books: Books, name: str) -> str:
    """Return the id of an image of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in books.images:
        known = ", ".join(f'"{image}"' for image in books.images) or "none yet"
        raise FeatureError(f'image "{name}" does not exist in this scenario: its images are {known}')
    return books.images[name]
