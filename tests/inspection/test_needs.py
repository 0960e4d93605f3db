"""What a feature's text asks of a cloud."""

import re
from pathlib import Path

import pytest
from stocktake.support.inspection.needs import SIGNS, VERSIONS, Needs, needs_of

FEATURES = Path(__file__).resolve().parents[2] / "features"
TEXTS = {path.stem: path.read_text() for path in FEATURES.rglob("*.feature")}

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
    And nothing changes when the periodic runs
      | nor a table | a bootable volume |
"""


def scenario(*steps: str) -> str:
    return "Feature: f\n  Scenario: s\n" + "".join(f"    Given {step}\n" for step in steps)


def test_needs_are_read_from_steps():
    assert needs_of(FEATURE) == Needs(frozenset({"return_host", "lose_guests", "run_periodic"}), 2)


def test_newest_microversion_counts():
    text = "@microversion-2.95\nFeature: a\n  @x @microversion-2.100 @y @placement-1.30\n  Scenario: b\n"
    assert needs_of(text).versions == {"compute": "2.100", "placement": "1.30"}
    assert needs_of(scenario('server "web" is VERIFY_RESIZE on host "alpha"')).versions == {"compute": "2.59"}
    assert needs_of(scenario('server "web" is evacuated by force to host "a" at microversion 2.68')).versions == {
        "compute": "2.68"
    }
    assert needs_of(scenario("the compute API is asked at microversion 2.9999")).versions == {}


def test_hosts_are_those_of_the_scenario_that_needs_most():
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


def test_hosts_that_a_scenario_brings_along_are_not_asked_of_the_cloud():
    text = scenario('a host "gamma" that works like any other', 'host "gamma" is down')
    assert needs_of(text) == Needs(frozenset({"add_host"}), 0)


@pytest.mark.parametrize("capability", sorted(SIGNS))
def test_every_sign_is_found_in_our_own_features(capability):
    assert any(capability in needs_of(text).capabilities for text in TEXTS.values())


@pytest.mark.parametrize("version", [version for signs in VERSIONS.values() for version in signs])
def test_every_version_is_needed_by_one_of_our_own_features(version):
    signs = {**VERSIONS["compute"], **VERSIONS["placement"]}
    assert any(re.search(signs[version], text) for text in TEXTS.values())
