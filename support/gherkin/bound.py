"""Feature files that a project's own pytest-bdd tests load with `scenarios()` belong to those tests only.

Which files these are is known once all Python files are collected, so feature files found in folders are collected
after that; a feature file that the command line names is collected in its place.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe
from stocktake.support.gherkin.collecting import FeatureFile, collect_feature


class FoundInFolders:
    """The feature files to be collected after the Python tests; one instance per pytest session."""

    def __init__(self) -> None:
        self._waiting: dict[Path, pytest.Collector] = {}

    def collect(self, path: Path, parent: pytest.Collector) -> FeatureFile | None:
        """The collector of the feature file at `path`, or None if it has to wait because a folder above it was named.

        pytest also calls this for neighbours of a file that was named.
        """
        if path.suffix != ".feature":
            return None
        named = parent.session.isinitpath
        if named(path) or not any(named(folder) for folder in path.parents):
            return collect_feature(path, parent)
        self._waiting[path] = parent
        return None

    def rest(self, session: pytest.Session, collected: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
        """The scenarios of all files that waited and that no test among those `collected` has loaded."""
        loaded = {path for item in collected if (path := _feature_of(item)) is not None}
        for path, parent in self._waiting.items():
            feature = None if path.resolve() in loaded else collect_feature(path, parent)
            if feature is not None:
                yield from session.genitems(feature)


def _feature_of(item: pytest.Item) -> Path | None:
    """The feature file that a test made by pytest-bdd's `scenario()` or `scenarios()` has loaded."""
    function = getattr(item, "function", None)
    template = function and registry_get_safe(scenario_wrapper_template_registry, function)
    return Path(template.feature.filename).resolve() if template else None
