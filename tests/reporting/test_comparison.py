"""Two runs compared as behaviours."""

import pytest
from stocktake.support.reporting.comparison import compare
from stocktake.support.reporting.features import read_feature
from stocktake.support.reporting.model import Result, Run
from stocktake.support.reporting.writing.documents import Document

BEFORE = """Feature: Boots
  Rule: Whoever runs pays
    Scenario: A server pays
      When server "web" is booted
      Then it pays 1 VCPU
      And nobody else pays

    Scenario: A large server pays more
      When server "big" is booted
      Then it pays 2 VCPU

  Rule: Who is gone owes nothing
    Scenario: A deleted server owes nothing
      When server "web" is deleted
      Then it pays nothing
"""


def run(text, default="passed", seconds=1.0, uri="features/boots.feature", **outcomes):
    """A run of one feature; outcomes by the second word of the scenario's name."""
    document = Document(uri, text)
    feature, scenarios = read_feature(document.tree, document.pickles)
    found = Run("lab", features={uri: feature}, started=1.0, finished=2.0)
    for scenario in scenarios.values():
        outcome = outcomes.get((*scenario.name.split(), "")[1], default)
        found.results[scenario.key] = Result(outcome, seconds)
    return found


def told(old, new):
    """{kind: [names]}"""
    changes = compare(old, new)
    return {
        rule.kind: [c.scenario.name for each in changes.of_kind(rule.kind) for c in each.changes]
        for rule in changes.rules
    }


def test_nothing_changed():
    assert told(run(BEFORE), run(BEFORE)) == {}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("passed", "failed", "newly broken"),
        ("unverified", "undefined", "newly broken"),
        ("failed", "failed", "still broken"),
        ("failed", "passed", "mended"),
        ("known", "passed", "mended"),
        ("unverified", "passed", "newly verified"),
        ("not run", "passed", "newly verified"),
        ("passed", "known", "newly known to fail"),
        ("passed", "unverified", "no longer verified"),
        ("passed", "not run", "no longer verified"),
    ],
)
def test_outcomes(before, after, kind):
    assert told(run(BEFORE, server=before), run(BEFORE, server=after)) == {kind: ["A server pays"]}


def test_failed_before_and_not_tried_now_is_no_news():
    assert told(run(BEFORE, server="failed"), run(BEFORE, server="unverified")) == {}


def test_a_rule_and_an_example_that_came():
    text = BEFORE + "\n    Scenario: A shelved server owes nothing\n      When it is put away\n      Then this is new\n"
    text += (
        "\n  Rule: A new rule\n    Scenario: An entirely other claim\n      When something else\n      Then unlike\n"
    )
    changes = compare(run(BEFORE), run(text))
    assert [(rule.rule, rule.whole, len(rule.changes)) for rule in changes.of_kind("added")] == [
        ("Who is gone owes nothing", False, 1),
        ("A new rule", True, 1),
    ]


def test_a_rule_that_went():
    text = BEFORE[: BEFORE.index("  Rule: Who is gone")]
    changes = compare(run(BEFORE), run(text))
    assert [(rule.kind, rule.rule, rule.whole) for rule in changes.rules] == [
        ("withdrawn", "Who is gone owes nothing", True)
    ]


def test_a_scenario_with_another_title_is_reworded():
    text = BEFORE.replace("A large server pays more", "A big server pays more")
    (rule,) = compare(run(BEFORE), run(text)).rules
    assert (rule.kind, rule.changes[0].old_name) == ("reworded", "A large server pays more")
    assert ("-", "Scenario: A large server pays more") in rule.changes[0].lines
    assert ("+", "Scenario: A big server pays more") in rule.changes[0].lines


def test_a_scenario_with_other_numbers_is_reworded():
    text = BEFORE.replace("it pays 2 VCPU", "it pays 3 VCPU")
    (rule,) = compare(run(BEFORE), run(text)).rules
    assert rule.kind == "reworded"
    assert rule.changes[0].lines == (("-", "Then it pays 2 VCPU"), ("+", "Then it pays 3 VCPU"))


def test_a_scenario_with_another_title_and_a_few_other_words_is_reworded():
    text = BEFORE.replace("A server pays", "A small server pays").replace(
        "nobody else pays", "nobody else pays a thing"
    )
    assert told(run(BEFORE), run(text)) == {"reworded": ["A small server pays"]}


def test_a_rule_with_another_name_is_reworded():
    text = BEFORE.replace("Who is gone owes nothing", "The gone owe nothing")
    assert told(run(BEFORE), run(text)) == {"reworded": ["A deleted server owes nothing"]}


def test_a_reworded_scenario_that_fails_is_broken_and_says_both():
    text = BEFORE.replace("it pays 2 VCPU", "it pays 3 VCPU")
    (rule,) = compare(run(BEFORE), run(text, large="failed")).rules
    assert rule.kind == "newly broken"
    assert rule.changes[0].lines


def test_another_file_name_changes_nothing_else():
    (kind,) = told(run(BEFORE), run(BEFORE, uri="features/start.feature"))
    assert kind == "moved"


WITH_IDS = """Feature: Boots
  @id-000001
  Scenario: A server pays
    When server "web" is booted
    Then it pays

  @id-000002
  Scenario Outline: A <size> server pays
    When server "<size>" is booted
    Then it pays

    Examples:
      | size  |
      | small |
      | large |
"""


def test_an_id_finds_a_scenario_whatever_else_has_changed():
    text = WITH_IDS.replace("A server pays", "Usage grows by the flavor").replace(
        "Then it pays", "Then all else is new"
    )
    text = text.replace('server "web" is booted', "something entirely different happens")
    assert told(run(WITH_IDS), run(text)) == {
        "reworded": ["Usage grows by the flavor", "A small server pays", "A large server pays"]
    }
    (rule,) = compare(run(WITH_IDS), run(text, uri="features/boot/boot.feature")).rules
    assert (rule.kind, rule.changes[0].old_name) == ("reworded", "A server pays")
    assert rule.changes[0].old_uri == "features/boots.feature"


def test_an_id_finds_a_scenario_whose_title_another_one_has_now():
    text = "Feature: F\n  @id-000001\n  Scenario: A\n    Given a\n  @id-000002\n  Scenario: B\n    Given b\n"
    swapped = text.replace(": A", ": C").replace(": B", ": A").replace(": C", ": B")
    changes = [c for rule in compare(run(text), run(swapped)).of_kind("reworded") for c in rule.changes]
    assert {c.scenario.id: (c.old_name, c.scenario.name) for c in changes} == {
        "id-000001": ("A", "B"),
        "id-000002": ("B", "A"),
    }


def test_a_moved_file_is_told_as_moved():
    old, new = run(WITH_IDS), run(WITH_IDS, uri="features/boot/boots.feature")
    assert told(old, new) == {"moved": ["A server pays", "A small server pays", "A large server pays"]}
    assert {c.old_uri for rule in compare(old, new).rules for c in rule.changes} == {"features/boots.feature"}


def test_rows_are_found_by_id_and_values():
    text = WITH_IDS.replace("A <size> server pays", "Usage of <size>").replace("| small |", "| huge  |")
    found = told(run(WITH_IDS), run(text))
    assert "Usage of large" in found["reworded"]


def test_a_moved_scenario_that_fails_is_broken():
    (rule, *_) = compare(run(WITH_IDS), run(WITH_IDS, uri="features/other.feature", default="failed")).rules
    assert rule.kind == "newly broken"


def test_twice_as_slow_and_a_second_more():
    assert told(run(BEFORE, seconds=1.0), run(BEFORE, seconds=1.9)) == {}
    assert told(run(BEFORE, seconds=0.1), run(BEFORE, seconds=0.9)) == {}
    assert len(told(run(BEFORE, seconds=1.0), run(BEFORE, seconds=2.0))["slower"]) == 3


def test_rows_of_an_outline_are_told_apart():
    text = "Feature: F\n  Scenario Outline: O\n    Then <n>\n    Examples:\n      | n |\n      | 1 |\n      | 2 |\n"
    old, new = run(text), run(text)
    key = next(key for key in new.results if key[3] == ("2",))
    new.results[key] = Result("failed")
    (rule,) = compare(old, new).rules
    assert [change.scenario.key[3] for change in rule.changes] == [("2",)]
    assert rule.rule == "F"


def test_the_comparison_of_many_scenarios_is_quick():
    text = "Feature: F\n" + "".join(
        f"  Scenario: S {n}\n    Then {n} holds\n    And more of {n}\n" for n in range(1000)
    )
    new = text.replace("Scenario: S", "Scenario: T")
    assert told(run(text), run(new)) == {"reworded": [f"T {n}" for n in range(1000)]}
    other = "Feature: F\n" + "".join(f"  Scenario: U {n}\n    Given {n} unlike\n" for n in range(1000))
    assert set(told(run(text), run(other))) == {"added", "withdrawn"}
