"""Feature files as documents: ids everybody agrees on, and who owns a line."""

import pytest
from stocktake.support.reporting.writing.documents import Document

TEXT = """Feature: F
  Background:
    Given a

  @tagged
  Scenario Outline: O <n>
    When b <n>
      | c |
      | d |

    Examples: first
      | n |
      | 1 |
      | 2 |

    Examples: second
      | n |
      | 3 |

  Rule: R
    Scenario: S
      Then e
"""


@pytest.fixture
def document():
    return Document("features/f.feature", TEXT)


def names(pickles):
    return [pickle["name"] for pickle in pickles]


def test_ids_are_the_same_for_every_reader(document):
    assert [p["id"] for p in document.pickles] == [p["id"] for p in Document("features/f.feature", TEXT).pickles]
    assert document.pickles[0]["id"] != Document("features/g.feature", TEXT).pickles[0]["id"]


@pytest.mark.parametrize(("row", "name"), [(0, "O 1"), (1, "O 2"), (2, "O 3")])
def test_a_row_is_found_by_its_number_across_tables(document, row, name):
    assert document.pickle(6, row)["name"] == name


def test_what_is_not_there_is_not_found(document):
    assert document.pickle(6, 3) is None
    assert document.pickle(7, None) is None


def test_a_pytest_name_finds_its_scenario(document):
    assert document.pickle_named("O <n>[2]")["name"] == "O 2"
    assert document.pickle_named("S")["name"] == "S"
    assert document.pickle_named("T") is None


@pytest.mark.parametrize(
    ("line", "owners"),
    [
        (1, []),
        (3, ["O 1", "O 2", "O 3", "S"]),
        (5, ["O 1", "O 2", "O 3"]),
        (8, ["O 1", "O 2", "O 3"]),
        (14, ["O 2"]),
        (18, ["O 3"]),
        (20, []),
        (22, ["S"]),
    ],
)
def test_a_line_belongs_to_the_scenarios_it_is_a_part_of(document, line, owners):
    assert names(document.pickles_at(line)) == owners


def test_a_table_belongs_to_its_step(document):
    assert document.step_line(9) == 7
    assert document.step_line(6) == 6


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_file_without_a_feature_says_so(text):
    document = Document("a.feature", text)
    assert document.pickles == []
    assert "no Feature" in document.errors[0][1]


def test_every_syntax_error_has_its_line():
    document = Document("a.feature", "Feature: A\n  Scenario: B\n    Then c\n    nonsense\n    more\n")
    assert [line for line, _ in document.errors] == [4, 5]
    assert [list(each) for each in document.envelopes] == [["source"], ["parseError"], ["parseError"]]


def test_an_unknown_language_is_an_error_too():
    assert Document("a.feature", "# language: xx\nFeature: A\n").errors[0][0] == 1
