"""Go to Definition leads from a step into support/, in a language server with the settings of .vscode."""

import ast
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stocktake.steps import CHAPTERS

from tests.editor.language_server import LanguageServer, opened

REPOSITORY = Path(__file__).parents[2]
SETTINGS = json.loads((REPOSITORY / ".vscode" / "settings.json").read_text())
INTERPRETER = {"python.pythonPath": sys.executable}
Call = tuple[Path, int, int, Any]


def calls(chapter: str) -> Iterator[Call]:
    """Calls such as `moves.resize(…)` in a chapter, of functions in support: file, line, column, and the function."""
    module = importlib.import_module(chapter)
    file = REPOSITORY / Path(*chapter.split(".")[1:]).with_suffix(".py")
    for node in ast.walk(ast.parse(file.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner = getattr(module, node.func.value.id, None)
            called = inspect.ismodule(owner) and getattr(owner, node.func.attr, None)
            if inspect.isfunction(called) and called.__module__ == owner.__name__:
                yield file, node.func.lineno, (node.func.end_col_offset or 1) - 1, inspect.unwrap(called)


@pytest.fixture(scope="module")
def first_calls() -> list[Call]:
    """The first call of each of three chapters that have any."""
    return [found for chapter in CHAPTERS if (found := next(calls(chapter), None))][:3]


@pytest.fixture(scope="module")
def server(node_modules: Path) -> Iterator[LanguageServer]:
    """A language server with the repository's settings."""
    with opened(node_modules, REPOSITORY, SETTINGS | INTERPRETER) as running:
        yield running


def test_a_step_leads_to_what_it_calls(server, first_calls):
    assert len(first_calls) == 3
    for file, line, column, called in first_calls:
        [(path, at)] = server.definitions(file, line, column)
        assert path.resolve() == Path(called.__code__.co_filename).resolve()
        assert path.resolve().is_relative_to(REPOSITORY / "support")
        assert at in range(called.__code__.co_firstlineno, called.__code__.co_firstlineno + 5)  # below its decorators


def test_without_the_settings_it_leads_nowhere(node_modules, first_calls):
    """Language servers do not run the import hook of an editable installation."""
    file, line, column, _called = first_calls[0]
    with opened(node_modules, REPOSITORY, INTERPRETER) as server:
        assert server.definitions(file, line, column) == []
