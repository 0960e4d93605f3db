"""`stocktake report` and what publish refuses."""

import argparse

import pytest
from stocktake.support.errors import ConfigurationError
from stocktake.support.reporting import command
from stocktake.support.reporting.page.render import publish

FEATURE = "Feature: A\n  Scenario: One\n    Then nothing is wrong\n"


def report(*arguments):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    options = parser.parse_args(["report", *map(str, arguments)])
    return options.run(options)


@pytest.fixture
def features(tmp_path):
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "a.feature").write_text(FEATURE)
    return tmp_path / "features"


def test_features_alone_make_a_page_in_which_nothing_is_verified(features, tmp_path, capsys):
    assert report(f"--features={features}", f"--output={tmp_path / 'doc'}", f"--summary={tmp_path / 's.md'}") == 0
    assert "Nothing is verified yet." in (tmp_path / "doc" / "index.html").read_text()
    told = capsys.readouterr().out.splitlines()
    assert told == ["scenarios: 1 not yet verified", str(tmp_path / "doc" / "index.html"), str(tmp_path / "s.md")]


def test_a_feature_that_no_run_knows_is_not_yet_verified(project):
    project.write("features/a.feature", FEATURE)
    project.write("features/b.feature", FEATURE.replace("Feature: A", "Feature: B"))
    project.pytest("features/a.feature")
    found = publish([project.folder / "run.ndjson"], features=[project.folder / "features"])
    assert {feature.name: found.verdict(feature) for feature in found.features} == {"A": "passed", "B": "not run"}
    assert found.tone == "warn"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run.ndjson"], "add --output=DIR, --summary=FILE.md or both"),
        (["--output=doc"], "give RUN.ndjson files, --features=PATH or both"),
        (["--output=doc", "--features=nowhere"], "nowhere: there is no such feature file or folder"),
        (["--output=doc", "nowhere.ndjson"], "nowhere.ndjson: the message stream cannot be read: No such file"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=sentence):
        report(*arguments)


def test_comparing_needs_a_run(features, tmp_path, project):
    project.write("features/a.feature", FEATURE)
    project.pytest()
    with pytest.raises(ConfigurationError, match="--compare needs a run"):
        report(f"--features={features}", f"--output={tmp_path}", f"--compare={project.folder / 'run.ndjson'}")


def test_a_page_that_cannot_be_written_is_one_sentence(features):
    with pytest.raises(ConfigurationError, match="the report cannot be written there"):
        report(f"--features={features}", f"--output={features / 'a.feature'}")


def test_pytest_refuses_to_compare_with_nothing(project):
    project.write("features/a.feature", FEATURE)
    run = project.pytest("--compare=nowhere.ndjson", "--living-doc=doc")
    assert "nowhere.ndjson: there is no such file" in run.text
    assert run.status != 0
