"""Each rule of style, broken once, says at its line what to write instead."""

import pytest

GOOD = """\
Feature: Deleting a server gives back what it held
  A host must not be charged
  for what is gone.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs |
      | small  |    1 |       512 |       1 |             |

  Rule: What is gone holds nothing
    # bug 1234567

    Scenario Outline: A deleted <state> server holds nothing
      Given a
      When b
        \"\"\"json
        {}
        \"\"\"
      Then c
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_GOLD | PCPU |
        | server web | alpha |    1 |       512 |       1 |           0 |    0 |
      And d
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And e
        | resource class | total | reserved |
        | VCPU           |     8 |        1 |

      Examples: States at rest
        | state   |
        | running |
        | stopped |
"""


def test_a_good_feature(styled):
    assert styled(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "      Then c",
            "      And bb\n      Then c",
            "19: one-when: keep one When (line 15): what comes before it is a",
        ),
        ("      Then c", "      When bb\n      Then c", "19: one-when: keep one When (line 15)"),
        ("      And e", "      Given d", "25: order: write Given, When, Then in this order: this Given follows a Then"),
        (
            "    Given these",
            "    When these",
            "6: background: a Background describes a state with Given: move this When",
        ),
        (
            "\n  for what is gone.",
            "\n  a\n  b",
            "1: description: say in at most 2 lines why the rules hold; it has 3",
        ),
        ("<state> server", "server", "13: title: put <state> into the title, so that each row has its own name"),
        (
            "holds nothing\n      Given",
            "holds nothing whatsoever wherever it may have been\n      Given",
            "13: title: shorten",
        ),
        ("Examples: States at rest", "Examples:", "29: examples: write after Examples: what these rows have in common"),
        ('"""json', '"""', '16: media-type: name the media type after the opening quotes, as in """json'),
        (
            "Feature: Deleting a server gives back what it held",
            "Feature:",
            "1: title: write after Feature: the sentence",
        ),
        ("Rule: What is gone holds nothing", "Rule:", "10: title: write after Rule: the rul"),
        (
            "| consumer   | host  | VCPU |",
            "| consumer   | node  | VCPU |",
            "20: columns: write the columns | consumer | host |",
        ),
        (
            "| consumer   |",
            "| Consumer   |",
            "20: columns: write the columns | consumer | host | VCPU | MEMORY_MB | DISK_GB |",
        ),
        (
            "CUSTOM_GOLD | PCPU",
            "CUSTOM_gold | PCPU",
            "20: columns: CUSTOM_gold is not a resource class: after",
        ),
        (
            "      And d\n        | host  | VCPU |",
            "      And d\n        | host  | vCPU |",
            "23: columns: write the columns | host | VCPU |",
        ),
        (
            "| flavor | VCPU |",
            "| flavour | VCPU |",
            "7: columns: write the columns | flavor | VCPU | MEMORY_MB | DISK_GB |",
        ),
    ],
)
def test_each_rule(styled, old, new, expected):
    assert GOOD.count(old) == 1
    problems = [p for p in styled(GOOD.replace(old, new)) if ": formatting: " not in p]
    assert [problem[: len(expected)] for problem in problems] == [expected]


def test_a_scenario_without_then(styled):
    assert styled("Feature: F\n\n  Scenario: S\n    When b\n") == [
        "3: outcome: end with a Then: a scenario that checks nothing cannot fail"
    ]


def test_columns_in_another_order_and_amounts_without_a_host(styled):
    table = "Feature: F\n\n  Scenario: S\n    Then b\n      | {} |\n"
    for columns in ("host | MEMORY_MB | VCPU | DISK_GB", "VCPU | MEMORY_MB | DISK_GB", "host | VCPU"):
        [problem] = styled(table.format(columns))
        assert problem.startswith("5: columns: write the columns | host | VCPU | MEMORY_MB | DISK_GB |")
    for columns in ("trait | host", "host | state", "resource class | VCPU"):
        assert styled(table.format(columns)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Feature: F\n  Scenario: S\n    Then b\n", "2: formatting: leave an empty line here; stocktake check --fix"),
        ("Feature: F\n\n\n  Scenario: S\n    Then b\n", '3: formatting: write "  Scenario: S"'),
        ("Feature: F\n\n  Scenario: S\n    Then b\n      |a|\n", '5: formatting: write "      | a |"'),
        ("Feature: F\n\n  Scenario: S\n    Then b", "4: formatting: end the file with a line feed"),
        ("Feature: F\n\n  Scenario: S\n    Then b\n\n", "5: formatting: remove this line"),
        ("Feature: F\r\n\r\n  Scenario: S\r\n    Then b\r\n", "1: formatting: end lines with a line feed alone"),
    ],
)
def test_formatting(styled, text, expected):
    [problem] = styled(text)
    assert problem.startswith(expected)


def test_what_cannot_be_read_has_no_style(styled):
    assert styled("nonsense") == []
