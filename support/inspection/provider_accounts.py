"""Reads the accounts of resource providers: what each has, what Placement says is used of it, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.values import Inventory, Provider
from stocktake.support.api.replies import ApiError

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


def read_provider_accounts(placement: Placement, providers: Sequence[Provider], progress: Progress) -> ProviderAccounts:
    """Read inventories, usages and allocations of each provider: three requests for each.

    Raises ApiError for any answer but 404.
    """
    inventories: dict[str, Mapping[str, Inventory]] = {}
    usages: dict[str, Resources] = {}
    rows: dict[tuple[str, str], Resources] = {}
    for number, provider in enumerate(providers):
        progress(WHAT, number, len(providers))
        try:
            inventories[provider.uuid] = placement.inventories(provider.uuid).inventories
            usages[provider.uuid] = placement.usages(provider.uuid)
            held = placement.provider_allocations(provider.uuid)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            inventories.pop(provider.uuid, None)
            usages.pop(provider.uuid, None)
        else:
            rows.update({(consumer, provider.uuid): amounts for consumer, amounts in held.items()})
    progress(WHAT, len(providers), len(providers))
    return ProviderAccounts(inventories, usages, rows)
