"""The page, the messages, JUnit and the terminal count alike."""

import re

from support.reporting.outcomes import OUTCOMES, outcome_of, reason_and_remedy, told
from support.reporting.page import publish

EXPECTED = {"passed": 6, "failed": 4, "undefined": 1, "unverified": 5, "not run": 0}


def shown(folder):
    """The totals of the page in `folder`."""
    html = (folder / "index.html").read_text()
    found = {name.replace("-", " "): int(n) for name, n in re.findall(r'data-total="([a-z-]+)">(\d+)<', html)}
    return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}, found["all"]


def test_all_four_agree(everything):
    publish([everything.folder / "run.ndjson"], output=everything.folder / "page", summary=everything.folder / "s.md")
    outcomes = [outcome_of(statuses) for statuses in everything.statuses().values()]
    counted = {outcome: outcomes.count(outcome) for outcome in OUTCOMES}
    assert counted == EXPECTED
    assert shown(everything.folder / "page") == (EXPECTED, 16)
    terminal, junit = everything.terminal, everything.junit
    assert terminal["passed"] == EXPECTED["passed"]
    assert terminal["failed"] == junit["failure"] == EXPECTED["failed"]
    assert terminal["skipped"] == junit["skipped"] == EXPECTED["unverified"]
    assert terminal["error"] == junit["error"] == EXPECTED["undefined"], "one file with one undefined scenario"
    assert junit["test"] == 16
    assert told(counted) in everything.text
    assert "| lab | 6 | 4 | 1 | 5 | 16 |" in (everything.folder / "s.md").read_text()


def test_a_scenario_is_as_bad_as_its_worst_step():
    assert outcome_of([]) == "passed"
    assert outcome_of(["PASSED", "SKIPPED"]) == "unverified"
    assert outcome_of(["SKIPPED", "AMBIGUOUS"]) == "undefined"
    assert outcome_of(["UNDEFINED", "FAILED", "SKIPPED"]) == "failed"
    assert outcome_of(["PASSED", "PENDING"]) == "unverified"
    assert outcome_of(["UNKNOWN", "PASSED"]) == "not run"


def test_a_reason_is_split_from_its_remedy():
    assert reason_and_remedy("unverified: no second host; give it two") == ("no second host", "give it two")
    assert reason_and_remedy("unverified: no second host") == ("no second host", "")
    assert reason_and_remedy("not today; or tomorrow") == ("not today; or tomorrow", "")


def test_totals_are_told_without_what_there_is_none_of():
    assert told({"passed": 2, "failed": 0, "unverified": 1}) == "scenarios: 2 verified, 1 unverified"
    assert told({}) == "scenarios: none"
