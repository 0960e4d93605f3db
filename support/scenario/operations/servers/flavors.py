"""Flavors of a scenario: created for it, restricted to its hosts, deleted afterwards."""

from dataclasses import replace
from uuid import uuid4

from stocktake.support.accounting.accelerators import SPEC as DEVICE_PROFILE
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR
from stocktake.support.scenario.context import Context


def create(context: Context, flavor: Flavor) -> Flavor:
    """Create a flavor under the name the feature gives it; amounts in MB and GB as in the value.

    The scenario's trait is added to its extra specs, which restricts the scheduler to the scenario's hosts, and the
    traits without which isolated aggregates refuse a request; a trait never changes an amount. Only administrators and
    the scenario's users see the flavor. Raises FeatureError when the name is taken in this scenario.
    """
    if flavor.name in context.owned.flavors:
        raise FeatureError(f'flavor "{flavor.name}" already exists in this scenario: give each flavor its own name')
    specs = {_real_key(context, key): _real_value(context, key, value) for key, value in flavor.extra_specs.items()}
    if context.trait:
        specs |= {f"trait:{trait}": "required" for trait in (context.trait, *sorted(context.group.traits))}
    flavor_id = str(uuid4())
    real = replace(flavor, name=context.names.real(flavor.name), extra_specs=specs, id=flavor_id)
    with context.undoing.after(FLAVOR, real.name, id=flavor_id):
        context.cloud.flavors.create(real, public=False)
    for user in context.owned.users.values():
        context.cloud.flavors.grant(flavor_id, user.project_id)
    context.owned.flavors[flavor.name] = real
    return real


def grant_all(context: Context, project_id: str) -> None:
    """Let the users of a project use every flavor that the scenario has created so far."""
    for flavor in context.owned.flavors.values():
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
