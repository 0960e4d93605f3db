"""What is imported directly is declared: steps and most of support in `dependencies`, the lab in its extra."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
DISTRIBUTIONS = packages_distributions()
OWN = {"stocktake"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in PROJECT["optional-dependencies"][extra])]
    return {canonical(Requirement(text).name) for text in texts}


def imported(source: str) -> Iterator[str]:
    """The top-level packages that a module imports, the standard library's and ours left out."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = [node.module]
        yield from {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OWN


def undeclared(places: list[Path], requirements: set[str]) -> dict[str, set[str]]:
    """Imports that no requirement brings, with the modules that have them; of folders and single modules."""
    found: dict[str, set[str]] = {}
    for path in (path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])):
        for name in imported(path.read_text()):
            if not {canonical(each) for each in DISTRIBUTIONS.get(name, [name])} & requirements:
                found.setdefault(name, set()).add(str(path.relative_to(REPOSITORY)))
    return found


LAB = REPOSITORY / "support" / "lab"
EXPLORING = REPOSITORY / "support" / "exploring"
BESIDE_THESE = [path for path in (REPOSITORY / "support").iterdir() if path not in (LAB, EXPLORING)]
REST = [REPOSITORY / "steps", *(path for path in BESIDE_THESE if path.is_dir() or path.suffix == ".py")]


def test_of_what_needs_no_extra():
    assert undeclared(REST, declared()) == {}
    for path in REPOSITORY.glob("support/*.py"):
        assert {n for n in imported(path.read_text()) if canonical(DISTRIBUTIONS[n][0]) not in declared()} == set(), (
            path
        )


def test_of_the_lab():
    assert undeclared([LAB], declared("lab", "lab-services")) == {}


def test_of_exploring():
    assert undeclared([EXPLORING], declared("explore")) == {}


@pytest.mark.parametrize("extra", [(), ("lab",), ("explore",)], ids=["dependencies", "lab", "explore"])
def test_nothing_is_declared_that_nobody_imports(extra):
    """pytest-bdd matches its own steps with parse, and pytest loads xdist: neither is imported by its name here."""
    used = {
        canonical(distribution)
        for path in (REPOSITORY / top for top in ("steps", "support"))
        for module in path.rglob("*.py")
        for name in imported(module.read_text())
        for distribution in DISTRIBUTIONS.get(name, [])
    }
    assert declared(*extra) - used <= {"parse", "pytest-xdist"}


def test_an_import_that_is_not_declared_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.REPOSITORY", tmp_path)
    (tmp_path / "module.py").write_text("import json\nimport hamcrest\nimport libvirt_that_nobody_has\n")
    assert undeclared([tmp_path], declared() - {"pyhamcrest"}) == {
        "hamcrest": {"module.py"},
        "libvirt_that_nobody_has": {"module.py"},
    }


def capped() -> set[str]:
    """The requirements that exclude some newer version."""
    texts = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    requirements = [Requirement(text) for text in texts]
    return {canonical(each.name) for each in requirements if any(part.operator == "<" for part in each.specifier)}


def test_what_is_used_behind_a_librarys_back_is_capped():
    """Modules with an underscore, and pytest-bdd's, which documents its decorators only."""
    behind = {"pytest-bdd"}
    for module in (path for top in ("steps", "support") for path in (REPOSITORY / top).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and "._" in f".{node.module}" and not node.level:
                behind |= {canonical(each) for each in DISTRIBUTIONS.get(node.module.partition(".")[0], ())}
    assert behind - {"stocktake"} <= capped()
    assert {"pytest", "pytest-xdist", "gherkin-official", "openstacksdk", "tooz", "nova", "oslo-messaging"} <= capped()
