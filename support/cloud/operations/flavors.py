"""Flavors of a scenario: created for it, kept to its hosts, deleted after it."""

from dataclasses import replace
from uuid import uuid4

from support.accounting.flavors import Flavor
from support.cloud.books import Books
from support.errors import FeatureError


def create(books: Books, flavor: Flavor) -> Flavor:
    """Create a flavor under the name the feature gives it; amounts in MB and GB as in the value.

    The scenario's own trait is added to its extra specs, so that the scheduler keeps to the scenario's hosts; a trait
    never changes an amount. Raises FeatureError when the name is taken in this scenario.
    """
    if flavor.name in books.flavors:
        raise FeatureError(f'flavor "{flavor.name}" exists in this scenario already: give each flavor its own name')
    specs = {_real_key(books, key): value for key, value in flavor.extra_specs.items()}
    if books.trait:
        specs[f"trait:{books.trait}"] = "required"
    flavor_id = str(uuid4())
    real = replace(flavor, name=books.real_name(flavor.name), extra_specs=specs, id=flavor_id)
    with books.undoing.after("flavor", real.name, lambda: books.cloud.compute.delete_flavor(flavor_id), id=flavor_id):
        books.cloud.compute.create_flavor(real)
    books.flavors[flavor.name] = real
    return real


def _real_key(books: Books, key: str) -> str:
    """Put the marked name into `resources:CUSTOM_…` or `trait:CUSTOM_…` of an extra spec, if the scenario made one."""
    group, colon, name = key.rpartition(":")
    return f"{group}{colon}{books.custom(name)}" if group.startswith(("resources", "trait")) else key
