"""The hosts a scenario mentions are leased before it starts: in order, once, without those a step brings itself."""

import pytest
from stocktake.support.gherkin.collecting import runnable
from stocktake.support.gherkin.mentions import roles_of
from stocktake.support.gherkin.text.reading import for_pytest_bdd

FEATURE = """\
Feature: F
  Background:
    Given hosts "alpha" and "beta"

  Rule: R
    Background:
      Given server "web" runs flavor "small" on host "alpha"

    Scenario: S
      When host "gamma" returns
      Then the usages have changed by
        | host          | VCPU |
        | beta          |    0 |
        | delta/numa0   |    0 |
        |               |    0 |
      And the allocations are
        | consumer   | host    | VCPU |
        | server web | epsilon |    1 |
"""


def hosts(read, small, text, row=None):
    feature = for_pytest_bdd(read(text))
    [template] = feature.scenarios.values()
    return roles_of(template.render(row or {}), small)


def test_arguments_and_tables_in_order(read, small):
    assert hosts(read, small, FEATURE) == ("alpha", "beta", "gamma", "delta", "epsilon")


def test_parameters_declared_as_roles(read, small):
    text = 'Feature: F\n  Scenario: S\n    Given hosts "c", "a" and "b"\n'
    assert hosts(read, small, text) == ("c", "a", "b")


def test_a_host_that_the_step_brings_is_not_leased(read, small):
    text = FEATURE.replace(
        'When host "gamma" returns', 'Given a host "beta" whose builds fail\n      When host "gamma" returns'
    )
    assert hosts(read, small, text) == ("alpha", "gamma", "delta", "epsilon")


def test_storage_that_the_step_brings_is_no_host(read, small):
    text = FEATURE.replace('When host "gamma" returns', 'Given shared storage "delta"\n      When host "gamma" returns')
    assert hosts(read, small, text) == ("alpha", "beta", "gamma", "epsilon")


def test_the_row_of_an_outline_decides(read, small):
    text = """\
Feature: F
  Scenario Outline: S
    When host "<host>" returns

    Examples:
      | host |
      | iota |
"""
    assert hosts(read, small, text, {"host": "iota"}) == ("iota",)


def test_no_host(read, small):
    assert hosts(read, small, "Feature: F\n  Scenario: S\n    Then there are no allocations\n") == ()


def test_an_ordinary_test_is_no_scenario(request: pytest.FixtureRequest):
    assert runnable(request.node) is None
