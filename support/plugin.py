"""The pytest plugin: options, fixtures and hooks. It wires the parts together and holds no logic of its own."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.errors import StocktakeError, Unverified
from support.gherkin import collecting

if TYPE_CHECKING:
    from support.cloud.books import Books
    from support.cloud.cloud import Cloud
    from support.cloud.stage import Stage

UNVERIFIED = "unverified: "
STAGE = pytest.StashKey["Stage"]()
ACTING = ("given", "when")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add Stocktake's options; each takes its value after `=`."""
    group = parser.getgroup("stocktake", "accounting of an OpenStack cloud")
    group.addoption("--cloud", metavar="NAME", help="the cloud of clouds.yaml to verify (default: OS_CLOUD, else lab)")
    group.addoption("--messages", metavar="FILE.ndjson", help="write the run as Cucumber Messages")
    group.addoption("--living-doc", metavar="DIR", help="render the run as a living-documentation page")
    group.addoption("--summary", metavar="FILE.md", help="write a short summary of the run in Markdown")
    group.addoption("--compare", metavar="OLD.ndjson", help="an earlier run to compare the page with")
    group.addoption("--lab-hosts", metavar="N", type=int, default=3, help="compute hosts of a lab started for the run")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read FILE.feature:LINE on the command line, declare the tags, and set up the reports."""
    collecting.configure(config)
    paths = {name: _path(config, name) for name in ("messages", "living_doc", "summary", "compare")}
    if any(paths.values()):
        from support.reporting import messages  # noqa: PLC0415 - start-up time

        messages.register(config, **paths)


def _path(config: pytest.Config, option: str) -> Path | None:
    value = config.getoption(option)
    return Path(config.invocation_params.dir, value) if value else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect .feature files, in any folder."""
    return collecting.collect_feature(file_path, parent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the lab that was started for this run."""
    if not hasattr(session.config, "workerinput") and session.config.stash.get(RUNS_LAB, True):
        from support.lab.for_run import end_lab_of_run  # noqa: PLC0415 - start-up time

        end_lab_of_run(_run_of(session.config))


RUNS_LAB = pytest.StashKey[bool]()
RUN = pytest.StashKey[str]()


def _run_of(config: pytest.Config) -> str:
    """The name of this run, the same in all its processes."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return str(worker["testrunuid"])
    manager = config.pluginmanager.getplugin("dsession")
    return str(manager.nodemanager.testrunuid) if manager and manager.nodemanager else f"pid-{os.getpid()}"


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> "Iterator[Cloud]":
    """The cloud under verification: `--cloud`, OS_CLOUD, or a lab."""
    from support.cloud.cloud import connected  # noqa: PLC0415 - start-up time

    config = request.config
    name = config.getoption("cloud") or os.environ.get("OS_CLOUD") or "lab"
    with _clouds_yaml_of_lab(config, name), connected(name) as opened:
        yield opened


class _clouds_yaml_of_lab:
    """Point openstacksdk at the lab's clouds.yaml when the cloud is the lab and nothing else was named."""

    def __init__(self, config: pytest.Config, name: str):
        self._config, self._name = config, name

    def __enter__(self) -> None:
        if self._name != "lab" or "OS_CLIENT_CONFIG_FILE" in os.environ:
            return
        from support.lab import running  # noqa: PLC0415 - start-up time

        lab = running()
        if lab is None:
            from support.lab.for_run import lab_of_run  # noqa: PLC0415

            owner = os.getppid() if hasattr(self._config, "workerinput") else os.getpid()
            lab = lab_of_run(_run_of(self._config), owner, self._config.getoption("lab_hosts"))
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(lab.clouds_yaml)
        self._set = True

    def __exit__(self, *_: object) -> None:
        if getattr(self, "_set", False):
            del os.environ["OS_CLIENT_CONFIG_FILE"]


@pytest.fixture
def books(request: pytest.FixtureRequest, cloud: "Cloud") -> "Iterator[Books]":
    """The books of this scenario: its hosts, servers, flavors and accounts."""
    from support.cloud.stage import Stage  # noqa: PLC0415 - start-up time

    scenario = collecting.runnable(request.node)
    roles = collecting.roles_of(scenario) if scenario else ()
    stage = Stage(cloud, roles, whole_cloud=request.node.get_closest_marker("whole-cloud") is not None)
    request.node.stash[STAGE] = stage
    try:
        stage.open()
        yield stage.books
    finally:
        stage.close()


def pytest_bdd_before_step_call(request: pytest.FixtureRequest, step: Any, step_func: Any) -> None:
    """A refusal must be spoken of by the very next step."""
    stage = request.node.stash.get(STAGE, None)
    if stage and not getattr(step_func, "__module__", "").endswith("answers"):
        stage.check_spoken()


def pytest_bdd_after_step(request: pytest.FixtureRequest, step: Any) -> None:
    """Audit the scenario's accounts after each step that acts."""
    stage = request.node.stash.get(STAGE, None)
    if stage:
        stage.audit(always=step.type == "when")


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Undo everything while the scenario can still fail for it."""
    stage = request.node.stash.get(STAGE, None)
    if stage:
        stage.check_spoken()
        stage.close()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell what could not be verified as a skip with its reason, and a written error without a traceback."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Unverified):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"{UNVERIFIED}{error}")
    elif isinstance(error, (StocktakeError, AssertionError)) and item.config.get_verbosity() < 2:
        report.longrepr = str(error)
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Call unverified scenarios by their name in the terminal."""
    if report.skipped and isinstance(report.longrepr, tuple) and report.longrepr[2].startswith(UNVERIFIED):
        return "unverified", "u", "UNVERIFIED"
    return None
