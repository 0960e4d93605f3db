"""The vocabulary of the feature files: its table of contents. A chapter is added by its line here and nothing else."""

from importlib import import_module

import pytest

from support.gherkin.pause import no_garbage_collection

CHAPTERS = (
    "steps.parameters",
    "steps.hosts",
    "steps.flavors",
    "steps.servers",
    "steps.moves",
    "steps.allocations",
    "steps.usages",
    "steps.special_hosts",
    "steps.cold_migrations",
    "steps.live_migrations",
    "steps.evacuations",
    "steps.shelving",
    "steps.deletions",
    "steps.retirement",
    "steps.actions",
    "steps.periodics",
    "steps.traits",
    "steps.images",
    "steps.services",
    "steps.hypervisors",
    "steps.events",
    "steps.users",
    "steps.volumes",
    "steps.zones",
    "steps.inventories",
    "steps.providers",
    "steps.classes",
    "steps.consumers",
    "steps.laboratory",
    "steps.answers",
)


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let pytest know the plugin and every chapter.

    Named in `pytest_plugins` they would work alike, but pytest would search all installed packages once for each.
    """
    with no_garbage_collection():
        for name in ("support.plugin", *CHAPTERS):
            if not pluginmanager.has_plugin(name):
                pluginmanager.register(import_module(name), name)
