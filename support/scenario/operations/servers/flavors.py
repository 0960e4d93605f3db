"""Flavors of a scenario: created when it needs them, restricted to its hosts, deleted afterwards."""

from dataclasses import replace
from uuid import uuid4

from stocktake.support.accounting.accelerators import SPEC as DEVICE_PROFILE
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR
from stocktake.support.scenario.context import Context


def introduce(context: Context, flavor: Flavor) -> Flavor:
    """Let a scenario have a flavor under the name the feature gives it; amounts in MB and GB as in the value.

    It is created in the cloud when the first request needs it: the flavors of a background are seldom all used.
    The scenario's trait is added to its extra specs, which restricts the scheduler to the scenario's hosts, and the
    traits without which isolated aggregates refuse a request; a trait never changes an amount. Raises FeatureError when
    the name is taken in this scenario.
    """
    if flavor.name in context.owned.flavors:
        raise FeatureError(f'flavor "{flavor.name}" already exists in this scenario: give each flavor its own name')
    specs = {_real_key(context, key): _real_value(context, key, value) for key, value in flavor.extra_specs.items()}
    if context.trait:
        specs |= {f"trait:{trait}": "required" for trait in (context.trait, *sorted(context.group.traits))}
    real = replace(flavor, name=context.names.real(flavor.name), extra_specs=specs, id=str(uuid4()))
    context.owned.flavors[flavor.name] = real
    context.owned.flavors_to_create.add(flavor.name)
    return real


def in_cloud(context: Context, name: str) -> str:
    """Return the id of a flavor of the scenario, which is created if it was not yet.

    Only administrators and the scenario's users see it. Raises FeatureError for a name no step has introduced.
    """
    flavor = context.owned.flavor(name)
    if name in context.owned.flavors_to_create:
        with context.undoing.after(FLAVOR, flavor.name, id=flavor.id):
            context.cloud.flavors.create(flavor, public=False)
        for user in context.owned.users.values():
            context.cloud.flavors.grant(str(flavor.id), user.project_id)
        context.owned.flavors_to_create.remove(name)
    return str(flavor.id)


def grant_all(context: Context, project_id: str) -> None:
    """Let the users of a project use every flavor that the scenario has created so far."""
    for name, flavor in context.owned.flavors.items():
        if name not in context.owned.flavors_to_create:
            context.cloud.flavors.grant(str(flavor.id), project_id)


def _real_value(context: Context, key: str, value: str) -> str:
    """Put the real name of a device profile of the scenario into the extra spec that names it."""
    profile = context.owned.device_profiles.get(value) if key == DEVICE_PROFILE else None
    return profile.name if profile else value


def _real_key(context: Context, key: str) -> str:
    """Put the marked name into `resources:CUSTOM_…` or `trait:CUSTOM_…` of an extra spec, if the scenario created
    it."""
    group, colon, name = key.rpartition(":")
    return f"{group}{colon}{context.owned.custom(name)}" if group.startswith(("resources", "trait")) else key
