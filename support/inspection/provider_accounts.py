"""Reads the accounts of resource providers: what each has, what Placement says is used of it, and by whom.

Two requests for each provider: its inventories and its allocations. What is used of it is the third thing to ask for;
for many providers, Placement says it of all trees that have memory left in one answer. A provider without inventories
has no usages: Placement adds them up by the inventories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.microversions import CANDIDATES
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.api.replies import ApiError, none_if_missing
from stocktake.support.inspection.readers import Readers

WHAT = "accounts of resource providers"
FEW = 50
"""For no more providers than these, the usages of each are asked for."""

ONE_UNIT = Resources(MEMORY_MB=1)
"""What most providers of compute nodes have once, and some of it left."""


class Progress(Protocol):
    """Called with the progress of a survey."""

    def __call__(self, what: str, done: int, total: int | None) -> object:
        """`done` of `total` (None: nobody knows) parts of `what` have been read."""


@dataclass(frozen=True)
class ProviderAccounts:
    """What was read of providers, by uuid. A provider that was deleted meanwhile is left out everywhere.

    `rows` are allocations by consumer and provider.
    """

    inventories: Mapping[str, Mapping[str, Inventory]]
    usages: Mapping[str, Resources]
    rows: Mapping[tuple[str, str], Resources]


def read_provider_accounts(readers: Readers, providers: Sequence[Provider], progress: Progress) -> ProviderAccounts:
    """Read inventories, usages and allocations of each provider, several at a time.

    Raises ApiError for any answer but 404.
    """
    inventories: dict[str, Mapping[str, Inventory]] = {}
    usages: dict[str, Resources] = {}
    rows: dict[tuple[str, str], Resources] = {}
    progress(WHAT, 0, len(providers))
    at_once = _usages_at_once(readers.clients) if len(providers) > FEW else {}
    for number, found in enumerate(readers.each(partial(_read, at_once), providers), start=1):
        progress(WHAT, number, len(providers))
        if found is not None:
            inventories[found.uuid], usages[found.uuid] = found.inventories, found.usages
            rows.update({(consumer, found.uuid): amounts for consumer, amounts in found.held.items()})
    return ProviderAccounts(inventories, usages, rows)


def _usages_at_once(clients: Clients) -> Mapping[str, Resources]:
    """Read the usages of as many providers as one answer has; of none where that request is not offered or fails."""
    if not clients.session.offers("placement", CANDIDATES):
        return {}
    try:
        return clients.placement.usages_of_trees(ONE_UNIT)
    except ApiError:
        return {}


class _Read(NamedTuple):
    """What was read of one provider."""

    uuid: str
    inventories: Mapping[str, Inventory]
    usages: Resources
    held: Mapping[str, Resources]


def _read(usages: Mapping[str, Resources], clients: Clients, provider: Provider) -> _Read | None:
    """Read one provider, of some of which the usages are known; None for one that was deleted meanwhile."""
    placement, uuid = clients.placement, provider.uuid

    def read() -> _Read:
        inventories = placement.inventories(uuid).inventories
        used = usages.get(uuid) if inventories else Resources()
        used = placement.usages(uuid) if used is None else used
        return _Read(uuid, inventories, used, placement.provider_allocations(uuid))

    return none_if_missing(read)
