"""Shared by the suite's own tests: time that passes only when somebody sleeps, one lab, and packages from npm."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from stocktake.support import lab
from stocktake.support.lab.client import Lab

pytest_plugins = [
    "tests.doubles.apis",
    "tests.doubles.sessions",
    "tests.doubles.nova",
    "tests.doubles.placement",
    "tests.doubles.scenarios",
    "tests.markers",
]

# A busy machine is no defect of what is tested: generated examples may take as long as they need.
settings.register_profile("stocktake", deadline=None)
settings.load_profile("stocktake")

# The packages, with their exact versions and hashes, so that what the tests prove does not change by itself.
NODE = Path(__file__).with_name("node")


class FakeClock:
    """A clock for `stocktake.support.waiting.eventually`: sleeping is instant, and remembered in `.slept`."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def waited(self) -> float:
        return self.time - 1000.0


@pytest.fixture
def fake_clock() -> FakeClock:
    """A fresh clock."""
    return FakeClock()


@pytest.fixture(scope="session")
def new_clock() -> type[FakeClock]:
    """Makes clocks, for tests that need one per generated example."""
    return FakeClock


@pytest.fixture(scope="session")
def unavailable() -> Callable[[str], None]:
    """Skips, for a reason, where somebody develops without what a test needs; in CI the proof must be given."""

    def skip(reason: str) -> None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI=true requires it")
        pytest.skip(reason)

    return skip


@pytest.fixture(scope="session")
def shared_lab() -> Iterator[Lab]:
    """A lab with three hosts, for all tests of a process that leave it as they found it.

    It is started where a proxy is set that nobody can reach, as in many an office.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        running = lab.start(hosts=3, owner=os.getpid())
    yield running
    running.stop()


@pytest.fixture(scope="session")
def node_modules(unavailable: Callable[[str], None]) -> Path:
    """A node_modules folder with what NODE locks: STOCKTAKE_NODE_MODULES, or one installed into the user's cache."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("node and npm are not installed")
    if given := os.environ.get("STOCKTAKE_NODE_MODULES"):
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stocktake" / "node"
    folder = cache / hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:  # workers of xdist wait for the one that installs
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists() and (problem := _install(folder)):
            unavailable(problem)
    return folder / "node_modules"


def _install(folder: Path) -> str | None:
    """Install what NODE locks into `folder`, running no script of any package; return what went wrong, if anything."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(NODE, folder)
    command = ["npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "npm did not install the packages within 300 s"
    if result.returncode:
        return f"npm could not install the packages: {result.stderr.strip().splitlines()[-1:]}"
    (folder / "complete").touch()
    return None
