"""Every element keeps its line, and a file is read again only when it has changed."""

import os

from stocktake.support.gherkin.text.reading import read_feature

TEXT = """\
# about the file
@lab
Feature: F
  Why.

  Background:
    Given a

  Scenario: First
    When b
      | x | y |
      | 1 | 2 |

  # bug 1

  @one @two
  @three
  Scenario Outline: Second <n>
    Then c <n>

    @four
    Examples: Some
      | n |
      | 1 |
      | 2 |

  Rule: R

    Background:
      Given d

    Scenario: Third
      When e
        \"\"\"json
        {}
        \"\"\"
"""


def test_elements_and_lines(read):
    feature = read(TEXT)
    assert (feature.name, feature.line, feature.description.strip()) == ("F", 3, "Why.")
    first, second, third = feature.scenarios
    assert [(s.first, s.line, s.last) for s in feature.scenarios] == [(9, 9, 13), (14, 18, 26), (32, 32, 36)]
    assert [tag.name for tag in second.tags] == ["one", "two", "three"]
    assert first.steps[0].table == (("x", "y"), ("1", "2"))
    assert first.steps[0].table_line == 11
    assert [(e.name, e.line, e.columns, e.rows) for e in second.examples] == [
        ("Some", 22, ("n",), ((24, ("1",)), (25, ("2",))))
    ]
    assert second.contexts == [(24, {"n": "1"}), (25, {"n": "2"})]
    assert [second.steps[0].filled(row).text for _, row in second.contexts] == ["c 1", "c 2"]
    assert third.rule is feature.rules[0]
    assert (third.steps[0].document, third.steps[0].media_type, third.steps[0].document_line) == ("{}", "json", 34)
    assert [step.text for step in feature.steps_of(third)] == ["a", "d", "e"]
    assert [step.text for step in feature.steps_of(first)] == ["a", "b"]
    assert [background.line for background in feature.backgrounds] == [6, 29]


def test_a_file_is_read_once_for_each_state(tmp_path):
    path = tmp_path / "a.feature"
    path.write_text("Feature: One\n")
    once = read_feature(path)
    assert read_feature(path) is once
    path.write_text("Feature: Two\n")
    os.utime(path, ns=(1, 1))
    assert read_feature(path).name == "Two"
