"""How the vocabulary is specified: features that quote scenarios, and claim what becomes of them on a lab.

All quotations of a session are run by two processes before the first is judged: those that are said to fail on a cloud
with little patience, as a claim is awaited before it is called wrong, the others on the same cloud with its own. Each
quotation is a feature file of its own. What became of it is read from the run's messages, and its steps' requests too.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_bdd import given, then, when
from pytest_bdd.parser import Scenario
from stocktake.support.gherkin import collecting
from stocktake.support.lab.client import Lab
from stocktake.support.media_types import EXCHANGE

HERE = Path(__file__).parent
# Said once more by the steps below, where editors want a literal.
BEGINNING, QUOTATION, FAILURE = "every scenario begins with", "a scenario says", "its last step fails and says"
WITHIN = 1800  # seconds, for all quotations of a kind
FIRST = 'Given resource provider "first"'  # makes what the first scenario of a run makes for all, such as its project
LITTLE_PATIENCE = {"accounts": 1}
CHANGES = re.compile(r"(?P<asked>\w+ (?:POST|PUT|PATCH|DELETE) \S+)(?: at \S+)? -> ")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")


@dataclass
class Step:
    """What became of a quoted step: its result, what it said, and the requests it sent that change something."""

    text: str
    status: str = "UNKNOWN"
    message: str = ""
    asked: list[str] = field(default_factory=list)


@dataclass
class Verdict:
    """What became of a quoted scenario, step by step; what is no step of it is one of `around`."""

    steps: list[Step]
    around: list[Step]

    def __str__(self) -> str:
        told = (f"  {step.status:9} {step.text}\n{step.message}".rstrip() for step in (*self.steps, *self.around))
        return "the scenario went like this:\n" + "\n".join(told)

    def require_passed(self, *steps: Step) -> None:
        """Insist on steps that passed."""
        if not all(step.status == "PASSED" for step in steps):
            raise AssertionError(str(self))


def quotation(scenario: Scenario) -> str | None:
    """The text of the feature that a scenario of ours quotes; tags on top of it are those of the quoted scenario."""
    said = {step.name: step.docstring or "" for step in scenario.steps}
    if QUOTATION not in said:
        return None
    lines = said[QUOTATION].splitlines()
    tags = [line for line in lines if line.startswith("@")]
    steps = [*said.get(BEGINNING, "").splitlines(), *lines[len(tags) :]]
    return feature(steps, tags)


def feature(steps: Sequence[str], tags: Sequence[str] = ()) -> str:
    """The text of a feature of one scenario."""
    return "\n".join(["Feature: Quoted", *tags, "Scenario: Quoted", *steps]) + "\n"


@pytest.fixture(scope="session")
def verdicts(
    request: pytest.FixtureRequest, shared_lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Verdict]:
    """What became of every quotation of the session, by the quoting scenario's node id."""
    folder = tmp_path_factory.mktemp("quoted")
    clouds(shared_lab, folder / "clouds.yaml")
    patient, impatient = {}, {}
    for number, item in enumerate(request.session.items):
        scenario = collecting.runnable(item) if item.path.is_relative_to(HERE) else None
        if scenario is not None and (text := quotation(scenario)) is not None:
            fails = any(step.name == FAILURE for step in scenario.steps)
            (impatient if fails else patient)[item.nodeid] = (f"{item.path.stem}_{number}", text)
    with ThreadPoolExecutor() as threads:  # what one of them waits for, the other one uses
        runs = [threads.submit(run, folder, *each) for each in (("patient", patient), ("impatient", impatient))]
        return {node: verdict for each in runs for node, verdict in each.result().items()}


def clouds(lab: Lab, path: Path) -> None:
    """Describe a lab twice, with its own patience and with little of it."""
    described = yaml.safe_load(lab.clouds_yaml.read_text())["clouds"]
    settings = described["lab"]["stocktake"]
    hasty = {**settings, "patience": {**settings["patience"], **LITTLE_PATIENCE}}
    described |= {"patient": described["lab"], "impatient": {**described["lab"], "stocktake": hasty}}
    path.write_text(yaml.safe_dump({"clouds": described}))
    path.chmod(0o600)


def run(folder: Path, cloud: str, quoted: Mapping[str, tuple[str, str]]) -> dict[str, Verdict]:
    """Run quotations on a cloud, in a process of their own, to their end; node ids and verdicts."""
    if not quoted:
        return {}
    (folder / cloud).mkdir()
    (folder / cloud / "beginning.feature").write_text(feature([FIRST]))
    for name, text in quoted.values():
        (folder / cloud / f"{name}.feature").write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "PYTEST_"))}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "stocktake.steps",
        "--continue-on-collection-errors",
    ]
    ended = subprocess.run(
        [*command, f"--rootdir={folder}", f"--cloud={cloud}", f"--messages={cloud}.ndjson", cloud],
        cwd=folder,
        env={**environment, "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml")},
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    found = dict(read(folder / f"{cloud}.ndjson"))
    lacking = [name for name, _ in quoted.values() if name not in found]
    assert not lacking, f"nothing became of {', '.join(lacking)}:\n{ended.stdout}{ended.stderr}"
    return {node: found[name] for node, (name, _) in quoted.items()}


def read(stream: Path) -> Iterator[tuple[str, Verdict]]:
    """The verdict of each feature file of a run, by the file's name without its ending."""
    steps: dict[str, Step] = {}
    cases: dict[str, tuple[str, Verdict]] = {}
    pickles: dict[str, dict[str, Any]] = {}
    for line in stream.read_text().splitlines():
        [(kind, told)] = json.loads(line).items()
        if kind == "pickle":
            pickles[told["id"]] = told
        elif kind == "testCase":
            pickle = pickles[told["pickleId"]]
            texts = {step["id"]: step["text"] for step in pickle["steps"]}
            made = {each["id"]: Step(texts.get(each.get("pickleStepId"), "around")) for each in told["testSteps"]}
            own = [each["id"] for each in told["testSteps"] if "pickleStepId" in each]
            verdict = Verdict([made[each] for each in own], [made[each] for each in made if each not in own])
            steps |= made
            cases[told["id"]] = Path(pickle["uri"]).stem, verdict
        elif kind == "testStepFinished":
            result = told["testStepResult"]
            steps[told["testStepId"]].status = result["status"]
            steps[told["testStepId"]].message = result.get("message", "")
        elif kind == "attachment" and told["mediaType"] == EXCHANGE and told.get("testStepId") in steps:
            asked = [IDS.sub("…", found["asked"]) for found in CHANGES.finditer(told["body"])]
            steps[told["testStepId"]].asked += asked
    return iter(cases.values())


def says(found: str, expected: str) -> bool:
    """Whether a text is what was expected of it: `…` stands for anything on a line, a line of it for any lines."""
    lines = (re.escape(line.strip()).replace("…", "[^\n]*") for line in expected.strip().splitlines())
    pattern = r"\s*\n\s*".join("(?s:.*)" if line == "[^\n]*" else line for line in lines)
    return re.fullmatch(pattern, found.strip()) is not None


def require_said(verdict: Verdict, found: str, expected: str) -> None:
    """Insist on words."""
    if not says(found, expected):
        raise AssertionError(f"expected to read\n{expected}\nbut read\n{found}\nas {verdict}")


@pytest.fixture
def verdict(request: pytest.FixtureRequest, verdicts: dict[str, Verdict]) -> Verdict:
    """What became of this scenario's quotation."""
    return verdicts[request.node.nodeid]


@given("every scenario begins with")
def every_scenario_begins(docstring: str) -> None:
    """Quote the steps with which each quoted scenario of the feature begins."""


@when("a scenario says")
def a_scenario_says(docstring: str, verdict: Verdict) -> None:
    """Quote the steps of a scenario, tags before them."""


@then("it passes")
def it_passes(verdict: Verdict) -> None:
    """Check that every step passed, and what came after them."""
    verdict.require_passed(*verdict.steps, *verdict.around)


@then("its last step sends")
def last_step_sends(verdict: Verdict, docstring: str) -> None:
    """Check that all went well and which requests the last step sent that change something, in order."""
    verdict.require_passed(*verdict.steps, *verdict.around)
    require_said(verdict, "\n".join(verdict.steps[-1].asked), docstring)


@then("its last step changes nothing")
def last_step_changes_nothing(verdict: Verdict) -> None:
    """Check that all went well and that the last step did no more than read."""
    verdict.require_passed(*verdict.steps, *verdict.around)
    assert verdict.steps[-1].asked == [], str(verdict)


@then("its last step fails and says")
def last_step_fails(verdict: Verdict, docstring: str) -> None:
    """Check that every step passed but the last one, which failed with these words."""
    verdict.require_passed(*verdict.steps[:-1])
    assert verdict.steps[-1].status == "FAILED", str(verdict)
    require_said(verdict, verdict.steps[-1].message, docstring)


@then("it is unverified because")
def is_unverified(verdict: Verdict, docstring: str) -> None:
    """Check that nothing failed, and why not everything was done."""
    skipped = [step for step in (*verdict.steps, *verdict.around) if step.status == "SKIPPED"]
    assert skipped, str(verdict)
    verdict.require_passed(*(step for step in verdict.steps if step not in skipped and step.status != "UNKNOWN"))
    require_said(verdict, next(step.message for step in skipped if step.message), docstring)


@then("it is refused before it runs because")
def is_refused(verdict: Verdict, docstring: str) -> None:
    """Check that no step was done, and what is wrong with one of them."""
    assert all(step.status != "PASSED" for step in verdict.steps), str(verdict)
    require_said(verdict, "\n".join(step.message for step in verdict.steps if step.message), docstring)
