"""Storage that several hosts share: a resource provider whose DISK_GB serves all hosts of its aggregate.

Operators create it (Placement, "Modeling with provider trees": sharing providers). Nova reports no such provider.
"""

from uuid import uuid4

from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.compute_hosts import SHARED
from stocktake.support.ownership.kinds.placement import PROVIDER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts.special_hosts import is_special
from stocktake.support.scenario.operations.placement import providers


def create(context: Context, name: str, amount: int) -> None:
    """Create shared storage of that many GB, which no host uses yet, until the scenario ends. Raises FeatureError for a
    name that is taken.
    """
    if name in (*context.owned.providers, *context.roles.played):
        raise FeatureError(f'"{name}" is already the name of a provider or a host: give the shared storage its own')
    placement, real, uuid = context.cloud.placement, context.names.real(name), str(uuid4())
    with context.undoing.after(PROVIDER, real, id=uuid, then=lambda: context.trees.forget(uuid)):
        placement.create_provider(real, uuid=uuid)
    placement.set_inventories(uuid, {"DISK_GB": Inventory(total=amount)})
    context.cloud.traits.add(uuid, SHARED)
    context.owned.providers[name] = uuid
    context.trees.shared[uuid] = name
    context.accounts.add(uuid)
    _join(context, uuid, name)


def use(context: Context, name: str, role: str) -> None:
    """Let a host use shared storage. Raises FeatureError for a host that was not added for the scenario, because others
    use it as well.
    """
    host = context.roles.host(role)
    if not is_special(context, host):
        raise FeatureError(f'host "{role}" was not added for this scenario: begin with a step that adds a host')
    _join(context, host.provider, name)


def _join(context: Context, provider: str, name: str) -> None:
    placement = context.cloud.placement
    others = placement.provider_aggregates(provider)
    placement.set_provider_aggregates(provider, others | {providers.aggregate_id(context, name)})
