"""The official Cucumber libraries, from npm into a cache outside the repository, asked through one short script."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Exact, so that what the tests prove does not change by itself.
PACKAGES = ("@cucumber/language-service@1.7.0", "@cucumber/gherkin-utils@12.0.2")
SCRIPT = Path(__file__).with_name("what_editors_see.mjs")


def unavailable(reason: str) -> None:
    """Skip where somebody develops without Node; in CI the proof must be given."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI=true requires it")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """A node_modules folder with PACKAGES: STOCKTAKE_NODE_MODULES, or one installed once into the user's cache."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("node and npm are not installed")
    if given := os.environ.get("STOCKTAKE_NODE_MODULES"):
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stocktake" / "node"
    folder = cache / "_".join(package.replace("/", "-").strip("@") for package in PACKAGES)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:  # workers of xdist wait for the one that installs
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            install(folder)
    return folder / "node_modules"


def install(folder: Path) -> None:
    """Install PACKAGES into `folder` without running any script of theirs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        result = subprocess.run([*command, *PACKAGES], capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        unavailable("npm did not install the Cucumber packages within 300 s")
        return
    if result.returncode:
        unavailable(f"npm could not install the Cucumber packages: {result.stderr.strip().splitlines()[-1:]}")
    (folder / "complete").touch()


@pytest.fixture(scope="session")
def editor(node_modules: Path) -> Callable[..., dict[str, Any]]:
    """Ask what an editor sees; see the script for the question and the answer."""

    def ask(**question: Any) -> dict[str, Any]:
        asked = {"python": [], "features": [], "steps": [], "beginnings": [], "texts": [], **question}
        result = subprocess.run(
            ["node", str(SCRIPT), str(node_modules)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return ask
