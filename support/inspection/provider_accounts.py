"""Reads the accounts of resource providers: what each has, what Placement says is used of it, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.api.replies import none_if_missing
from stocktake.support.inspection.readers import Readers

WHAT = "accounts of resource providers"


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
    """Read inventories, usages and allocations of each provider: three requests for each, several at a time.

    Raises ApiError for any answer but 404.
    """
    inventories: dict[str, Mapping[str, Inventory]] = {}
    usages: dict[str, Resources] = {}
    rows: dict[tuple[str, str], Resources] = {}
    progress(WHAT, 0, len(providers))
    for number, found in enumerate(readers.each(_read, providers), start=1):
        progress(WHAT, number, len(providers))
        if found is not None:
            inventories[found.uuid], usages[found.uuid] = found.inventories, found.usages
            rows.update({(consumer, found.uuid): amounts for consumer, amounts in found.held.items()})
    return ProviderAccounts(inventories, usages, rows)


class _Read(NamedTuple):
    """What was read of one provider."""

    uuid: str
    inventories: Mapping[str, Inventory]
    usages: Resources
    held: Mapping[str, Resources]


def _read(clients: Clients, provider: Provider) -> _Read | None:
    """Read one provider; None for one that was deleted meanwhile."""
    placement, uuid = clients.placement, provider.uuid

    def read() -> _Read:
        inventories = placement.inventories(uuid).inventories
        return _Read(uuid, inventories, placement.usages(uuid), placement.provider_allocations(uuid))

    return none_if_missing(read)
