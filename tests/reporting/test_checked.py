"""What every scenario is checked for without saying so is kept in the stream and told on the page, quietly."""

import json

import pytest
from cucumber_messages import Envelope, message_converter
from stocktake.support.media_types import CHECKS
from stocktake.support.reporting.model import Check, Done, Evidence, Result
from stocktake.support.reporting.page.showing import also_checked
from stocktake.support.reporting.stream import read_run

FEATURE = """\
Feature: F

  Scenario: 1: everything is checked
    Then nothing is wrong

  Scenario: 2: the periodic is not checked
    Then nothing is wrong
    Then nothing is wrong

  Scenario: 3: this is of an older Stocktake
    Then nothing is wrong
"""


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "xdist"])
def run(request, new_project):
    project = new_project()
    project.write("features/checked.feature", FEATURE)
    return project.pytest(*request.param, "--living-doc=page")


def test_they_are_an_attachment_of_a_hook_after_the_last_step(run):
    hooks = {hook["id"]: hook for hook in run.of_kind("hook")}
    assert hooks["hook:checks"]["type"] == "AFTER_TEST_CASE"
    cases = {case["testSteps"][-1]["id"]: case for case in run.of_kind("testCase")}
    attached = [each for each in run.of_kind("attachment") if each["mediaType"] == CHECKS]
    assert len(attached) == 2
    for each in attached:
        assert cases[each["testStepId"]]["testSteps"][-1]["hookId"] == "hook:checks"
        assert {check["name"] for check in json.loads(each["body"])["checks"]} == {"usages", "periodic", "clean-up"}
    for message in run.messages:
        assert message_converter.to_dict(message_converter.from_dict(message, Envelope)) == message


def test_they_change_no_outcome(run):
    assert {status for statuses in run.statuses().values() for status in statuses} == {"PASSED"}
    assert "scenarios: 3 verified" in run.text


def test_the_page_has_one_quiet_line_a_scenario(run):
    page = (run.folder / "page" / "index.html").read_text()
    assert page.count("<b>Also checked:</b>") == 2
    assert "usages after every step, nothing changed by the periodic task, everything cleaned up</p>" in page
    failed = "<b>Failed:</b> clean-up (server &#34;web&#34; could not be deleted)"
    unchecked = "<b>Not checked:</b> periodic (this cloud has no periodic_interval)"
    assert f"<b>Also checked:</b> usages after every step. {failed}. {unchecked}</p>" in page


def test_the_stream_reads_back(run):
    results = {key[2]: result.checks for key, result in read_run(run.folder / "run.ndjson").results.items()}
    first, second, third = (results[name] for name in sorted(results))
    assert first[1] == Check("periodic", "checked", "")
    assert second[1] == Check("periodic", "unverified", "this cloud has no periodic_interval")
    assert third == []


def test_a_check_that_this_version_does_not_know_is_told_by_its_name():
    evidence = Evidence(checks=[Check("quotas", "checked", ""), Check("lamps", "unverified", "no lamp")])
    result = Result("passed", hooks=(Done("PASSED", 0.0, hook="checks", evidence=evidence),))
    assert also_checked(result) == [("Also checked", "quotas"), ("Not checked", "lamps (no lamp)")]
