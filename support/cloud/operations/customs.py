"""Custom traits and resource classes of a scenario: carrying its mark in the cloud, so that scenarios do not meet."""

from collections.abc import Callable

from support.accounting.words import is_custom
from support.cloud.books import Books
from support.errors import FeatureError


def introduce(books: Books, name: str, kind: str, create: Callable[[str], None], delete: Callable[[str], None]) -> str:
    """Create a trait or resource class under its marked name and return that; doing it again is fine.

    `kind` is the journal's. Standard names stay as they are: they exist. Raises FeatureError when a flavor of the
    scenario names it already, as that flavor would still ask for the unmarked name.
    """
    if not is_custom(name) or name in books.customs:
        return books.custom(name)
    for flavor, made in books.flavors.items():
        if any(key.rpartition(":")[2] == name for key in made.extra_specs):
            raise FeatureError(
                f'flavor "{flavor}" asks for {name} before a step has introduced it: put that step first'
            )
    real = books.cloud.mark.trait(f"{books.number} {name.removeprefix('CUSTOM_')}")
    with books.undoing.after(kind, real, lambda: delete(real)):
        create(real)
    books.customs[name] = real
    return real


def introduce_trait(books: Books, name: str) -> str:
    """Create a custom trait (see `introduce`) and return its name in the cloud."""
    placement = books.cloud.placement
    return introduce(books, name, "trait", placement.create_trait, placement.delete_trait)


def introduce_class(books: Books, name: str) -> str:
    """Create a custom resource class (see `introduce`) and return its name in the cloud."""
    placement = books.cloud.placement
    return introduce(books, name, "resource-class", placement.create_resource_class, placement.delete_resource_class)
