"""Custom traits and resource classes of a scenario, which carry its mark in the cloud so that scenarios do not
collide."""

from collections.abc import Callable

from hamcrest import assert_that
from stocktake.support.accounting.words import is_custom
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.kind import Kind
from stocktake.support.ownership.kinds.placement import RESOURCE_CLASS, TRAIT
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import exists
from stocktake.support.scenario.operations.refusals import ask


def introduce(context: Context, name: str, kind: Kind, create: Callable[[str], None]) -> str:
    """Create a trait or resource class with its marked name and return that name; may be called repeatedly. Standard
    names are returned unchanged. Raises FeatureError when a flavor of the scenario already names it, because that
    flavor would request the unmarked name.
    """
    if not is_custom(name) or name in context.owned.custom_names:
        return context.owned.custom(name)
    for flavor, made in context.owned.flavors.items():
        if any(key.rpartition(":")[2] == name for key in made.extra_specs):
            raise FeatureError(
                f'flavor "{flavor}" requests {name} before a step has introduced it: put that step first'
            )
    real = context.cloud.mark.trait(f"{context.number} {name.removeprefix('CUSTOM_')}")
    with context.undoing.after(kind, real, learnt=lambda: {"providers": _own_providers(context)}):
        create(real)
    context.owned.custom_names[name] = real
    return real


def own(context: Context, name: str) -> str:
    """Return the name in the cloud of a trait or resource class that is to be deleted or removed; standard ones keep
    theirs. Raises FeatureError for a custom one that no step has introduced, which may be somebody else's."""
    if is_custom(name) and name not in context.owned.custom_names:
        known = ", ".join(context.owned.custom_names) or "none yet"
        raise FeatureError(f"{name} does not exist in this scenario: its custom names are {known}")
    return context.owned.custom(name)


def _own_providers(context: Context) -> list[str]:
    """Return the providers that may have the scenario's own classes and traits: those it created, and its hosts."""
    return [*context.owned.providers.values(), *(host.provider for host in context.roles.hosts)]


def introduce_trait(context: Context, name: str) -> str:
    """Create a custom trait (see `introduce`) and return its name in the cloud."""
    return introduce(context, name, TRAIT, context.cloud.traits.create)


def introduce_class(context: Context, name: str) -> str:
    """Create a custom resource class (see `introduce`) and return its name in the cloud."""
    return introduce(context, name, RESOURCE_CLASS, context.cloud.resource_classes.create)


def delete_trait(context: Context, name: str) -> None:
    """Ask for a trait to be deleted. Raises FeatureError for a custom one that is not the scenario's."""
    real = own(context, name)
    ask(context, lambda: context.cloud.traits.delete(real))


def delete_class(context: Context, name: str) -> None:
    """Ask for a resource class to be deleted. Raises FeatureError for a custom one that is not the scenario's."""
    real = own(context, name)
    ask(context, lambda: context.cloud.resource_classes.delete(real))


def trait_exists(context: Context, name: str, *, there: bool) -> None:
    """Check that a trait exists in Placement, or that it does not."""
    real = context.owned.custom(name)
    found = real in context.cloud.traits.all(prefix=real)
    assert_that(found, exists(f"trait {name}", there=there))


def class_exists(context: Context, name: str, *, there: bool) -> None:
    """Check that a resource class exists in Placement, or that it does not."""
    found = context.owned.custom(name) in context.cloud.resource_classes.all()
    assert_that(found, exists(f"resource class {name}", there=there))
