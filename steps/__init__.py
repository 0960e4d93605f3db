"""The vocabulary of the feature files: its table of contents. To add a chapter, add its line here."""

from importlib import import_module

import pytest
from stocktake.support.gherkin.pause import no_garbage_collection

CHAPTERS = (
    "stocktake.steps.parameters",
    "stocktake.steps.hosts.hosts",
    "stocktake.steps.servers.flavors",
    "stocktake.steps.servers.servers",
    "stocktake.steps.servers.moves",
    "stocktake.steps.placement.allocations",
    "stocktake.steps.placement.usages",
    "stocktake.steps.hosts.special_hosts",
    "stocktake.steps.servers.cold_migrations",
    "stocktake.steps.servers.live_migrations",
    "stocktake.steps.servers.evacuations",
    "stocktake.steps.servers.shelving",
    "stocktake.steps.servers.deletions",
    "stocktake.steps.hosts.failures",
    "stocktake.steps.servers.unfinished",
    "stocktake.steps.hosts.retirement",
    "stocktake.steps.servers.actions",
    "stocktake.steps.hosts.periodics",
    "stocktake.steps.placement.traits",
    "stocktake.steps.servers.images",
    "stocktake.steps.servers.server_groups",
    "stocktake.steps.hosts.services",
    "stocktake.steps.hosts.hypervisors",
    "stocktake.steps.servers.events",
    "stocktake.steps.access.users",
    "stocktake.steps.servers.volumes",
    "stocktake.steps.network.ports",
    "stocktake.steps.servers.accelerators",
    "stocktake.steps.hosts.zones",
    "stocktake.steps.placement.inventories",
    "stocktake.steps.placement.providers",
    "stocktake.steps.placement.classes",
    "stocktake.steps.placement.consumers",
    "stocktake.steps.laboratory",
    "stocktake.steps.access.answers",
)


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the plugin and every chapter with pytest.

    Naming them in `pytest_plugins` would also work, but pytest would search all installed packages once for each.
    """
    with no_garbage_collection():
        for name in ("stocktake.support.plugin", *CHAPTERS):
            if not pluginmanager.has_plugin(name):
                pluginmanager.register(import_module(name), name)
