"""The page, the messages, JUnit and the terminal count alike."""

import re

import pytest
from stocktake.support.reporting.outcomes import OUTCOMES, outcome_of, reason_and_remedy, totals_line
from stocktake.support.reporting.page.render import publish

EXPECTED = {"passed": 7, "failed": 5, "undefined": 5, "known": 0, "unverified": 5, "not run": 0}
REFUSED = {"failed": 1, "undefined": 5}  # of those, what could not be collected: a missing table; misspelt steps
EVERY = sum(EXPECTED.values())


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "xdist"])
def run(request, new_project):
    """A run in which what is refused does not keep the rest from running."""
    project = new_project()
    project.features("accounts.feature", "outcomes.feature", "refused.feature")
    return project.pytest(*request.param, "--junitxml=junit.xml", "--continue-on-collection-errors")


def shown(folder):
    """The totals of the page in `folder`."""
    html = (folder / "index.html").read_text()
    found = {name.replace("-", " "): int(n) for name, n in re.findall(r'data-total="([a-z-]+)">(\d+)<', html)}
    return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}, found["all"]


def counted(run):
    """The totals of a run's messages."""
    outcomes = [outcome_of(statuses) for statuses in run.statuses().values()]
    return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def test_all_agree(run):
    publish([run.folder / "run.ndjson"], output=run.folder / "page", summary=run.folder / "s.md")
    assert counted(run) == EXPECTED
    assert shown(run.folder / "page") == (EXPECTED, EVERY)
    terminal, junit = run.terminal, run.junit
    assert terminal["passed"] == EXPECTED["passed"]
    assert terminal["failed"] == junit["failure"] == EXPECTED["failed"] - REFUSED["failed"]
    assert terminal["skipped"] == junit["skipped"] == EXPECTED["unverified"]
    assert terminal["error"] == junit["error"] == sum(REFUSED.values())
    assert junit["test"] == EVERY
    assert totals_line(EXPECTED) in run.text
    assert f"| lab | 7 | 5 | 5 | 5 | {EVERY} |" in (run.folder / "s.md").read_text()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one-process", "xdist"])
def test_they_agree_when_what_is_refused_keeps_everything_from_running(project, workers):
    project.features("accounts.feature", "outcomes.feature", "refused.feature")
    run = project.pytest(*workers, "--junitxml=junit.xml", "--living-doc=page", "--summary=s.md")
    assert run.status == pytest.ExitCode.INTERRUPTED
    expected = dict.fromkeys(OUTCOMES, 0) | REFUSED | {"not run": EVERY - sum(REFUSED.values())}
    assert counted(run) | {"not run": expected["not run"]} == expected
    assert shown(run.folder / "page") == (expected, EVERY)
    assert run.terminal["error"] == run.junit["error"] == run.junit["test"] == sum(REFUSED.values())
    assert totals_line(expected) in run.text


def test_a_scenario_is_as_bad_as_its_worst_step():
    assert outcome_of([]) == "passed"
    assert outcome_of(["PASSED", "SKIPPED"]) == "unverified"
    assert outcome_of(["SKIPPED", "AMBIGUOUS"]) == "undefined"
    assert outcome_of(["UNDEFINED", "FAILED", "SKIPPED"]) == "failed"
    assert outcome_of(["PASSED", "PENDING", "SKIPPED"]) == "known"
    assert outcome_of(["PENDING", "FAILED"]) == "failed"
    assert outcome_of(["UNKNOWN", "PASSED"]) == "not run"


def test_a_reason_is_split_from_its_remedy():
    assert reason_and_remedy("unverified: no second host; give it two") == ("no second host", "give it two")
    assert reason_and_remedy("unverified: no second host") == ("no second host", "")
    assert reason_and_remedy("not today; or tomorrow") == ("not today; or tomorrow", "")


def test_totals_are_told_without_what_there_is_none_of():
    assert totals_line({"passed": 2, "failed": 0, "unverified": 1}) == "scenarios: 2 verified, 1 unverified"
    assert totals_line({}) == "scenarios: none"
