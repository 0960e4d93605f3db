"""The stream a run writes: complete, in order, readable by others, the same with and without xdist."""

import base64
import json
from xml.etree import ElementTree

import pytest
from cucumber_messages import Envelope, message_converter
from stocktake.support.media_types import CLOUD, EXCHANGE, LEDGER, SVG
from stocktake.support.reporting.outcomes import outcome_of

STATUSES = {
    "The migration keeps the old flavor while the server holds the new one": ["PASSED"] * 5,
    "A revert that is charged wrongly is shown": ["PASSED", "PASSED", "PASSED", "FAILED"],
    "It passes": ["PASSED"],
    "It is unverified by its tag": ["SKIPPED", "SKIPPED", "SKIPPED"],  # the first is set-up's, with the reason
    "It is unverified by a step": ["PASSED", "SKIPPED", "SKIPPED"],
    "It is skipped as pytest skips": ["SKIPPED", "SKIPPED"],
    "It fails with a bug": ["FAILED", "SKIPPED"],
    "It passes until the audit finds something": ["PASSED", "FAILED"],
    "A fixture breaks in a step": ["FAILED", "SKIPPED"],
    "A misspelt step": ["SKIPPED", "UNDEFINED", "SKIPPED"],
}


@pytest.mark.parametrize("name", STATUSES)
def test_every_step_and_hook_has_its_status(everything, name):
    assert everything.statuses()[name] == STATUSES[name]


def test_every_message_reads_back_with_the_official_package(everything):
    for message in everything.messages:
        assert message_converter.to_dict(message_converter.from_dict(message, Envelope)) == message


def test_xdist_changes_neither_kinds_nor_numbers_nor_statuses(new_project):
    runs = []
    for options in ((), ("-n", "2")):
        project = new_project()
        project.features("accounts.feature", "outcomes.feature", "unusable.feature")
        runs.append(project.pytest(*options, "--continue-on-collection-errors"))
    alone, distributed = runs
    assert alone.kinds == distributed.kinds
    assert alone.statuses() == distributed.statuses()
    assert {s.get("workerId") for s in alone.of_kind("testCaseStarted")} == {None}
    assert {s.get("workerId") for s in distributed.of_kind("testCaseStarted")} <= {"gw0", "gw1", None}


def test_ids_are_unique_and_refer_to_what_came_before(everything):
    known: set[str] = set()
    for message in everything.messages:
        ((kind, body),) = message.items()
        for name in ("pickleId", "testCaseId", "hookId", "testRunStartedId", "testCaseStartedId", "pickleStepId"):
            if name in body:
                assert body[name] in known, (kind, name)
        for step in body.get("testSteps", ()):
            assert set(step.get("stepDefinitionIds", ())) <= known
            assert {step.get("pickleStepId", step.get("hookId"))} <= known
        new = [body["id"]] if "id" in body else []
        new += [step["id"] for step in body.get("testSteps", body.get("steps", ()))]
        assert not known.intersection(new), (kind, new)
        known.update(new)


def test_the_scenario_of_an_outline_row_has_its_values(everything):
    names = [pickle["name"] for pickle in everything.of_kind("pickle")]
    assert "A large server called two holds 2 VCPU" in names
    documents = {d["uri"]: d for d in everything.of_kind("gherkinDocument")}
    children = documents["features/accounts.feature"]["feature"]["children"]
    outline = children[3]["rule"]["children"][0]["scenario"]
    assert [examples["name"] for examples in outline["examples"]] == ["common flavors", "flavors that disturb"]


def test_arguments_say_where_in_the_step_they_stand(everything):
    texts = {step["id"]: step["text"] for pickle in everything.of_kind("pickle") for step in pickle["steps"]}
    marked = {}
    for case in everything.of_kind("testCase"):
        for step in case["testSteps"]:
            for each in step.get("stepMatchArgumentsLists", ()):
                for argument in each["stepMatchArguments"]:
                    text, group = texts[step["pickleStepId"]], argument["group"]
                    assert text[group["start"] : group["start"] + len(group["value"])] == group["value"]
                    marked.setdefault(text, []).append((argument["parameterTypeName"], group["value"]))
    assert marked['server "web" is VERIFY_RESIZE on host "beta"'] == [
        ("server", "web"),
        ("status", "VERIFY_RESIZE"),
        ("host", "beta"),
    ]


def test_a_step_names_its_definition_and_the_definition_its_place(everything):
    defined = {each["id"]: each for each in everything.of_kind("stepDefinition")}
    used = {
        name
        for case in everything.of_kind("testCase")
        for s in case["testSteps"]
        for name in s.get("stepDefinitionIds", ())
    }
    found = next(defined[name] for name in used if "is resized" in name)
    assert found["pattern"] == {
        "source": 'server "{server}" is resized to flavor "{flavor}"',
        "type": "CUCUMBER_EXPRESSION",
    }
    assert found["sourceReference"]["uri"] == "small_suite.py"
    assert len(defined) > len(used), "the whole vocabulary is told, not only what was used"


def test_reasons_are_told_beside_what_they_are_about(everything):
    messages = [each["testStepResult"].get("message") for each in everything.of_kind("testStepFinished")]
    assert (
        "unverified: this cloud gives no way to run the periodic; set control: run_periodic for it in clouds.yaml"
        in messages
    )
    assert "unverified: this cloud must not be disturbed; set allow_disruptive: true for it" in messages
    assert "not today" in messages


def test_only_errors_that_were_not_written_to_be_read_have_a_traceback(everything):
    failed = [
        e["testStepResult"] for e in everything.of_kind("testStepFinished") if e["testStepResult"]["status"] == "FAILED"
    ]
    traced = {
        each["exception"]["type"]: each["exception"].get("stackTrace", "") for each in failed if "exception" in each
    }
    assert "small_suite.py" in traced["KeyError"]
    assert "/pluggy/" not in traced["KeyError"]
    assert traced["AssertionError"] == ""
    assert {each["message"] for each in failed} >= {"KeyError: 'nothing'", "RuntimeError: no such hardware"}


def test_evidence_stands_beside_its_step(everything):
    names = {}
    for case in everything.of_kind("testCase"):
        names.update({step["id"]: case["id"] for step in case["testSteps"]})
    attached = [each for each in everything.of_kind("attachment") if "testStepId" in each]
    assert all(each["testStepId"] in names for each in attached)
    assert {each["mediaType"] for each in attached} >= {LEDGER, EXCHANGE, SVG}
    begun: set[str] = set()
    for message in everything.messages:
        if "testStepStarted" in message:
            begun.add(message["testStepStarted"]["testStepId"])
        if "testStepFinished" in message:
            begun.discard(message["testStepFinished"]["testStepId"])
        if "testStepId" in message.get("attachment", {}):
            assert message["attachment"]["testStepId"] in begun


def test_what_explains_a_failure_stands_beside_what_failed(everything):
    (found,) = [each for each in everything.of_kind("attachment") if each.get("fileName") == "what Nova logged"]
    assert found["body"] == "WARNING req-0001 something odd"
    assert found["testStepId"].endswith("/audit")
    assert not [each for each in everything.of_kind("attachment") if each["fileName"].startswith("Captured")]


def test_a_ledger_comes_with_its_picture_as_a_document_of_its_own(everything):
    pictures = [each for each in everything.of_kind("attachment") if each["mediaType"] == SVG]
    assert all(each["contentEncoding"] == "BASE64" for each in pictures)
    drawn = ElementTree.fromstring(base64.b64decode(pictures[0]["body"]))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_cloud_is_described_once(everything):
    described = [each for each in everything.of_kind("attachment") if each["mediaType"] == CLOUD]
    assert len(described) == 1
    assert json.loads(described[0]["body"])["microversions"]["compute"] == ["2.1", "2.96"]
    hook = everything.of_kind("testRunHookStarted")[0]
    assert described[0]["testRunHookStartedId"] == hook["id"]


def test_the_run_ends_without_success(everything):
    assert list(everything.messages[-1]) == ["testRunFinished"]
    assert everything.messages[-1]["testRunFinished"]["success"] is False


def test_a_run_in_which_all_passes_is_a_success(project):
    project.write("features/a.feature", "Feature: A\n  Scenario: One\n    Then nothing is wrong\n")
    run = project.pytest()
    assert run.status == 0
    assert run.messages[-1]["testRunFinished"]["success"] is True


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one-process", "xdist"])
def test_a_file_that_cannot_be_parsed_is_told_with_its_line(project, options):
    project.write("features/a.feature", "Feature: A\n  Scenario: One\n    Then nothing is wrong\n    nonsense\n")
    project.write("features/b.feature", "Feature: B\n  Scenario: Two\n    Then nothing is wrong\n")
    run = project.pytest("--continue-on-collection-errors", *options)
    (error,) = run.of_kind("parseError")
    assert error["source"] == {"uri": "features/a.feature", "location": {"line": 4}}
    assert "nonsense" in error["message"]
    assert run.statuses() == {"Two": ["PASSED"]}


def test_a_finding_about_a_tag_of_the_feature_fails_all_its_scenarios(project):
    project.write("features/a.feature", "@nobody-knows-this\nFeature: A\n  Scenario: One\n    Then nothing is wrong\n")
    assert project.pytest().statuses() == {"One": ["FAILED", "SKIPPED"]}


def test_a_finding_outside_of_scenarios_is_told_with_its_line(project):
    project.write("features/a.feature", "\nFeature: A\n  Nothing is in it.\n")
    (error,) = project.pytest().of_kind("parseError")
    assert error["source"]["location"] == {"line": 2}
    assert "no scenario" in error["message"]


def test_an_undefined_step_of_a_background_makes_every_scenario_undefined(project):
    project.write(
        "features/a.feature",
        "Feature: A\n  Background:\n    Given a step nobody knows\n"
        "  Scenario: One\n    Then nothing is wrong\n  Scenario: Two\n    Then nothing is wrong\n",
    )
    run = project.pytest()
    assert run.statuses() == {"One": ["UNDEFINED", "SKIPPED"], "Two": ["UNDEFINED", "SKIPPED"]}
    assert len(run.of_kind("suggestion")) == 2


def test_an_unwanted_table_is_a_failure_of_its_step(project):
    project.write(
        "features/a.feature", "Feature: A\n  Scenario: One\n    Then nothing is wrong\n      | a |\n      | 1 |\n"
    )
    assert project.pytest().statuses() == {"One": ["FAILED"]}


def test_a_clean_up_that_fails_fails_the_scenario(project):
    project.write(
        "features/a.feature",
        "Feature: A\n  Scenario: The clean-up breaks\n"
        '    When server "web" is booted from flavor "small" on host "alpha"\n',
    )
    run = project.pytest()
    assert run.statuses() == {"The clean-up breaks": ["PASSED", "FAILED"]}
    assert [hook["name"] for hook in run.of_kind("hook") if hook["type"] == "AFTER_TEST_CASE"] == ["clean-up"]


def test_a_worker_that_dies_leaves_its_scenario_failed(project):
    project.write(
        "features/a.feature",
        "Feature: A\n  Scenario: It dies\n    When the process dies\n  Scenario: It lives\n    Then nothing is wrong\n",
    )
    run = project.pytest("-n", "1")
    assert outcome_of(run.statuses()["It dies"]) == "failed"
    assert run.statuses()["It lives"] == ["PASSED"]
    told = [each["testStepResult"].get("message", "") for each in run.of_kind("testStepFinished")]
    assert any("crashed while running" in each for each in told)


def test_scenarios_that_were_not_selected_are_told_as_pickles_only(project):
    project.features("outcomes.feature")
    run = project.pytest("-k", "passes and not audit")
    assert list(run.statuses()) == ["It passes"]
    assert len(run.of_kind("pickle")) == 7


def test_scenarios_bound_by_a_python_module_are_told_too(project):
    project.features("outcomes.feature")
    project.write(
        "tests/test_bound.py", 'from pytest_bdd import scenarios\nscenarios("../features/outcomes.feature")\n'
    )
    run = project.pytest("tests/test_bound.py", "-k", "it_passes and not audit")
    assert run.statuses() == {"It passes": ["PASSED"]}


def test_nothing_is_written_and_attaching_does_nothing_without_options(project):
    project.features("accounts.feature")
    run = project.pytest("-k", "migration and keeps", messages="")
    assert run.status == 0
    assert not list(project.folder.rglob("*.ndjson"))


def test_a_stream_that_cannot_be_written_is_one_sentence(project):
    project.write("features/a.feature", "Feature: A\n  Scenario: One\n    Then nothing is wrong\n")
    run = project.pytest(messages="features/a.feature/run.ndjson")
    assert "the message stream cannot be written there" in run.text
    assert run.status != 0


def test_the_build_is_named_without_its_secrets(project):
    project.write("features/a.feature", "Feature: A\n  Scenario: One\n    Then nothing is wrong\n")
    environment = {
        "GITHUB_RUN_ID": "42",
        "GITHUB_SHA": "abc",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": "some/suite",
        "GITHUB_TOKEN": "hush",
    }
    run = project.pytest(**environment)
    (meta,) = run.of_kind("meta")
    assert meta["ci"]["url"] == "https://github.com/some/suite/actions/runs/42"
    assert meta["ci"]["git"] == {"remote": "https://github.com/some/suite", "revision": "abc", "branch": "main"}
    assert "hush" not in json.dumps(run.messages)


def test_separators_that_are_no_line_ends_to_gherkin_reach_every_reader_unchanged(project):
    description, title = "Pasted\u2028from a word processor", "It\u2029passes\x85here"
    project.write(
        "features/a.feature", f"Feature: F\n  {description}\n\n  Scenario: {title}\n    Then nothing is wrong\n"
    )
    run = project.pytest("--living-doc=page")
    assert all(json.loads(line) for line in (project.folder / "run.ndjson").read_text().splitlines())
    assert run.statuses() == {title: ["PASSED"]}
    [document] = run.of_kind("gherkinDocument")
    assert document["feature"]["description"].strip() == description
    assert "Pasted from a word processor" in (project.folder / "page" / "index.html").read_text()
