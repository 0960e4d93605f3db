"""Custom traits and resource classes of a scenario: carrying its mark in the cloud, so that scenarios do not meet."""

from collections.abc import Callable

from hamcrest import assert_that

from support.accounting.words import is_custom
from support.cloud.answers import NOT_FOUND, ApiError
from support.cloud.books import Books
from support.cloud.operations.asking import ask
from support.cloud.operations.wording import exists
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

    def delete(real: str) -> None:
        for provider in books.providers.values():
            if placement.providers(uuid=provider):
                placement.remove_trait(provider, real)
        _unless_gone(lambda: placement.delete_trait(real))

    return introduce(books, name, "trait", placement.create_trait, delete)


def introduce_class(books: Books, name: str) -> str:
    """Create a custom resource class (see `introduce`) and return its name in the cloud."""
    placement = books.cloud.placement

    def delete(real: str) -> None:
        for provider in (*books.providers.values(), *(host.provider for host in books.roles.hosts)):
            if placement.providers(uuid=provider) and real in placement.inventories(provider).inventories:
                placement.delete_inventory(provider, real)
        _unless_gone(lambda: placement.delete_resource_class(real))

    return introduce(books, name, "resource-class", placement.create_resource_class, delete)


def delete_trait(books: Books, name: str) -> None:
    """Ask for a trait to be deleted."""
    ask(books, lambda: books.cloud.placement.delete_trait(books.custom(name)))


def delete_class(books: Books, name: str) -> None:
    """Ask for a resource class to be deleted."""
    ask(books, lambda: books.cloud.placement.delete_resource_class(books.custom(name)))


def trait_exists(books: Books, name: str, *, there: bool) -> None:
    """Claim that Placement knows a trait, or that it does not."""
    real = books.custom(name)
    found = real in books.cloud.placement.traits(prefix=real)
    assert_that(found, exists(f"trait {name}", there=there))


def class_exists(books: Books, name: str, *, there: bool) -> None:
    """Claim that Placement knows a resource class, or that it does not."""
    found = books.custom(name) in books.cloud.placement.resource_classes()
    assert_that(found, exists(f"resource class {name}", there=there))


def _unless_gone(delete: Callable[[], None]) -> None:
    try:
        delete()
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
