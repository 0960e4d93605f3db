"""A line is what an editor and Gherkin call one, whatever else Python's splitlines breaks at."""

import pytest
from stocktake.support.gherkin.text.elements import lines_of
from stocktake.support.gherkin.text.reading import read_feature

SEPARATORS = [c for c in map(chr, range(0x3000)) if len(f"a{c}b".splitlines()) > 1 and c not in "\n\r"]


def test_the_separators_are_those_that_python_has():
    assert [f"{ord(c):04x}" for c in SEPARATORS] == ["000b", "000c", "001c", "001d", "001e", "0085", "2028", "2029"]


def feature(separator: str) -> str:
    return f"""\
# a comment{separator}of one line
Feature: F{separator}continued
  The description,{separator}with a break in it.
  {separator}

  Rule: R{separator}continued
    Described{separator}as well.

    Scenario: S{separator}continued
      Also{separator}this.

      Given these flavors
        | flavor{separator}of one |
        | {separator} |
      When the request is sent
        \"\"\"
        one{separator}two
        \"\"\"
      Then it says "one{separator}two"

    Scenario Outline: O <n>
      Then it says "<n>"

      Examples: Some{separator}rows
        | n |
        | a{separator}b |
"""


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_a_feature_with_separators_anywhere_is_checked_like_any_other(found, separator):
    assert found(feature(separator)) == []


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=ascii)
@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_errors_name_and_quote_the_line_that_an_editor_shows(tmp_path, separator, ends):
    path = tmp_path / "some.feature"
    text = f"Feature: F{separator}x\n  Why{separator}so\n  Scenario: S\n"
    text += f"    Given x{separator}y\n    Whne{separator}z\n    blah\n"
    path.write_bytes(text.replace("\n", ends).encode())
    first, second = read_feature(path).problems
    assert (first.line, second.line) == (5, 6)
    assert "this line is neither a title nor a step: blah" in second.sentence
    assert f"Whne{separator}z" in first.sentence


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_a_step_that_is_prose_is_found_behind_separators(found, separator):
    text = feature(separator).replace(f"Also{separator}this.", f"Also{separator}this.\n      Given\ttwo of us")
    assert [problem.partition(": ")[0] for problem in found(text)] == ["11"]


def test_a_carriage_return_alone_is_refused(tmp_path):
    path = tmp_path / "old.feature"
    path.write_bytes(b"Feature: F\n\n  Scenario: S\r    Given two of us\r")
    [problem] = read_feature(path).problems
    assert (problem.line, problem.sentence) == (3, "a carriage return alone does not end a line: save it with LF")


@pytest.mark.parametrize(("text", "lines"), [("", []), ("a", ["a"]), ("a\r\nb\n", ["a", "b"]), ("\n\n", ["", ""])])
def test_lines(text, lines):
    assert lines_of(text) == lines


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_it_runs_by_path_and_by_line(project, separator):
    project.write("features/lines.feature", feature(separator))
    result = project.pytest("features/lines.feature")
    assert "2 passed" in result.stdout, result.stdout + result.stderr
    result = project.pytest("features/lines.feature:12")
    assert "1 passed" in result.stdout, result.stdout + result.stderr
