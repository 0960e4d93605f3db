"""Scenarios that wait together: run one after the other, checked at once, undone in reverse, each reported for itself.

Pytest runs in a process of its own, with stand-ins for cloud and lifecycle.
"""

import json
import re
from xml.etree import ElementTree

import pytest

from tests.protocol.waiting_project import WaitingProject

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path):
    return WaitingProject(tmp_path)


def verdicts(project):
    """The verdict of each scenario in a JUnit file, by its number."""
    found = {}
    for case in ElementTree.parse(project.folder / "junit.xml").iter("testcase"):
        (number,) = re.findall(r"Number (\d+)", case.get("name"))
        assert number not in found, "reported twice"
        found[number] = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
    return found


class TestWaiting:
    def test_is_done_once_for_all_and_undoing_in_reverse(self, project):
        ended = project.run("--junit-xml=junit.xml")
        assert ended.returncode == 0, ended.stdout
        assert project.order == [
            *("runs 1", "runs 2", "runs 3"),
            *("checked 1", "checked 2", "checked 3"),
            *("undone 3", "undone 2", "undone 1"),
        ]
        assert all(waited for _, _, waited in project.called("checked"))
        assert verdicts(project) == dict.fromkeys("123", "passed")
        assert "3 passed" in ended.stdout

    def test_keeps_the_cloud_open_until_all_is_undone(self, project):
        project.run()
        names = [call[0] for call in project.calls]
        assert names.index("disconnected") > max(index for index, name in enumerate(names) if name == "undone")

    def test_ends_when_there_is_no_room_for_more(self, project):
        project.run(ROOM="2")
        assert project.order[:7] == ["runs 1", "runs 2", "checked 1", "checked 2", "undone 2", "undone 1", "runs 3"]

    def test_ends_after_an_interval_if_others_wait_for_hosts(self, project):
        project.scenarios(2)
        with (project.folder / "conftest.py").open("a") as conftest:
            conftest.write("\nimport time\n\n@given('time passes')\ndef time_passes(context):\n    time.sleep(0.4)\n")
        feature = (project.folder / "some.feature").read_text()
        project.feature(feature.replace("something is there", "time passes"))
        project.run(OTHERS_WAIT="yes")
        assert project.order[:4] == ["runs 1", "runs 2", "checked 1", "checked 2"]

    def test_ends_before_a_scenario_that_must_be_alone(self, project):
        ended = project.run("--junit-xml=junit.xml", DISRUPTIVE="bug-2")
        assert project.order == [
            *("runs 1", "undone 2", "checked 1", "undone 1"),
            *("runs 2", "alone 2", "undone 2"),
            *("runs 3", "checked 3", "undone 3"),
        ]
        assert verdicts(project) == dict.fromkeys("123", "passed"), ended.stdout

    def test_comes_before_scenarios_that_need_the_whole_cloud(self, project):
        feature = (project.folder / "some.feature").read_text()
        project.feature(feature.replace("@bug-2", "@bug-2 @whole-cloud"))
        project.run(DISRUPTIVE="bug-2")
        assert project.order[:2] == ["runs 1", "runs 3"]
        assert project.order[-3:] == ["runs 2", "alone 2", "undone 2"]

    def test_ends_before_a_scenario_that_lacks_room_is_repeated(self, project):
        project.run("--junit-xml=junit.xml", LACKS_ROOM="bug-3")
        assert project.order[:3] == ["runs 1", "runs 2", "runs 3"]
        assert project.order[-3:] == ["runs 3", "checked 3", "undone 3"]
        assert verdicts(project) == dict.fromkeys("123", "passed")

    def test_is_not_done_where_the_periodic_task_can_be_run(self, project):
        clouds = project.folder / "clouds.yaml"
        clouds.write_text(
            clouds.read_text().replace("periodic_interval: 0.3", "control: {run_periodic: 'true {host}'}")
        )
        project.run()
        assert project.order == [f"{what} {number}" for number in (1, 2, 3) for what in ("runs", "alone", "undone")]

    def test_is_not_done_with_tests_that_may_be_rerun(self, project):
        project.run("--reruns=1")
        assert "checked 1" not in project.order

    def test_is_done_by_each_worker(self, project):
        project.scenarios(32)
        ended = project.run("-n2", "--junit-xml=junit.xml")
        assert ended.returncode == 0, ended.stdout
        assert set(verdicts(project).values()) == {"passed"}
        assert len(verdicts(project)) == 32
        runs = project.called("runs")
        assert {worker for _, worker, _ in runs} == {"gw0", "gw1"}
        assert max(parked for _, _, parked in runs) > 1

    def test_ends_before_a_worker_may_have_to_wait_for_its_next_scenario(self, project):
        """What it has parked could keep the hosts from a worker that has many scenarios left."""
        project.scenarios(8)
        project.run("-n2")
        last = {worker: parked for _, worker, parked in project.called("runs")}
        assert last == {"gw0": 0, "gw1": 0}


class TestAFailure:
    def test_after_the_last_step_is_repeated_alone_and_belongs_to_its_scenario(self, project):
        ended = project.run("--junit-xml=junit.xml", CHANGES="bug-2", CHANGES_ALONE="bug-2")
        assert verdicts(project) == {"1": "passed", "2": "failure", "3": "passed"}
        assert project.order[-3:] == ["runs 2", "alone 2", "undone 2"]
        assert "Rule: Things hold\nafter its last step\nthe allocations have changed, alone\n" in ended.stdout

    def test_that_is_not_seen_alone_is_reported_with_what_ran_meanwhile(self, project):
        ended = project.run("--junit-xml=junit.xml", CHANGES="bug-2")
        assert verdicts(project) == {"1": "passed", "2": "failure", "3": "passed"}
        said = "after its last step\nthe allocations have changed\nRepeated alone, the scenario did not fail."
        assert said in ended.stdout
        assert re.search(r"scenarios that ran while this one was parked -+\nNumber 3 goes well\n", ended.stdout)

    def test_of_shared_figures_belongs_to_the_scenarios_that_fail_alone(self, project):
        ended = project.run(
            "--junit-xml=junit.xml", MISCOUNTS="bug-1 bug-2 bug-3", BY="2", MISCOUNTS_ALONE="bug-1 bug-3"
        )
        assert verdicts(project) == {"1": "failure", "2": "passed", "3": "failure"}, ended.stdout
        assert [within for _, within, _ in project.called("checked")] == [None, 0, 0]
        assert "Repeated alone" not in ended.stdout

    def test_of_shared_figures_is_repeated_only_until_it_is_explained(self, project):
        """Those that have moved servers come first."""
        ended = project.run(
            "--junit-xml=junit.xml",
            "--messages=run.ndjson",
            MISCOUNTS="bug-1 bug-2 bug-3",
            MISCOUNTS_ALONE="bug-2",
            MOVES="bug-2",
        )
        assert verdicts(project) == {"1": "passed", "2": "failure", "3": "passed"}, ended.stdout
        assert [what for what in project.order if what.startswith("alone")] == ["alone 2"]
        assert project.called("withdrawn") == [["bug-1"], ["bug-3"]]
        stream = (project.folder / "run.ndjson").read_text()
        assert (stream.count('\\"outcome\\": \\"failed\\"'), stream.count('\\"outcome\\": \\"checked\\"')) == (0, 2)

    def test_of_shared_figures_that_none_shows_alone_belongs_to_all(self, project):
        ended = project.run("--junit-xml=junit.xml", MISCOUNTS="bug-1 bug-3")
        assert verdicts(project) == {"1": "failure", "2": "passed", "3": "failure"}
        assert "the figures are wrong" in ended.stdout

    def test_is_repeated_with_the_figures_known_that_were_known_before(self, project):
        project.run(CHANGES="bug-2")
        names = [call[0] for call in project.calls]
        assert names.index("vouching") < names.index("undone") < names.index("alone") < names.index("vouched")

    def test_of_the_only_one_parked_is_not_repeated(self, project):
        project.scenarios(1)
        ended = project.run("--junit-xml=junit.xml", CHANGES="bug-1")
        assert project.order == ["runs 1", "checked 1", "undone 1"]
        assert verdicts(project) == {"1": "failure"}
        assert "Repeated" not in ended.stdout

    def test_of_a_step_is_reported_at_once_and_leaves_others_parked(self, project):
        project.run("--junit-xml=junit.xml", FAILS="bug-2")
        assert verdicts(project) == {"1": "passed", "2": "failure", "3": "passed"}
        assert project.order[:4] == ["runs 1", "runs 2", "undone 2", "runs 3"]

    def test_of_the_clean_up_belongs_to_its_scenario(self, project):
        ended = project.run("--junit-xml=junit.xml", UNCLEAN="bug-2")
        assert verdicts(project) == {"1": "passed", "2": "failure", "3": "passed"}
        assert "something is left" in ended.stdout

    def test_ends_the_run_with_x_and_all_that_ran_are_reported(self, project):
        ended = project.run("-x", "--junit-xml=junit.xml", FAILS="bug-2")
        assert verdicts(project) == {"1": "passed", "2": "failure"}
        assert "stopping after 1 failures" in ended.stdout

    def test_in_a_worker_belongs_to_its_scenario(self, project):
        project.scenarios(8)
        project.run("-n2", "--junit-xml=junit.xml", CHANGES="bug-2", CHANGES_ALONE="bug-2")
        assert verdicts(project) == dict.fromkeys("12345678", "passed") | {"2": "failure"}


class TestAnInterruption:
    def test_undoes_what_is_parked_without_waiting_and_says_what_was_not_checked(self, project):
        ended = project.run("--junit-xml=junit.xml", INTERRUPTED="bug-3")
        assert ended.returncode == 2
        assert project.order[-3:] == ["undone 3", "undone 2", "undone 1"]
        assert "periodic, at the end of 2 scenarios: the run has ended" in ended.stdout
        assert verdicts(project) == {"1": "passed", "2": "passed"}


class TestReports:
    def test_of_steps_and_checks_stay_together(self, project):
        project.run("--messages=run.ndjson", CHANGES="bug-2")
        messages = [json.loads(line) for line in (project.folder / "run.ndjson").read_text().splitlines()]
        started = [each["testCaseStarted"]["id"] for each in messages if "testCaseStarted" in each]
        results = [each["testStepFinished"] for each in messages if "testStepFinished" in each]
        failed = {each["testCaseStartedId"] for each in results if each["testStepResult"]["status"] == "FAILED"}
        assert len(started) == 3
        assert failed == {started[1]}

    def test_begin_with_how_long_the_run_takes(self, project):
        project.feature('Feature: f\n  Scenario: s\n    Given hosts "alpha" and "beta"\n')
        ended = project.run("-n2")
        said = (
            "at least 1 second with 2 workers (longer if they wait for each other's hosts), because the periodic task"
        )
        assert ended.stdout.count(f"this run takes {said}") == 1
        assert project.run().stdout.count("this run takes at least 1 second, because the periodic task") == 1
        assert "this run takes" not in project.run("--co").stdout
