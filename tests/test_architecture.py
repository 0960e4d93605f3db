"""The repository's own rules: who may use whom, style, types, and that only one module sleeps."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = [
    pytest.param(["-c", IMPORTS, "--no-cache"], id="imports"),
    pytest.param(["-m", "ruff", "check", "--no-cache", "."], id="ruff"),
    pytest.param(["-m", "ruff", "format", "--check", "--diff", "--no-cache", "."], id="format"),
    pytest.param(["-m", "mypy"], id="types", marks=pytest.mark.process),
]


@pytest.mark.parametrize("check", CHECKS)
def test_the_repository_keeps_its_rules(check: list[str]) -> None:
    done = subprocess.run([sys.executable, *check], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{done.stdout}{done.stderr}", pytrace=False)


def sleeps(source: str) -> list[int]:
    """Return the lines on which a module sleeps: time.sleep, asyncio.sleep, or sleep imported by name."""
    tree = ast.parse(source)
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id in ("time", "asyncio", "eventlet", "gevent")
    ]
    imports = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in ("time", "asyncio")
    ]
    return lines + [node.lineno for node in imports if any(alias.name == "sleep" for alias in node.names)]


def test_only_waiting_sleeps() -> None:
    modules = [path for folder in ("steps", "support") for path in sorted((ROOT / folder).rglob("*.py"))]
    asleep = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules
        for line in sleeps(path.read_text())
        if path.stem != "waiting"
    ]
    assert asleep == []
    assert sleeps((ROOT / "support" / "waiting.py").read_text()), "the one sleep of waiting.py was not recognised"
