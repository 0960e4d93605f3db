"""Every scenario may carry a stable id: given by check --fix, unique over all files, selected with -m."""

import re

import pytest
from stocktake.support.cli import main
from stocktake.support.gherkin.text.formatting import same_meaning

TEXT = """\
Feature: Some

  # a comment above
  Scenario: One
    Given host "alpha"

  @disruptive @two-hosts
  Scenario: Two
    Given host "alpha"

  Rule: A rule

    @lab
    # about three
    Scenario Outline: Three <n>
      Given host "<n>"

      @whole-cloud
      Examples: Hosts
        | n     |
        | alpha |

    Example: Four
      Given host "alpha"
"""
ID = re.compile(r"@id-[0-9a-f]{6}")


@pytest.fixture
def check(tmp_path, capsys, monkeypatch):
    """Run stocktake check in a project: status and lines."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(*arguments):
        status = main(["check", *arguments])
        return status, [line for line in capsys.readouterr().out.splitlines() if ": id: " in line or ": tag: " in line]

    return run


def test_fix_gives_an_id_to_every_scenario_once(check, tmp_path):
    path = tmp_path / "a.feature"
    path.write_text(TEXT)
    assert check("--fix", "a.feature")[1] == []
    text = path.read_text()
    found = ID.findall(text)
    assert len(found) == len(set(found)) == 4
    lines = text.split("\n")
    assert re.fullmatch(r"  @id-[0-9a-f]{6}", lines[lines.index("  Scenario: One") - 1])
    assert re.fullmatch(r"  @disruptive @two-hosts @id-[0-9a-f]{6}", lines[lines.index("  Scenario: Two") - 1])
    assert re.fullmatch(r"    @lab @id-[0-9a-f]{6}", lines[lines.index("    Scenario Outline: Three <n>") - 1])
    assert "      @whole-cloud\n      Examples" in text, "rows share the id of their outline"
    without = re.sub(r"^ *@id-......\n| @id-......", "", text, flags=re.MULTILINE)
    assert same_meaning(TEXT, without)
    check("--fix", "a.feature")
    assert path.read_text() == text


def test_what_has_no_ids_needs_none(check, tmp_path):
    (tmp_path / "a.feature").write_text(TEXT)
    assert check("a.feature")[1] == []


def test_a_scenario_without_an_id_among_others_is_reported(check, tmp_path):
    (tmp_path / "a.feature").write_text(TEXT.replace("@two-hosts", "@id-3f9a2c"))
    status, lines = check("a.feature")
    assert status == 1
    assert [line.rpartition(": id: ")[0] for line in lines] == ["a.feature:4", "a.feature:15", "a.feature:23"]
    assert lines[0].endswith('the scenario has no id: run "stocktake check --fix"')


def test_a_repeated_id_names_both_places(check, tmp_path):
    (tmp_path / "deep").mkdir()
    scenario = 'Feature: F\n\n  @id-3f9a2c\n  Scenario: {}\n    Given host "alpha"\n'
    (tmp_path / "a.feature").write_text(scenario.format("First"))
    (tmp_path / "deep" / "b.feature").write_text(scenario.format("Second"))
    assert check("a.feature")[1] == check("deep")[1] == []
    status, lines = check(".")
    assert status == 1
    assert lines == [
        'deep/b.feature:3: id: @id-3f9a2c is the id of a.feature:4 ("First"): remove it here and '
        'run "stocktake check --fix"'
    ]
    twice = scenario.format("First") + "\n" + scenario.format("Second").partition("\n\n")[2]
    (tmp_path / "a.feature").write_text(twice)
    assert check("a.feature")[1][0].startswith("a.feature:7: id: @id-3f9a2c is the id of a.feature:4")


def test_ids_given_are_none_that_another_file_has(check, tmp_path, monkeypatch):
    dice = iter(["000001", "000002", "000002", "000003"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(dice))
    scenario = 'Feature: F\n\n  Scenario: {}\n    Given host "alpha"\n'
    (tmp_path / "a.feature").write_text(scenario.format("First"))
    (tmp_path / "b.feature").write_text(scenario.format("Second").replace("  Sc", "  @id-000001\n  Sc"))
    (tmp_path / "c.feature").write_text(scenario.format("Third"))
    check("--fix", ".")
    assert "@id-000002" in (tmp_path / "a.feature").read_text()
    assert "@id-000003" in (tmp_path / "c.feature").read_text()


@pytest.mark.parametrize("above", ["Feature:", "  Rule:", "      Examples:"])
def test_an_id_names_one_scenario(check, tmp_path, above):
    text = TEXT.replace("      @whole-cloud\n", "").replace(above, f"@id-3f9a2c\n{above}", 1)
    (tmp_path / "a.feature").write_text(text)
    [line] = check("a.feature")[1]
    assert "@id-3f9a2c identifies one scenario: move it to the tags of a Scenario or Scenario Outline" in line


def test_a_scenario_has_one_id(check, tmp_path):
    (tmp_path / "a.feature").write_text(TEXT.replace("@two-hosts", "@id-3f9a2c @id-000000"))
    assert "a.feature:7: id: a scenario has one id: remove @id-000000" in check("a.feature")[1]


@pytest.mark.parametrize("tag", ["id-3F9A2C", "id-3f9a2", "id-3f9a2cc", "id-g00000", "id", "id_3f9a2c"])
def test_what_is_almost_an_id_is_refused(check, tmp_path, tag):
    (tmp_path / "a.feature").write_text(TEXT.replace("two-hosts", tag))
    [line] = check("a.feature")[1]
    assert f"the tag @{tag} is not an id: write id- and six of the digits" in line


def test_an_id_selects_its_scenario_and_needs_no_declaration(project):
    scenario = '  @id-{}\n  Scenario{}\n    Then it says "a"\n\n'
    text = (
        scenario.format("3f9a2c", ": S")
        + scenario.format("000001", ": T")
        + scenario.format("123e45", " Outline: U <n>")
    )
    project.write("features/a.feature", f"Feature: F\n\n{text}    Examples: E\n      | n |\n      | 1 |\n      | 2 |\n")
    for number, selected in {"3f9a2c": 1, "000001": 1, "123e45": 2}.items():
        assert f"{selected} passed" in project.pytest("-m", f"id-{number}").stdout
    assert "1 passed" in project.pytest("-m", "id-3f9a2c", "-n", "2").stdout
    assert "3 passed" in project.pytest("-m", "not id-3f9a2c").stdout
    assert "1 passed" in project.pytest("features/a.feature::S").stdout
