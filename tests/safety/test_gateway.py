"""A cloud as operators have it: a private authority, paths behind a prefix, a region, an application credential.

One run through such a gate, with a scenario that fails and all that a run can write, is looked at from two sides.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gateway
import pytest
import secrecy
import sites
import yaml

HERE = Path(__file__).parent

FAILING = """
Feature: Scenarios that fail

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Scenario: A claim that is wrong
    When server "web" is booted with flavor "small" on host "alpha"
    Then there are no allocations
"""


@dataclass(frozen=True)
class BehindGate:
    """A run that is over: what became of it, where its artefacts are, and what it must not tell."""

    done: sites.Run
    artefacts: Path
    secret: bytes


@pytest.fixture(scope="module")
def behind_gate(shared_lab, tmp_path_factory) -> Iterator[BehindGate]:
    folder = tmp_path_factory.mktemp("gate")
    artefacts = folder / "artefacts"
    site = sites.Site(shared_lab.clouds_yaml)
    before = site.state()
    features = [shutil.copy(HERE / f"{name}.gherkin", folder / f"{name}.feature") for name in ("quiet", "disruptive")]
    failing = folder / "failing.feature"
    failing.write_text(FAILING)
    reports = (f"--messages={artefacts}/run.ndjson", f"--living-doc={artefacts}/page", "-vv", "--showlocals")
    with gateway.before(site, folder) as clouds_yaml:
        clouds = yaml.safe_load(clouds_yaml.read_text())
        # A patience that is soon over, as the failing claim waits for it.
        clouds["clouds"][gateway.CLOUD]["stocktake"]["patience"]["accounts"] = 2
        clouds_yaml.write_text(yaml.safe_dump(clouds))
        done = sites.run(
            clouds_yaml,
            [*map(str, features), str(failing)],
            f"--cloud={gateway.CLOUD}",
            *reports,
            folder=artefacts,
            within=500,
        )
        secret = gateway.secret_in(clouds_yaml)
    yield BehindGate(done, artefacts, secret)
    assert sites.differences(before, site.state()) == []


def test_features_are_verified_through_a_gate(behind_gate):
    for feature, count in (("quiet", 4), ("disruptive", 2)):
        assert sites.verdicts_of(feature, behind_gate.done) == ["passed"] * count, behind_gate.done.output
    assert sites.verdicts_of("failing", behind_gate.done) == ["failure"], behind_gate.done.output


def test_no_artefact_holds_a_secret(behind_gate, shared_lab):
    """Output, messages, page and JUnit of a run that fails with all details."""
    assert {path.name for path in behind_gate.artefacts.iterdir()} >= {"output", "run.ndjson", "page", "verdicts.xml"}
    secrets = [*secrecy.secrets_of(shared_lab.clouds_yaml), behind_gate.secret]
    assert secrecy.exposed(behind_gate.artefacts, secrets) == []
