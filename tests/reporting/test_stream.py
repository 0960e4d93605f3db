"""Streams read back: ours, broken ones, shards and those of others."""

import json

import pytest
from stocktake.support.errors import ConfigurationError
from stocktake.support.media_types import LEDGER
from stocktake.support.reporting.page.render import gather
from stocktake.support.reporting.stream import read_run


@pytest.fixture(scope="module")
def stream(new_project):
    project = new_project()
    project.features("accounts.feature", "outcomes.feature")
    project.pytest()
    return project.folder / "run.ndjson"


def by_name(run):
    return {key[2]: result for key, result in run.results.items()}


def test_a_run_is_read_with_its_cloud(stream):
    run = read_run(stream)
    assert run.cloud == "lab"
    assert run.description["versions"]["nova"] == "34.0.0"
    assert run.finished > run.started
    assert run.totals == {"passed": 6, "failed": 4, "undefined": 0, "known": 0, "unverified": 5, "not run": 0}


def test_reasons_and_remedies_are_told_apart(stream):
    result = by_name(read_run(stream))["It is unverified by a step"]
    assert result.reason == "this cloud gives no way to run the periodic"
    assert result.remedy == "set control: run_periodic for it in clouds.yaml"


def test_a_failure_in_the_audit_is_a_hook_of_that_name(stream):
    result = by_name(read_run(stream))["It passes until the audit finds something"]
    assert [(hook.hook, hook.status) for hook in result.hooks] == [("audit", "FAILED")]
    assert result.message.startswith('server "web" holds')


def test_comments_backgrounds_and_tags_are_read(stream):
    run = read_run(stream)
    feature = run.features["features/accounts.feature"]
    reverted = next(s for s in feature.scenarios if s.name.endswith("old host again"))
    assert reverted.comments == ("The migration's allocation was kept: see the bug.",)
    assert reverted.tags == ("@bug-1234567", "@two-hosts")
    assert [step.text for step in reverted.background] == [step.text for step in feature.background]
    assert reverted.steps[-1].table[0] == ("consumer", "host", "VCPU", "MEMORY_MB", "DISK_GB")


def test_a_stream_that_broke_off_is_read_as_far_as_it_goes(stream, tmp_path):
    lines = stream.read_text().splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if "testCaseStarted" in json.loads(line)]
    broken = tmp_path / "broken.ndjson"
    broken.write_text("".join(lines[: starts[-1] + 2]) + lines[starts[-1] + 2][:40])
    run = read_run(broken)
    assert run.finished is None
    assert by_name(run)["A fixture breaks in a step"].message == "the run was interrupted during this scenario"
    report, _ = gather([broken])
    assert report.tone == "bad"
    assert report.broken_off == ["lab"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not json\n", "1: this line is not JSON"),
        (b'{"meta": {}}\nnot json\n{"meta": {}}\n', "2: this line is not JSON"),
        (b"[1]\n", "1: this line is not a Cucumber Message"),
        (b"\xff\xfe\n", "not UTF-8"),
        (b'{"testCaseStarted": {"id": "x"}}\n', "does not have the form"),
        (b'{"pickle": 5}\n', "does not have the form"),
    ],
)
def test_what_is_no_stream_is_refused_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "some.ndjson"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        read_run(path)
    assert str(path) in str(refused.value)


def test_a_stream_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file"):
        read_run(tmp_path / "none.ndjson")


def test_unknown_messages_and_a_ledger_of_another_shape_are_no_mistakes(stream, tmp_path):
    lines = stream.read_text().splitlines()
    changed = []
    for line in lines:
        message = json.loads(line)
        if message.get("attachment", {}).get("mediaType") == LEDGER:
            message["attachment"]["body"] = '{"rows": [5]}'
        changed.append(json.dumps(message))
    path = tmp_path / "odd.ndjson"
    path.write_text("\n".join([*changed, '{"somethingNew": {"id": "1"}}']) + "\n")
    result = by_name(read_run(path))["A revert that is charged wrongly is shown"]
    assert ("allocations", '{"rows": [5]}') in [text for done in result.done for text in done.evidence.texts]


def test_shards_of_one_cloud_are_one_run(new_project):
    project = new_project()
    project.features("accounts.feature", "outcomes.feature")
    shards = []
    for name in ("accounts", "outcomes"):
        project.pytest(f"features/{name}.feature", messages=f"{name}.ndjson")
        shards.append(project.folder / f"{name}.ndjson")
    report, _ = gather(shards)
    assert not report.several
    assert report.totals == {"passed": 6, "failed": 4, "undefined": 0, "known": 0, "unverified": 5, "not run": 0}


def test_a_later_run_of_a_scenario_replaces_the_earlier(new_project):
    project = new_project()
    text = "Feature: A\n  Scenario: One\n    Then nothing is wrong\n  Scenario: Two\n    When a step breaks\n"
    project.write("features/a.feature", text)
    project.pytest(messages="first.ndjson")
    project.pytest("-k", "Two", messages="second.ndjson")
    paths = [project.folder / "first.ndjson", project.folder / "second.ndjson"]
    for order in (paths, paths[::-1]):
        report, _ = gather(order)
        assert report.totals == {"passed": 1, "failed": 1, "undefined": 0, "known": 0, "unverified": 0, "not run": 0}
