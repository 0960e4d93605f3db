"""Server groups of a scenario: created for it with a policy, deleted afterwards."""

from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.images_and_flavors import SERVER_GROUP
from stocktake.support.scenario.context import Context


def create(context: Context, name: str, policy: str) -> None:
    """Create a server group with a policy of Nova. Raises FeatureError when the name is taken in this scenario."""
    if name in context.owned.groups:
        raise FeatureError(f'server group "{name}" already exists in this scenario: give each group its own name')
    real = context.names.real(name)
    with context.undoing.after(SERVER_GROUP, real) as entry:
        group = context.cloud.server_groups.create(real, policy)
    context.undoing.identify(entry, group.id)
    context.owned.groups[name] = group.id


def group_id(context: Context, name: str) -> str:
    """Return the id of a server group of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in context.owned.groups:
        known = ", ".join(f'"{group}"' for group in context.owned.groups) or "none yet"
        raise FeatureError(f'server group "{name}" does not exist in this scenario: its groups are {known}')
    return context.owned.groups[name]
