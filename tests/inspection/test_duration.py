"""How long a run takes at least, from what clouds.yaml and the scenarios say."""

from pathlib import Path

import pytest
from stocktake.support.config.target import Target
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.gherkin.text.reading import parsed
from stocktake.support.inspection.duration import least_duration, planned

from tests.doubles.sessions import cloud_entry

FEATURE = """
Feature: f
  Background:
    Given hosts "alpha" and "beta"

  Scenario: It is quiet
    Given flavor "small" with 1 VCPU

  @disruptive
  Scenario: It is disruptive
    Given host "alpha" is down

  @lab
  Scenario: It needs the lab
    Given flavor "small" with 1 VCPU

  Scenario: It awaits that a provider is read again
    Given the root provider of host "alpha" has 10 CUSTOM_WAND
    When the periodic task runs on host "alpha"

  Scenario: It awaits the periodic task
    When the periodic task runs on host "<host>"

    Examples:
      | host  |
      | alpha |
      | beta  |
"""


ALONE = """
Feature: f
  @whole-cloud
  Scenario: It needs every host
    When the periodic task runs on host "alpha"
"""


@pytest.fixture(scope="module")
def feature():
    load_vocabulary("stocktake.steps")
    return parsed(Path("any.feature"), FEATURE.encode())


@pytest.fixture
def told(clouds_yaml, feature):
    """What is said about scenarios of the feature on a cloud with these settings."""

    def tell(*names, workers=1, feature=feature, **settings):
        clouds_yaml(
            {"staging": cloud_entry("http://keystone.example", stocktake={"periodic_interval": 60, **settings})}
        )
        return least_duration(Target.load("staging"), planned(feature, names or None), workers)

    return tell


CONTROL = {"stop_host": "true {host}", "return_host": "true {host}"}
PERMITTED = {"allow_disruptive": True, "hosts": ["cmp-1", "cmp-2"], "control": CONTROL}


def test_every_wait_is_counted_that_is_certain(told):
    said = told(refresh_interval=0, **PERMITTED)
    assert said.startswith(
        'this run takes at least 4 minutes, because the periodic task of the resource tracker on cloud "staging" can '
        "only be awaited (every 60 s): 3 scenarios wait for it at the end, up to 20 together, 1 disruptive scenario "
        'waits alone on its hosts, 2 steps wait; to avoid that, set "run_periodic:" under "stocktake: control:" of the '
        "cloud in "
    )


def test_what_is_not_allowed_does_not_wait(told):
    assert "3 minutes" in told()
    assert "disruptive" not in told()


def test_workers_wait_side_by_side_but_never_less_than_an_interval(told):
    permitted = {**PERMITTED, "hosts": [f"cmp-{number}" for number in range(1, 9)]}
    assert "at least 2 minutes with 2 workers on 8 hosts," in told(workers=2, refresh_interval=0, **permitted)
    assert "at least 60 seconds with 8 workers on 8 hosts," in told(workers=8, refresh_interval=0, **permitted)


def test_workers_wait_for_each_others_hosts(told):
    assert "at least 3 minutes with 2 workers on 2 hosts," in told(workers=2, refresh_interval=0, **PERMITTED)
    assert "at least 3 minutes with 8 workers on 2 hosts," in told(workers=8, refresh_interval=0, **PERMITTED)


def test_scenarios_that_need_every_host_leave_none_to_other_workers(told):
    alone = parsed(Path("any.feature"), ALONE.encode())
    permitted = {**PERMITTED, "hosts": [f"cmp-{number}" for number in range(1, 9)]}
    assert "at least 2 minutes with 8 workers on 8 hosts," in told(workers=8, feature=alone, **permitted)


def test_hosts_that_are_not_listed_may_make_workers_wait_longer(told):
    assert "at least 2 minutes with 2 workers (longer if they wait for each other's hosts), because" in told(workers=2)
    assert "workers" not in told()


def test_readings_of_provider_trees_are_awaited_even_if_the_periodic_task_can_be_run(told):
    name, permitted = "It awaits that a provider is read again", {**PERMITTED, "refresh_interval": 300}
    waits = '1 scenario waits until nova-compute has read the provider tree of its host again ("refresh_interval: 300")'
    assert told(name, **permitted).startswith("this run takes at least 7 minutes, because the periodic task")
    assert told(name, **permitted).endswith(f", and because {waits}")
    runs = {**permitted, "control": {**CONTROL, "run_periodic": "true {host}"}}
    assert told(name, **runs) == f"this run takes at least 5 minutes, because {waits}"
    assert told(name, workers=9, **permitted).startswith("this run takes at least 6 minutes with 9 workers on 2 hosts,")


def test_only_what_is_selected_counts(told):
    assert "60 seconds" in told("It is quiet")
    assert "1 step waits" in told("It awaits the periodic task[beta]")
    assert told("It needs the lab") is None


@pytest.mark.parametrize(
    "settings", [{"periodic_interval": None}, {"control": {"run_periodic": "true {host}"}}], ids=["unknown", "runs"]
)
def test_nothing_is_said_where_nothing_is_awaited(told, settings):
    assert told(**settings) is None
