"""A small vocabulary in this process, and projects in which pytest runs features in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from stocktake.support.gherkin import phrases
from stocktake.support.gherkin.checks import errors
from stocktake.support.gherkin.phrases import Vocabulary
from stocktake.support.gherkin.style import style_problems
from stocktake.support.gherkin.text.elements import FeatureText
from stocktake.support.gherkin.text.reading import parsed

from tests.warm_pytest import run_pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

WIRING = """
import pytest
from stocktake.support.gherkin import collecting

pytest_plugins = ("small_vocabulary",)

def pytest_collect_file(file_path, parent):
    return collecting.collect_feature(file_path, parent)

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    collecting.configure(config)
"""


def loaded(path: Path) -> tuple[Vocabulary, ModuleType]:
    """What the module at `path` declares, apart from everything declared before."""
    vocabulary, before = Vocabulary(), phrases.VOCABULARY
    phrases.VOCABULARY = vocabulary
    try:
        module = ModuleType(path.stem)
        module.__file__ = str(path)
        sys.modules[path.stem] = module
        SourceFileLoader(path.stem, str(path)).exec_module(module)
    finally:
        phrases.VOCABULARY = before
    return vocabulary, module


@pytest.fixture(scope="session")
def small() -> Iterator[Vocabulary]:
    """The vocabulary of small_vocabulary.py."""
    vocabulary, _module = loaded(HERE / "small_vocabulary.py")
    yield vocabulary
    del sys.modules["small_vocabulary"]


@pytest.fixture
def declare(tmp_path: Path) -> Iterator[Callable[[str], Vocabulary]]:
    """Declare what a Python source declares, in a vocabulary of its own."""
    count = 0

    def declaring(source: str) -> Vocabulary:
        nonlocal count
        count += 1
        path = tmp_path / f"declared_{count}.py"
        path.write_text("from stocktake.support.gherkin.phrases import given, parameter, then, when\n" + source)
        return loaded(path)[0]

    yield declaring
    for n in range(1, count + 1):
        sys.modules.pop(f"declared_{n}", None)


@pytest.fixture
def read() -> Callable[[str], FeatureText]:
    """The feature in a text."""
    return lambda text: parsed(Path("some.feature"), text.encode())


@pytest.fixture
def found(small: Vocabulary) -> Callable[..., list[str]]:
    """Each error of a feature as `LINE: rule: sentence`."""

    def finding(text: str, tags: tuple[str, ...] = ()) -> list[str]:
        feature = parsed(Path("some.feature"), text.encode())
        return [f"{p.line}: {p.rule}: {p.sentence}" for p in errors(feature, small, tags)]

    return finding


@pytest.fixture
def styled() -> Callable[[str], list[str]]:
    """Each lack of style of a feature as `LINE: rule: sentence`."""

    def finding(text: str) -> list[str]:
        return [f"{p.line}: {p.rule}: {p.sentence}" for p in style_problems(parsed(Path("s.feature"), text.encode()))]

    return finding


class Project:
    """A folder with features and the small vocabulary."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.write("wiring.py", WIRING)
        self.write("small_vocabulary.py", (HERE / "small_vocabulary.py").read_text())
        self.write(
            "pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["--strict-markers"]\nmarkers = ["declared"]\n'
        )

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def environment(self) -> dict[str, str]:
        paths = f"{self.folder}{os.pathsep}{REPOSITORY}"
        return {**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}

    def pytest(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        plugins = ("-p", "pytest_bdd.plugin", "-p", "xdist.plugin", "-p", "wiring")
        folder = folder or self.folder
        return run_pytest(*plugins, *arguments, folder=folder, environment=self.environment(), steps=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)
