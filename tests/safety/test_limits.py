"""Limits of a cloud: unverified with what to set, or removed in a project of the run's own; never a failure.

The lab has Nova's default quotas, and a policy that lets nobody cold migrate servers.
"""

import json

import pytest
import sites
from stocktake.support.lab import client
from stocktake.support.lab.shape import Shape

pytestmark = pytest.mark.lab

QUOTAS = {"instances": 10, "cores": 20, "ram": 51200}
FORBIDDEN = "os_compute_api:os-migrate-server:migrate"
LIMITED = Shape(options={"nova": {"quota": QUOTAS}}, policies={"nova": {FORBIDDEN: "!"}})
WITHIN = 250  # seconds for one run

FLAVORS = """
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |
"""
FEATURE = f"""
Feature: Limits
  Scenario: A server that fits on no host
{FLAVORS}
    When server "web" is booted with flavor "huge"
    Then server "web" is ERROR with fault "No valid host was found"
    And there are no allocations

  Scenario: A server that has no room
{FLAVORS}
    When server "web" is booted with flavor "huge"
    Then server "web" is ACTIVE on host "alpha"

  Scenario: A migration that a policy forbids
{FLAVORS}
    And server "web" runs flavor "small" on host "alpha"
    When server "web" is cold migrated
    Then server "web" is VERIFY_RESIZE on another host "beta"
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """A lab with these limits."""
    lab = client.start(hosts=2, shape=LIMITED, folder=tmp_path_factory.mktemp("limited") / "lab")
    yield lab
    lab.stop()


@pytest.fixture
def verdicts(limited, tmp_path):
    """Runs the feature with other settings; returns its verdicts by scenario, and the doctor's words."""

    def run(cloud=None, **settings):
        clouds = json.loads(limited.clouds_yaml.read_text())
        entry = clouds["clouds"]["lab"]
        entry["stocktake"].update(settings)
        entry["auth"].update(cloud or {})
        clouds_yaml = tmp_path / "clouds.yaml"
        clouds_yaml.write_text(json.dumps(clouds))
        feature = tmp_path / "limits.feature"
        feature.write_text(FEATURE)
        done = sites.run(clouds_yaml, [str(feature)], "--cloud=lab", folder=tmp_path / "run", within=WITHIN)
        return {name.partition("::")[2]: verdict for name, verdict in done.verdicts.items()}

    return run


def test_project_of_the_runs_own_has_no_quota(limited, verdicts):
    site = sites.Site(limited.clouds_yaml)
    before = site.state()
    found = verdicts()
    assert found["A server that fits on no host"] == "passed"
    assert "no host had room for the flavor" in found["A server that has no room"]
    assert FORBIDDEN in found["A migration that a policy forbids"]
    assert sites.differences(before, site.state()) == []


def test_given_project_has_its_quota(limited, verdicts):
    found = verdicts(project="given")
    assert "Quota exceeded for ram" in found["A server that fits on no host"]
    assert 'set "project: own"' in found["A server that fits on no host"]
    assert "Quota exceeded for ram" in found["A server that has no room"]
    assert FORBIDDEN in found["A migration that a policy forbids"]


def test_user_without_the_admin_role_has_a_right_reason(limited, verdicts):
    user = json.loads(limited.clouds_yaml.read_text())["clouds"]["lab-user"]["auth"]
    found = verdicts(cloud=user)
    assert len(found) == len(["host", "room", "policy"])
    assert all("unverified" in verdict and "in the policy of the" in verdict for verdict in found.values()), found
