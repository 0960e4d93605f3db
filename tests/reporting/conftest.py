"""Projects whose steps need no cloud: pytest runs their features in a process of its own and writes streams."""

import importlib
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.warm_pytest import run_pytest

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


class Outcome:
    """A finished pytest and what it wrote."""

    def __init__(self, folder: Path, finished: subprocess.CompletedProcess[str]):
        self.folder = folder
        self.status = finished.returncode
        self.text = finished.stdout + finished.stderr

    @property
    def messages(self) -> list[dict]:
        lines = (self.folder / "run.ndjson").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def of_kind(self, kind: str) -> list[dict]:
        return [message[kind] for message in self.messages if kind in message]

    @property
    def kinds(self) -> Counter:
        return Counter(kind for message in self.messages for kind in message)

    @property
    def terminal(self) -> Counter:
        """pytest's own count, from its last line."""
        last = re.findall(r"^=+ (.*) in [0-9.]+s.*=+$", self.text, re.MULTILINE)[-1]
        return Counter({word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (\w+)", last)})

    @property
    def junit(self) -> Counter:
        """The count of --junitxml=junit.xml."""
        suite = ElementTree.parse(self.folder / "junit.xml").getroot().find("testsuite")
        counted = {
            name: int(suite.get(name + "s" if name != "skipped" else name)) for name in ("failure", "error", "skipped")
        }
        return Counter(counted | {"test": int(suite.get("tests"))})

    def statuses(self) -> dict[str, list[str]]:
        """Scenario name -> the status of each of its steps and hooks, in order."""
        names = {p["id"]: p["name"] for p in self.of_kind("pickle")}
        cases = {c["id"]: names[c["pickleId"]] for c in self.of_kind("testCase")}
        started = {s["id"]: cases[s["testCaseId"]] for s in self.of_kind("testCaseStarted")}
        found: dict[str, list[str]] = {}
        for each in self.of_kind("testStepFinished"):
            found.setdefault(started[each["testCaseStartedId"]], []).append(each["testStepResult"]["status"])
        return found


class Project:
    """A folder with features, the small vocabulary of small_suite.py and nothing else."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copy(HERE / "small_suite.py", folder / "small_suite.py")
        self.write("pytest.ini", "[pytest]\n")
        self.write("run_here", "")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def features(self, *names: str) -> None:
        """Take samples in, which are not called .feature where they stand lest pytest collects them there."""
        for name in names:
            self.write(f"features/{name}", (HERE / "samples" / name).with_suffix(".gherkin").read_text())

    def pytest(self, *arguments: str, messages: str = "run.ndjson", **environment: str) -> Outcome:
        plugins = ("-p", "pytest_bdd.plugin", "-p", "xdist", "-p", "small_suite")
        paths = f"{self.folder}{os.pathsep}{REPOSITORY}"
        base = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB", "CI"))}
        options = [f"--messages={messages}"] if messages else []
        variables = {**base, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
        finished = run_pytest(*plugins, *options, *arguments, folder=self.folder, environment=variables, steps=False)
        return Outcome(self.folder, finished)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory):
    """Makes projects for runs that several tests share."""
    return lambda: Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def browser(unavailable):
    """Chromium, which asks nobody for anything."""
    sync_api = pytest.importorskip("playwright.sync_api") if os.environ.get("CI") != "true" else playwright_for_ci()
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        unavailable("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET, headless=True)
        yield opened
        opened.close()


def playwright_for_ci():
    """Playwright, which CI must have."""
    return importlib.import_module("playwright.sync_api")


@pytest.fixture(scope="session", params=[(), ("-n", "2")], ids=["one-process", "xdist"])
def everything(request: pytest.FixtureRequest, new_project) -> Outcome:
    """A run with every outcome there is, in one process and in two workers."""
    project = new_project()
    project.features("accounts.feature", "outcomes.feature", "unusable.feature")
    return project.pytest(*request.param, "--junitxml=junit.xml", "--continue-on-collection-errors")
