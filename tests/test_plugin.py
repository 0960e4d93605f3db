"""The plugin wires: what happens around a scenario, when, and how it is told. Pytest runs in a process of its own.

The stage is a stand-in that writes down what is asked of it; what it does has tests of its own.
"""

import json
from xml.etree import ElementTree

import pytest
from hamcrest import assert_that, contains_string, is_not, matches_regexp

from tests.plugin_project import FEATURE, TWICE, Project

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


class TestAScenario:
    def test_is_opened_audited_after_each_step_and_closed(self, project):
        ended = project.run()
        assert (
            ended.returncode,
            [call for call in project.calls if call[0] not in ("connected", "at_hand", "log_in")],
        ) == (
            0,
            [
                ["stage", "the cloud", [], []],
                ["open"],
                ["check_spoken"],
                ["audit", False],
                ["check_spoken"],
                ["audit", True],
                ["check_spoken"],
                ["audit", False],
                ["check_spoken"],
                ["check_periodic"],
                ["close"],
                ["close"],
                ["undo_deferred"],
                ["disconnected"],
                ["end_lab_of_run", project.called("end_lab_of_run")[0][0]],
            ],
        ), ended.stdout

    def test_holds_a_host_for_each_role_and_what_its_tags_say(self, project):
        project.feature(
            FEATURE.replace("    Scenario", "    @whole-cloud\n    Scenario").replace(
                "something is there", 'hosts "alpha" and "beta"'
            )
        )
        project.run()
        assert project.called("stage") == [["the cloud", ["alpha", "beta"], ["whole-cloud"]]]

    def test_without_context_needs_no_cloud(self, project):
        project.feature("Feature: F\n  Scenario: S\n    Given nothing\n")
        with (project.folder / "conftest.py").open("a") as conftest:
            conftest.write('\n@given("nothing")\ndef nothing():\n    pass\n')
        assert project.run().returncode == 0
        assert [call[0] for call in project.calls] == ["end_lab_of_run"]


class TestThePeriodic:
    def test_that_changes_something_fails_the_scenario_after_its_last_step(self, project):
        ended = project.run(PERIODIC="failed")
        said = "Rule: Things hold\nafter its last step\nthe allocations have changed\n"
        assert_that(ended.stdout, contains_string(said))
        names = [call[0] for call in project.calls]
        assert ended.returncode == 1
        assert names.index("check_periodic") < names.index("explain") < names.index("close")

    def test_is_not_run_after_a_failure(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        project.run()
        assert project.called("check_periodic") == []

    @pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "with workers"])
    def test_that_cannot_be_run_is_said_once_and_the_scenarios_pass(self, project, workers):
        project.feature(TWICE)
        ended = project.run(*workers, PERIODIC="unverified")
        assert ended.returncode == 0
        assert_that(ended.stdout, contains_string("2 passed"))
        said = "periodic, at the end of 2 scenarios: nothing runs it; set it"
        assert ended.stdout.count("nothing runs it") == 1, ended.stdout
        assert_that(ended.stdout, contains_string(said))

    def test_is_shown_beside_what_else_was_checked(self, project):
        project.run("--messages=run.ndjson")
        stream = (project.folder / "run.ndjson").read_text()
        checks = "application/vnd.stocktake.checks+json"
        (shown,) = [message for message in map(json.loads, stream.splitlines()) if checks in json.dumps(message)]
        assert json.loads(shown["attachment"]["body"]) == {
            "checks": [{"name": "periodic", "outcome": "checked", "reason": None}]
        }


class TestAFailure:
    def test_shows_rule_step_and_message_without_a_traceback(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        ended = project.run()
        assert ended.returncode == 1
        assert_that(
            ended.stdout,
            contains_string(
                "Rule: Things hold\nThen the claim meets a failure (some.feature:6)\nExpected: 1\n     but: 2\n"
                "------------------------------- what is held now -------------------------------\n"
                "| server web | alpha |\n"
            ),
        )
        assert_that(ended.stdout, is_not(contains_string("Traceback")))
        assert_that(ended.stdout, is_not(contains_string("conftest.py")))

    def test_is_explained_before_the_scenario_is_undone(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        project.run()
        names = [call[0] for call in project.calls]
        assert names.index("explain") < names.index("close")

    def test_shows_its_traceback_when_asked_twice(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        assert_that(project.run("-vv").stdout, contains_string("raise AssertionError"))
        assert_that(project.run("-v").stdout, is_not(contains_string("raise AssertionError")))

    def test_that_is_a_mistake_of_the_feature_is_one_sentence(self, project):
        project.scenario("When the step meets a mistake")
        ended = project.run()
        said = 'When the step meets a mistake (some.feature:5)\nserver "web" does not exist at this step\n'
        assert_that(ended.stdout, contains_string(said))
        assert (ended.returncode, project.called("explain")) == (1, [])

    def test_that_is_a_defect_of_ours_shows_where(self, project):
        project.scenario("When the step meets a defect")
        assert_that(project.run().stdout, contains_string("conftest.py:"))

    def test_of_the_audit_is_the_steps_and_explained(self, project):
        ended = project.run(FINDING="the audit found something")
        said = "When something is done (some.feature:7)\nthe audit found something\n"
        assert_that(ended.stdout, contains_string(said))
        assert len(project.called("explain")) == 1
        assert project.called("audit") == [[False], [True]]

    def test_of_what_is_left_behind_fails_a_scenario_that_went_well(self, project):
        ended = project.run(UNCLEAN="server web could not be cleaned up")
        assert_that(ended.stdout, contains_string("\nserver web could not be cleaned up\n"))
        assert ended.returncode == 1

    def test_of_what_is_left_behind_does_not_hide_the_first_one(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        ended = project.run(UNCLEAN="server web could not be cleaned up")
        assert_that(
            ended.stdout, matches_regexp(r"(?s)Then the claim meets a failure .*Expected: 1.*could not be cleaned up")
        )
        assert_that(ended.stdout, contains_string("when the scenario was over"))

    def test_reaches_junit_in_the_same_words(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        project.run("--junitxml=results.xml")
        (failure,) = ElementTree.parse(project.folder / "results.xml").iter("failure")
        assert_that(failure.text, contains_string("Then the claim meets a failure (some.feature:6)\nExpected: 1"))


class TestARefusal:
    def test_that_nobody_speaks_of_fails_the_next_step(self, project):
        ended = project.run(REFUSED="1")
        assert_that(ended.stdout, contains_string("the compute API answered 409: no"))
        assert ended.returncode == 1

    def test_may_be_spoken_of_by_steps_about_answers(self, project):
        """They are the ones of steps/access/answers.py; whatever module such a step is in decides."""
        with (project.folder / "conftest.py").open("a") as conftest:
            conftest.write('\nholds.__module__ = "stocktake.steps.access.answers"\n')
        project.scenario("Then something holds")
        project.run(REFUSED="1")
        names = [call[0] for call in project.calls]
        assert "check_spoken" not in names[: names.index("audit")]

    def test_is_not_looked_for_after_another_failure(self, project):
        project.scenario("Given something is there", "Then the claim meets a failure")
        with (project.folder / "conftest.py").open("a") as conftest:
            conftest.write('\nmeets.__module__ = "stocktake.steps.access.answers"\n')
        project.run()
        assert len(project.called("check_spoken")) == 1


class TestWhatCannotBeVerified:
    def test_is_a_skip_of_its_own_name_with_reason_and_remedy(self, project):
        project.scenario("Given something is there", "When the step meets what it lacks")
        ended = project.run("-v")
        assert ended.returncode == 0
        assert_that(ended.stdout, contains_string("UNVERIFIED"))
        assert_that(ended.stdout, contains_string("some.feature::It goes on: no log here; set read_log"))
        assert_that(ended.stdout, contains_string("1 unverified"))

    def test_is_known_before_the_first_step_too(self, project):
        ended = project.run(MISHAP="no hosts")
        assert ended.returncode == 0
        assert_that(ended.stdout, contains_string("needs 3 hosts and may use 2; add hosts to the cloud"))

    def test_is_not_explained_as_a_failure_is(self, project):
        project.scenario("When the step meets what it lacks")
        project.run()
        assert project.called("explain") == []

    def test_is_a_failure_in_a_test_that_is_no_scenario(self, project):
        raising = (
            "from stocktake.support.errors import Unverified\n\n\n"
            "def test_one():\n    raise Unverified('odd', 'mend it')\n"
        )
        (project.folder / "test_python.py").write_text(raising)
        done = project.run("test_python.py")
        assert done.returncode == 1
        assert_that(done.stdout, contains_string("1 failed"))

    def test_fails_all_the_same_if_something_is_left_behind(self, project):
        project.scenario("When the step meets what it lacks")
        ended = project.run(UNCLEAN="server web could not be cleaned up")
        assert ended.returncode == 1
        said = r"(?s).*server web could not be cleaned up.*why it could not be verified -+\nno log here; set read_log"
        assert_that(ended.stdout, matches_regexp(said))


class TestTheCloud:
    def test_is_a_lab_unless_named(self, project):
        project.run()
        ((run, owner, hosts, driver),) = project.called("at_hand")
        assert (run, hosts, driver) == (f"pid-{owner}", 3, None)
        assert project.called("connected") == [["lab", None]]
        assert project.called("end_lab_of_run") == [[run]]

    def test_is_the_one_the_option_names_before_the_environment(self, project):
        project.run("--cloud=staging", OS_CLOUD="production")
        assert project.called("connected") == [["staging", None]]
        assert project.called("at_hand") == []

    def test_is_the_one_the_environment_names(self, project):
        project.run(OS_CLOUD="production")
        assert project.called("connected") == [["production", None]]

    def test_may_be_a_lab_of_more_hosts(self, project):
        project.run("--lab-hosts=5")
        assert project.called("at_hand")[0][2] == 5

    def test_may_be_a_lab_of_libvirt_hosts(self, project):
        project.run("--lab-with=libvirt:numa")
        assert project.called("at_hand")[0][3] == "libvirt:numa"

    def test_may_be_a_lab_with_more_services(self, project):
        project.run("--lab-with=neutron,cinder")
        assert project.called("at_hand")[0][3] == "neutron,cinder"

    @pytest.mark.parametrize(
        ("driver", "why"),
        [
            ("ironic", "'ironic' is not libvirt, libvirt:PROFILE or one of neutron, cinder, cyborg"),
            ("libvirt:gold", "there is no profile 'gold' of libvirt hosts; choose one of plain, "),
        ],
    )
    def test_of_a_driver_that_labs_do_not_have_is_a_usage_error(self, project, driver, why):
        ended = project.run(f"--lab-with={driver}")
        assert ended.returncode == pytest.ExitCode.USAGE_ERROR
        assert_that(ended.stderr, contains_string(f"argument --lab-with: {why}"))

    def test_is_opened_once_and_logged_in_to(self, project):
        project.feature(
            FEATURE + FEATURE.partition("\n    Scenario")[2].join(["\n    Scenario: It goes well too\n", ""])
        )
        project.feature(TWICE)
        project.run()
        assert (len(project.called("stage")), len(project.called("connected")), len(project.called("log_in"))) == (
            2,
            1,
            1,
        )

    def test_that_cannot_be_opened_is_told_once(self, project):
        project.feature(TWICE)
        ended = project.run(MISHAP="no cloud")
        assert ended.returncode == 1
        assert ended.stdout.count('\nno cloud "nope" in clouds.yaml\n') == 1
        assert_that(ended.stdout, contains_string("!! without a cloud no scenario can run !!"))
        assert_that(ended.stdout, is_not(contains_string("Traceback")))
        assert len(project.called("connected")) == 1

    def test_is_the_same_lab_for_all_processes_of_a_run(self, project):
        project.feature(TWICE)
        project.run("-n", "2")
        runs = {run for run, *_ in project.called("at_hand")}
        owners = {owner for _, owner, *_ in project.called("at_hand")}
        assert (len(runs), len(owners)) == (1, 1)
        assert project.called("end_lab_of_run") == [[runs.pop()]]


class TestReports:
    def test_get_what_was_seen_beside_each_step(self, project):
        project.run("--messages=run.ndjson")
        assert project.called("evidence") == [
            ["Given something is there"],
            ["When something is done"],
            ["Then something holds"],
        ]
        written = (project.folder / "run.ndjson").read_text()
        assert_that(written, contains_string("text beside When something is done"))
        assert_that(written, contains_string('\\"name\\": \\"the cloud\\"'))

    def test_get_it_beside_a_step_that_failed_as_well(self, project):
        project.scenario("When the step meets a failure")
        project.run("--messages=run.ndjson")
        assert project.called("evidence") == [["When the step meets a failure"]]

    def test_that_nobody_asked_for_cost_nothing(self, project):
        project.run()
        assert project.called("evidence") == []

    def test_are_written_where_the_command_was_given(self, project):
        (project.folder / "below").mkdir()
        project.run("--rootdir=.", "--messages=below/run.ndjson", "--living-doc=page")
        assert (project.folder / "below/run.ndjson").exists()
        assert (project.folder / "page/index.html").exists()


class TestAKnownDefect:
    """What fails because of one is told apart, and is not a failure of the run."""

    @pytest.mark.parametrize("known", ["maybe", "must"])
    def test_excuses_a_rule_that_does_not_hold(self, project, known):
        project.scenario("When something is done", "Then the claim meets a failure")
        ended = project.run(
            "-v", "--junit-xml=junit.xml", "--messages=run.ndjson", "--summary=run.md", "--living-doc=page", KNOWN=known
        )
        assert ended.returncode == 0
        assert "KNOWN" in ended.stdout
        assert "1 known" in ended.stdout
        assert "some.feature::It goes on: Nova leaks; https://bugs/1" in ended.stdout
        case = ElementTree.parse(project.folder / "junit.xml").find(".//testcase")
        assert case.find("skipped").get("message") == "known: Nova leaks; https://bugs/1"
        assert "1 known to fail" in ended.stdout
        assert "| 1 | Nova leaks | https://bugs/1 |" in (project.folder / "run.md").read_text()
        page = "".join(path.read_text() for path in (project.folder / "page").glob("*.html"))
        assert "What is known to fail" in page
        assert "The one law holds" not in page
        finished = [json.loads(line) for line in (project.folder / "run.ndjson").read_text().splitlines()]
        results = [line["testStepFinished"]["testStepResult"] for line in finished if "testStepFinished" in line]
        assert [result["status"] for result in results[:2]] == [
            "PASSED",
            "PENDING",
        ]  # then comes what is always checked
        assert results[1]["message"] == "known: Nova leaks; https://bugs/1"
        assert "but: 2" in (project.folder / "run.ndjson").read_text()  # what was seen is kept

    def test_has_a_letter_of_its_own(self, project):
        project.scenario("Then the claim meets a failure")
        assert_that(project.run(KNOWN="must").stdout, matches_regexp(r"some\.feature k +\["))

    @pytest.mark.parametrize(("mishap", "said"), [("a mistake", "does not exist"), ("nonsense", "a defect of ours")])
    def test_never_excuses_a_fault_of_ours(self, project, mishap, said):
        project.scenario(f"Then the claim meets {mishap}")
        ended = project.run(KNOWN="must")
        assert ended.returncode == 1
        assert said in ended.stdout
        assert "1 failed" in ended.stdout

    def test_does_not_hide_what_the_cloud_lacks(self, project):
        project.scenario("Then the claim meets what it lacks")
        assert "1 unverified" in project.run(KNOWN="must").stdout

    def test_that_is_gone_is_taken_off(self, project):
        ended = project.run("--messages=run.ndjson", "--junit-xml=junit.xml", KNOWN="must")
        said = "this passes, although it is known to fail (Nova leaks; https://bugs/1): remove the tag @known-leak"
        assert ended.returncode == 1
        assert said in ended.stdout
        assert "1 failed" in ended.stdout
        assert said in (project.folder / "run.ndjson").read_text()

    def test_that_may_be_gone_surprises_nobody(self, project):
        ended = project.run(KNOWN="maybe")
        assert ended.returncode == 0
        assert "1 passed" in ended.stdout
