"""The first line of a run on a cloud whose periodic task can only be awaited: how long it takes at least, and why."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from stocktake.support import options
from stocktake.support.errors import ConfigurationError
from stocktake.support.installation import path_of


class Announcement:
    """Pytest plugin object of the process that the user has started."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._is_made = False

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> str | None:
        """Say it after the line about what was collected."""
        if self._config.option.collectonly:
            return None
        return self._least_duration(item.nodeid for item in items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Say it once, when the first worker of xdist has collected."""
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if self._is_made or reporter is None:
            return
        self._is_made = True
        line = self._least_duration(ids)
        if line:
            reporter.ensure_newline()
            reporter.write_line(line)

    def _least_duration(self, node_ids: Iterable[str]) -> str | None:
        selected: dict[str, list[str]] = defaultdict(list)
        for node_id in node_ids:
            file, _, name = node_id.partition("::")
            if file.endswith(".feature"):
                selected[file].append(name)
        cloud = cloud_of(self._config)
        if not selected or cloud is None:
            return None
        from stocktake.support.config.target import Target  # noqa: PLC0415 - start-up time
        from stocktake.support.gherkin.text.reading import read_feature  # noqa: PLC0415
        from stocktake.support.inspection.duration import least_duration, planned  # noqa: PLC0415

        features = ((read_feature(path_of(file, self._config.rootpath)), names) for file, names in selected.items())
        scenarios = (each for feature, names in features for each in planned(feature, names))
        try:
            return least_duration(Target.load(cloud), scenarios, self._workers())
        except ConfigurationError:
            return None  # opening the cloud says what is wrong

    def _workers(self) -> int:
        nodes = getattr(self._config.pluginmanager.getplugin("dsession"), "nodemanager", None)
        return len(nodes.specs) if nodes else 1


def cloud_of(config: pytest.Config) -> str | None:
    """Return the name of the cloud that a run was asked to verify; None for a lab of its own."""
    name = options.value(config, "--cloud") or os.environ.get("OS_CLOUD") or "lab"
    return None if name == "lab" else str(name)
