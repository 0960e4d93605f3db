"""The layout is stable, keeps what a feature says, and is the one described; tests/editor compares it with npm's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin.text.formatting import formatted, same_meaning

UNTIDY = """\
# language: en
# top
  @a   @b
Feature:   A title
  why
    indented

  Background:
   what
   Given a
   |b|c|
   |1|x \\| y|
   # before when
   When d
     ```json
       {"a": 1}

     ```
  Rule: r
    @t
    Scenario Outline: s <n>
      * a
      Examples: all
      | n |
      |+12|
# end
"""

TIDY = """\
# top
@a @b
Feature: A title
  why
    indented

  Background:
   what

    Given a
      | b | c      |
      | 1 | x \\| y |
   # before when
    When d
      ```json
        {"a": 1}
      {empty}
      ```

  Rule: r

    @t
    Scenario Outline: s <n>
      * a

      Examples: all
        | n   |
        | +12 |
# end
""".replace("{empty}", "")


def test_an_untidy_feature_becomes_tidy():
    assert formatted(UNTIDY) == TIDY
    assert formatted(TIDY) == TIDY
    assert same_meaning(UNTIDY.replace("# language: en\n", ""), TIDY)


def test_what_means_something_else_is_noticed():
    assert not same_meaning(TIDY, TIDY.replace("+12", "-12"))
    assert not same_meaning(TIDY, TIDY.replace("# end\n", ""))


def test_another_language_keeps_its_header():
    text = "# language: fr\nFonctionnalité: a\n\n  Scénario: b\n    Soit x\n"
    assert formatted(text) == text


def test_only_comments():
    assert formatted("  # a\n\n# b") == "  # a\n# b\n"


@pytest.mark.parametrize("value", ["1", "-1", "+1", ".5", "1 GB", "Infinity", "1e5", "0x1F"])
def test_numbers_stand_right(value):
    width = max(len(value), 4)
    assert f"| {value.rjust(width)} |" in formatted(
        f"Feature: F\n Scenario: S\n  Given a\n   | head |\n   | {value} |\n"
    )


@pytest.mark.parametrize("value", ["a1", "-", "+", ".", "e5", "NaN", "$1"])
def test_texts_stand_left(value):
    assert f"| {value.ljust(4)} |" in formatted(f"Feature: F\n Scenario: S\n  Given a\n   | head |\n   | {value} |\n")


def test_a_wide_character_takes_two_columns():
    assert "| 日本 |\n      | ab   |" in formatted("Feature: F\n Scenario: S\n  Given a\n   |日本|\n   |ab|\n")


def test_what_cannot_be_parsed_cannot_be_formatted():
    with pytest.raises(FeatureError, match="only a feature without syntax errors"):
        formatted("Feature: F\n Scenario: S\n  Given a\n  blah\n")


WORDS = st.text(st.sampled_from("ab <>#:@|\\\"'`1+-.*日é"), min_size=1, max_size=8)
LINES = WORDS.map(lambda text: "x" + text.strip())
CELLS = st.text(st.sampled_from("ab1+-. <>\\n日"), max_size=5).map(lambda text: text.strip().replace("\\", "\\\\"))
SPACES = st.sampled_from(["", " ", "  ", "      ", "\t"])


@st.composite
def tables(draw):
    width = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=3))
    return "".join(f"{draw(SPACES)}|{'|'.join(row)}|\n" for row in rows)


@st.composite
def documents(draw):
    fence, indent = draw(st.sampled_from(['"""', "```"])), draw(SPACES)
    lines = draw(st.lists(st.one_of(LINES, st.just("")), max_size=3))
    content = "".join(f"{indent}{line.replace(fence, '')}\n" for line in lines)
    return f"{indent}{fence}{draw(st.sampled_from(['', 'json']))}\n{content}{indent}{fence}\n"


@st.composite
def blocks(draw, keyword):
    comment = draw(st.sampled_from(["", "# c\n", "   # c\n\n"]))
    tags = draw(st.sampled_from(["", "@a  @b\n", "@a\n@b\n"])) if keyword.startswith("Scenario") else ""
    text = f"{comment}{tags}{draw(SPACES)}{keyword}: {draw(LINES)}\n"
    text += draw(st.sampled_from(["", "  why\n", "\n\n why\n\n   more\n\n"]))
    for _ in range(draw(st.integers(0, 3))):
        text += f"{draw(SPACES)}{draw(st.sampled_from(['Given', 'When', 'And', '*']))} {draw(LINES)}\n"
        text += draw(st.one_of(st.just(""), st.just("\n"), st.just("  # c\n"), tables(), documents()))
    if keyword == "Scenario Outline":
        text += f"{draw(SPACES)}Examples: {draw(LINES)}\n{draw(tables())}"
    return text


@st.composite
def features(draw):
    text = draw(st.sampled_from(["", "# top\n", "@a   @b\n"])) + f"Feature: {draw(LINES)}\n"
    text += draw(st.sampled_from(["", "  why\n\n", "\n why\n   # c\n  more\n"]))
    text += draw(st.one_of(st.just(""), blocks("Background")))
    text += "".join(draw(st.lists(st.one_of(blocks("Scenario"), blocks("Scenario Outline")), max_size=2)))
    for _ in range(draw(st.integers(0, 2))):
        text += f"{draw(SPACES)}Rule: {draw(LINES)}\n"
        text += "".join(draw(st.lists(st.one_of(blocks("Scenario"), blocks("Scenario Outline")), max_size=2)))
    return text + draw(st.sampled_from(["", "# end\n", "\n\n"]))


@settings(max_examples=150, deadline=None)
@given(features())
def test_formatting_again_changes_nothing_and_nothing_is_lost(text):
    once = formatted(text)
    assert formatted(once) == once
    assert same_meaning(text, once)


ROWS = """\
Feature: a

  Scenario Outline: b <n>
    Given x
      # why this table
      | head |
      # above one
      |    1 |
      # |  2 | switched off
      # below one
    When y
      # about the document
      \"\"\"
      text
      \"\"\"

    Examples: c
      # above the head
      | n |
      # one is the least
      | 1 |

      # | 3 | switched off until ticket 42 is done
      # four is all there is
      |  4 |
      # last
"""


def test_comments_between_rows_stay_where_they_are():
    tidy = ROWS.replace("\n      # | 3", "      # | 3").replace("|  4 |", "| 4 |")
    assert formatted(ROWS) == tidy
    assert formatted(tidy) == tidy
    assert same_meaning(ROWS, tidy)
