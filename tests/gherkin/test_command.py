"""`stocktake steps`, `check` and `new`, with the small vocabulary in place of the suite's."""

import argparse
import os
import re

import pytest
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin import catalogue, command

GOOD = """\
Feature: A

  @declared
  Scenario: S
    Given hosts "alpha" and "beta"
    When server "web" is deleted
    Then there are no allocations
"""


@pytest.fixture
def stocktake(small, monkeypatch, tmp_path, capsys):
    """Run one word of the command in an empty folder; the exit status and what was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalogue, "load_vocabulary", lambda: small)
    monkeypatch.setattr(command, "VOCABULARY", small)
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["declared: as declared"]\n')

    def run(*arguments: str) -> tuple[int, list[str]]:
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers())
        status = command.run(parser.parse_args(arguments))
        return status, capsys.readouterr().out.splitlines()

    return run


def test_check_good_features(stocktake, tmp_path):
    (tmp_path / "features" / "deep").mkdir(parents=True)
    (tmp_path / "features" / "deep" / "a.feature").write_text(GOOD)
    (tmp_path / "features" / "b.feature").write_text(GOOD)
    assert stocktake("check") == (0, ["2 scenarios in 2 files: 0 findings"])
    assert stocktake("check", "features/b.feature") == (0, ["1 scenario in 1 file: 0 findings"])
    os.chdir("features/deep")
    assert stocktake("check") == (0, ["1 scenario in 1 file: 0 findings"])


def test_check_tells_rule_and_remedy_of_every_line(stocktake, tmp_path):
    (tmp_path / "a.feature").write_text(
        GOOD.replace("is deleted", "is delted\n    And pigs fly")
        .replace("@declared", "@nonsense")
        .replace("\n\n", "\n")
    )
    status, lines = stocktake("check", ".")
    assert status == 1
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["a.feature:2", "formatting"],
        ["a.feature:2", "tag"],
        ["a.feature:5", "undefined"],
        ["a.feature:6", "one-when"],
        ["a.feature:6", "undefined"],
    ]
    assert lines[-1] == "1 scenario in 1 file: 5 findings"


def test_check_fixes_the_layout_alone(stocktake, tmp_path):
    file = tmp_path / "a.feature"
    file.write_bytes(GOOD.replace("    ", "\t").replace("\n", "\r\n").encode())
    file.chmod(0o640)
    assert stocktake("check", "a.feature")[0] == 1
    assert stocktake("check", "--fix", "a.feature") == (0, ["1 scenario in 1 file: 0 findings"])
    tags = "".join(re.findall(r"^.*( @id-[0-9a-f]{6})$", file.read_text(), re.MULTILINE))
    assert file.read_bytes() == GOOD.replace("@declared", f"@declared{tags}").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()].count("a.feature") == 1
    before = file.stat().st_ino
    stocktake("check", "--fix", "a.feature")
    assert file.stat().st_ino == before  # a tidy file is left alone


def test_check_leaves_a_broken_file_as_it_is(stocktake, tmp_path):
    file = tmp_path / "a.feature"
    file.write_text("nonsense")
    status, lines = stocktake("check", "--fix", "a.feature")
    assert (status, lines[0].split(": ")[1]) == (1, "syntax")
    assert file.read_text() == "nonsense"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.feature", "pyproject.toml"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("absent.feature", "there is no file or folder absent.feature"),
        ("pyproject.toml", "pyproject.toml is not a feature file"),
        (".", "there is no .feature file in ."),
    ],
)
def test_check_of_nothing_is_misuse(stocktake, path, says):
    with pytest.raises(FeatureError, match=says):
        stocktake("check", path)


def test_steps(stocktake):
    status, lines = stocktake("steps", "evacuated")
    assert status == 0
    assert '  When server "{server}" is evacuated' in lines
    assert len(stocktake("steps")[1]) > len(lines)


def test_steps_about_nothing(stocktake):
    assert stocktake("steps", "alocations") == (1, ["no step mentions alocations - did you mean: allocations"])
    assert stocktake("steps", "xyzzy") == (1, ["no step mentions xyzzy"])


def test_new_begins_a_feature(stocktake, tmp_path):
    assert stocktake("new", "Live migration") == (0, ["live_migration.feature"])
    assert (tmp_path / "live_migration.feature").read_text().startswith("Feature: Live migration\n")
    (tmp_path / "features").mkdir()
    assert stocktake("new", "rebuild") == (0, ["features/rebuild.feature"])
    assert stocktake("new", "features/a_b.feature") == (0, ["features/a_b.feature"])
    for name, says in {
        "rebuild": "features/rebuild.feature already exists",
        "no/such/x.feature": "there is no folder no/such",
        "a/b": "a/b is neither a name nor the path",
        "?": "cannot be used as a file name",
    }.items():
        with pytest.raises(FeatureError, match=says.replace("?", "[?]")):
            stocktake("new", name)
