"""Stocktake's pytest options, and the error for an option that another plugin also defines."""

import argparse
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from stocktake.support.lab import optional

PREFIX = "stocktake_"  # prefix of the names by which pytest stores the values, so that they cannot collide with others

# option: what `parser.addoption` takes; each takes its value after `=`
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "--cloud": {"metavar": "NAME", "help": "the cloud of clouds.yaml to verify (default: OS_CLOUD, else lab)"},
    "--messages": {"metavar": "FILE.ndjson", "help": "write the run as Cucumber Messages"},
    "--living-doc": {"metavar": "DIR", "help": "render the run as a living-documentation page"},
    "--summary": {"metavar": "FILE.md", "help": "write a short summary of the run in Markdown"},
    "--compare": {"metavar": "OLD.ndjson", "help": "an earlier run to compare the page with"},
    "--lab-hosts": {"metavar": "N", "type": int, "default": 3, "help": "compute hosts of a lab started for the run"},
    "--lab-with": {
        "metavar": optional.WORDS,
        "type": optional.argument,
        "help": "these hosts have Nova's libvirt driver, with the hardware of a profile; the lab has more services: "
        f"{', '.join(optional.OPTIONAL)}",
    },
    "--lab-release": {
        "metavar": "RELEASE",
        "help": "the release of that lab, such as 2024.1 or 2024.1:nova==29.2.0 (default: the one installed here)",
    },
    "--stocktake-features": {
        "action": "store_true",
        "help": "find paths among the installed features too, and run all of those if no path is given",
    },
}


def add(parser: pytest.Parser, plugins: pytest.PytestPluginManager) -> None:
    """Add the options; all other plugins and the initial conftest.py files have added theirs.

    Raises pytest.UsageError with the other's name for an option that is taken.
    """
    group = parser.getgroup("stocktake", "accounting of an OpenStack cloud")
    for option, attributes in OPTIONS.items():
        try:
            group.addoption(option, dest=destination(option), **attributes)
        except (argparse.ArgumentError, ValueError):
            raise pytest.UsageError(
                f"{_other_owner(option, plugins)} defines the option {option}, which Stocktake also defines: rename it "
                "there, or leave out `-p stocktake.steps` and run your scenarios with `stocktake run` from elsewhere"
            ) from None


def destination(option: str) -> str:
    """The name by which pytest stores the value of `option`."""
    return PREFIX + option.removeprefix("--").removeprefix("stocktake-").replace("-", "_")


def value(config: pytest.Config, option: str) -> Any:
    """The value of `option`, such as `--cloud`.

    Raises pytest.UsageError when Stocktake was loaded too late to have options: by a conftest.py.
    """
    try:
        return getattr(config.option, destination(option))
    except AttributeError:
        raise pytest.UsageError(
            "a conftest.py loads Stocktake, which is too late: write `addopts = -p stocktake.steps` into the pytest "
            "settings of the project instead"
        ) from None


def _other_owner(option: str, plugins: pytest.PytestPluginManager) -> str:
    """The plugin whose `pytest_addoption` spells the option, by its file if it is a conftest.py."""
    for name, plugin in plugins.list_name_plugin():
        hook: Callable[..., Any] | None = getattr(plugin, "pytest_addoption", None)
        if hook is not None and f'"{option}"' in _source(hook).replace("'", '"'):
            return name if Path(name).name == "conftest.py" else f"the plugin {name}"
    return "another plugin"


def _source(hook: Callable[..., Any]) -> str:
    """The module that the hook is in, as text; empty when there is none to be read."""
    try:
        module = inspect.getmodule(hook)
        return inspect.getsource(module) if module else ""
    except (OSError, TypeError):
        return ""
