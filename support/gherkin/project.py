"""What pytest would know about a folder of features, for commands that run without pytest: its tags and its steps."""

import configparser
import sys
import tomllib
import types
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin.text.problems import shown
from stocktake.support.gherkin.text.tags import marker_names

TOP_OF_PROJECT = ("pyproject.toml", "pytest.ini", "pytest.toml", ".git")


def declared_tags(path: Path) -> frozenset[str]:
    """The markers that the project of the feature at `path` declares in its pytest settings."""
    return _declared_in(path.absolute().parent)


@cache
def _declared_in(folder: Path) -> frozenset[str]:
    for parent in (folder, *folder.parents):
        for name, read in SETTINGS.items():
            if (parent / name).is_file() and (lines := read(parent / name)) is not None:
                return marker_names(lines)
    return frozenset()


def _toml(file: Path) -> list[str] | None:
    """The `markers` of [pytest], [tool.pytest] or [tool.pytest.ini_options]; None when there is no such table."""
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FeatureError(f"{shown(file)} is not valid TOML: {error}") from None
    tool = settings.get("tool", {}).get("pytest", {})
    for table in (settings.get("pytest"), tool.get("ini_options"), tool):
        if table:
            return [str(line) for line in table.get("markers", ())]
    return None


def _ini(file: Path) -> list[str] | None:
    """The `markers` of [pytest], in setup.cfg of [tool:pytest]; None when there is no such section."""
    section = "tool:pytest" if file.name == "setup.cfg" else "pytest"
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(file, encoding="utf-8")
    except configparser.Error as error:
        raise FeatureError(f"{shown(file)} is not a valid settings file: {error.message.splitlines()[0]}") from None
    return settings.get(section, "markers", fallback="").splitlines() if settings.has_section(section) else None


SETTINGS = {  # in the order in which pytest searches them
    "pytest.toml": _toml,
    ".pytest.toml": _toml,
    "pytest.ini": _ini,
    ".pytest.ini": _ini,
    "pyproject.toml": _toml,
    "tox.ini": _ini,
    "setup.cfg": _ini,
}


def load_conftests(features: Iterable[Path]) -> None:
    """Import the conftest.py files that apply to `features`, outermost first, for the steps that they define."""
    for conftest in dict.fromkeys(file for feature in features for file in conftests_for(feature)):
        name = "conftest_" + "_".join(conftest.absolute().parent.parts[1:])
        module = types.ModuleType(name)
        module.__file__ = str(conftest)
        try:
            sys.modules[name] = module  # its definitions are registered only while it exists
            SourceFileLoader(name, str(conftest)).exec_module(module)
        except (FeatureError, pytest.UsageError):
            raise
        except Exception as error:
            raise FeatureError(f"{shown(conftest)} cannot be imported: {type(error).__name__}: {error}") from error


def conftests_for(feature: Path) -> Iterator[Path]:
    """The conftest.py of the feature's folder and of those above it up to the top of the project, outermost first."""
    folders = []
    for folder in feature.absolute().parents:
        folders.append(folder)
        if any((folder / name).exists() for name in TOP_OF_PROJECT):
            break
    else:
        folders = folders[:1]  # no project: only the folder itself
    return (folder / "conftest.py" for folder in reversed(folders) if (folder / "conftest.py").is_file())
