"""What pytest-rerunfailures runs again: all reports agree on the last attempt, and tell of the earlier ones."""

from collections import Counter

import pytest
from cucumber_messages import Envelope, message_converter
from stocktake.support.reporting.page.render import publish
from stocktake.support.reporting.stream import read_run

FLAKY = """\
Feature: A network that stumbles

  Scenario: It passes in the end
    Given the network stumbles once
    When server "web" is booted from flavor "small" on host "alpha"
    Then nothing is wrong

  Scenario: It passes at once
    Then nothing is wrong

  Scenario: It never passes
    Given the network is down
    Then nothing is wrong
"""
LAST, FIRST, NEVER = "It passes in the end", "It passes at once", "It never passes"


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "xdist"])
def run(request, new_project):
    project = new_project()
    project.write("features/flaky.feature", FLAKY)
    options = (
        "-p",
        "pytest_rerunfailures",
        "--reruns=1",
        "--junitxml=junit.xml",
        "--living-doc=page",
        "--summary=s.md",
    )
    return project.pytest(*request.param, *options)


def attempts(run, name):
    """[(attempt, willBeRetried)] of a scenario, and the ids of its test cases."""
    pickles = {p["id"]: p["name"] for p in run.of_kind("pickle")}
    cases = {c["id"] for c in run.of_kind("testCase") if pickles[c["pickleId"]] == name}
    finished = {f["testCaseStartedId"]: f["willBeRetried"] for f in run.of_kind("testCaseFinished")}
    started = [s for s in run.of_kind("testCaseStarted") if s["testCaseId"] in cases]
    return [(s["attempt"], finished[s["id"]]) for s in started], cases


def test_messages_number_the_attempts_of_one_test_case(run):
    for name, expected in {LAST: [(0, True), (1, False)], FIRST: [(0, False)], NEVER: [(0, True), (1, False)]}.items():
        found, cases = attempts(run, name)
        assert (name, found, len(cases)) == (name, expected, 1)
    for message in run.messages:
        assert message_converter.to_dict(message_converter.from_dict(message, Envelope)) == message


def test_each_attempt_has_its_own_steps(run):
    statuses = run.statuses()[LAST]
    steps = [status for status in statuses if status != "PASSED"]
    assert Counter(statuses) == {"PASSED": 11, "FAILED": 1, "SKIPPED": 2}, "4 hooks each time"
    assert steps == ["FAILED", "SKIPPED", "SKIPPED"]


def test_every_declared_step_of_every_attempt_has_a_result(run):
    steps = {case["id"]: [step["id"] for step in case["testSteps"]] for case in run.of_kind("testCase")}
    finished = Counter((f["testCaseStartedId"], f["testStepId"]) for f in run.of_kind("testStepFinished"))
    expected = Counter((s["id"], step) for s in run.of_kind("testCaseStarted") for step in steps[s["testCaseId"]])
    assert finished == expected


def test_all_totals_agree(run):
    assert (run.terminal["passed"], run.terminal["failed"], run.terminal["rerun"]) == (2, 1, 2)
    assert (run.junit["test"], run.junit["failure"], run.junit["error"]) == (3, 1, 0)
    assert "scenarios: 2 verified (1 only at a later attempt), 1 failed" in run.text
    page, summary = (run.folder / "page" / "index.html").read_text(), (run.folder / "s.md").read_text()
    assert 'data-total="passed">2<' in page
    assert 'data-total="failed">1<' in page
    assert "| lab | 2 | 1 | 0 | 3 |" in summary
    assert publish([run.folder / "run.ndjson"]).totals["passed"] == 2


def test_the_page_and_the_summary_tell_of_the_earlier_attempt(run):
    page, summary = (run.folder / "page" / "index.html").read_text(), (run.folder / "s.md").read_text()
    for report in (page, summary):
        assert "What passed only at a later attempt" in report
    assert page.count("Passed at the second attempt; before: the network stumbled") == 2, "in front and on the scenario"
    assert "Ended at the second attempt; before: no network" in page
    assert f"{LAST} (features/flaky.feature:3): passed at the second attempt; before: the network stumbled" in summary


def test_the_stream_reads_back_with_what_earlier_attempts_failed_with(run):
    results = {key[2]: result for key, result in read_run(run.folder / "run.ndjson").results.items()}
    assert {name: (r.outcome, r.earlier) for name, r in results.items()} == {
        LAST: ("passed", ("the network stumbled",)),
        FIRST: ("passed", ()),
        NEVER: ("failed", ("no network",)),
    }


def test_a_worker_that_dies_is_an_attempt(project):
    project.write(
        "features/dies.feature",
        "Feature: F\n  Scenario: S\n    When the process dies once\n    Then nothing is wrong\n",
    )
    project.write("conftest.py", DIES_ONCE)
    run = project.pytest("-n", "1", "-p", "pytest_rerunfailures", "--reruns=1")
    assert "scenarios: 1 verified (1 only at a later attempt)" in run.text, run.text
    assert attempts(run, "S")[0] == [(0, True), (1, False)]


DIES_ONCE = """
import os
from pathlib import Path
from pytest_bdd import when

@when("the process dies once")
def dies():
    if not Path("dead").exists():
        Path("dead").touch()
        os._exit(7)
"""
