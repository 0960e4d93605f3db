"""What a feature asks of a cloud, as its steps declare it."""

from pathlib import Path

import pytest
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.gherkin.text.reading import parsed, read_feature
from stocktake.support.inspection import needs
from stocktake.support.inspection.needs import Needs

FEATURES = Path(__file__).resolve().parents[2] / "features"
LEAST = {"2.56", "2.59", "2.62", "2.65", "2.91", "1.28"}
"""The microversions that phrases name."""

FEATURE = """
# A comment asks for nothing: host "gamma" is down
@disruptive
Feature: A host that is down keeps its charge
  Prose neither: user "eve" without the admin role.

  Background:
    Given hosts "alpha" and "beta"
    And server "web" runs flavor "small" on host "alpha"

  Scenario: It is back
    When host "alpha" returns without its guests
    Then server "web" is on another host "beta"
    And the allocations are
      | consumer           | host  | VCPU |
      | a bootable volume  | alpha |    1 |
"""


@pytest.fixture(scope="module")
def vocabulary():
    """All phrases of the suite."""
    return load_vocabulary("stocktake.steps")


@pytest.fixture
def needs_of(vocabulary):
    """Reads the text of a feature and says what it needs."""
    return lambda text: needs.needs_of(parsed(Path("any.feature"), text.encode()), vocabulary)


def scenario(*steps: str) -> str:
    return "Feature: f\n  Scenario: s\n" + "".join(f"    Given {step}\n" for step in steps)


def test_needs_are_those_of_the_steps(needs_of):
    assert needs_of(FEATURE) == Needs(frozenset({"return_host", "lose_guests"}), 2)


def test_newest_microversion_counts(needs_of):
    text = (
        "@microversion-2.95\nFeature: a\n  @x @microversion-2.100 @y @placement-1.30\n  Scenario: b\n"
        '    When server "web" is cold migrated to host "beta"\n'
    )
    assert needs_of(text).versions == {"compute": "2.100", "placement": "1.30"}


def test_largest_flavors_count(needs_of):
    text = """
Feature: f
  Scenario: s
    Given these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    4 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |
    Then the allocations are
      | consumer   | host  | VCPU |
      | server web | alpha |   99 |
"""
    assert needs_of(text).largest == {"cores": 4, "ram": 1_000_000_000}


def test_the_tag_of_the_lab_asks_for_it(needs_of):
    text = 'Feature: f\n  @lab\n  Scenario: s\n    Given host "alpha"\n'
    assert needs_of(text).capabilities == {"lab"}
    assert needs_of(text.replace("@lab", "@two-hosts")).capabilities == frozenset()


def test_tags_of_rules_and_of_examples_count(needs_of):
    text = """
Feature: f
  @microversion-2.88
  Rule: r
    Scenario Outline: s
      When server "web" is stopped
      @placement-1.38
      Examples:
        | x |
        | 1 |
"""
    assert needs_of(text).versions == {"compute": "2.88", "placement": "1.38"}


@pytest.mark.parametrize(
    ("step", "version"),
    [
        ('Then server "web" is VERIFY_RESIZE on host "alpha"', "2.59"),
        ('When server "web" is forcibly evacuated to host "a" using microversion 2.67', "2.67"),
        ('Then server "web" is ACTIVE on host "alpha"', None),
        ("When a request is sent to the compute API using microversion 2.9999", None),
    ],
)
def test_a_need_may_depend_on_what_the_step_says(needs_of, step, version):
    assert needs_of(f"Feature: f\n  Scenario: s\n    {step}\n").versions.get("compute") == version


def test_a_need_may_depend_on_a_row_of_examples(needs_of):
    text = """
Feature: f
  Scenario Outline: s
    When server "web" is booted with flavor "small"
    Then server "web" is <status> on host "alpha"
    Examples:
      | status        |
      | ACTIVE        |
      | VERIFY_RESIZE |
"""
    assert needs_of(text).versions == {"compute": "2.59"}


def test_hosts_are_those_of_the_scenario_that_needs_most(needs_of):
    assert needs_of(scenario('hosts "alpha", "beta" and "gamma"')).hosts == 3
    rules = """
Feature: f
  Background:
    Given host "alpha"
  Rule: one
    Background:
      Given host "beta"
    Scenario: a
      Given host "gamma"
  Rule: other
    Scenario: b
      Given host "delta"
"""
    assert needs_of(rules).hosts == 3


def test_hosts_that_a_scenario_brings_along_are_not_asked_of_the_cloud(needs_of):
    text = scenario('a host "gamma" that behaves normally', 'host "gamma" is down')
    assert needs_of(text) == Needs(frozenset({"add_host"}), 0)


def test_servers_that_move_need_hosts_between_them(needs_of):
    text = scenario('server "web" has been live migrated to host "beta"', 'host "alpha"')
    text += '  Scenario: t\n    Given hosts "alpha", "beta" and "gamma"\n    When server "web" is cold migrated\n'
    text += '  Scenario: u\n    Given hosts "a", "b" and "c"\n    And host "d"\n'
    assert needs_of(text) == Needs(frozenset(), 4, {}, {"live_moves": 2, "moves": 3})


def test_one_host_exchanges_servers_with_none(needs_of):
    text = 'Feature: f\n  Scenario: s\n    Given host "a"\n    When server "web" is cold migrated\n'
    assert needs_of(text) == Needs(frozenset(), 1)


def test_a_step_that_nobody_says_asks_for_nothing(needs_of):
    assert needs_of(scenario("the moon is full")) == Needs(frozenset(), 0)


@pytest.mark.parametrize("version", sorted(LEAST))
def test_every_version_is_needed_by_one_of_our_own_features(vocabulary, version):
    said = {need for feature in FEATURES.rglob("*.feature") for need in _needs(read_feature(feature), vocabulary)}
    assert any(need.endswith(f" {version}") for need in said)


def _needs(feature, vocabulary):
    for steps in needs._scenarios(feature):
        yield from needs.needs_in(steps, vocabulary)
