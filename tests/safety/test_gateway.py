"""A cloud as operators have it: a private authority, paths behind a prefix, a region, an application credential."""

import shutil
from pathlib import Path

import gateway
import secrecy
import sites

HERE = Path(__file__).parent


def test_features_are_verified_through_a_gate(tmp_path):
    site = sites.Site(sites.lab_of_tests().clouds_yaml)
    before = site.state()
    features = [shutil.copy(HERE / f"{name}.gherkin", tmp_path / f"{name}.feature") for name in ("quiet", "disruptive")]
    with gateway.before(site, tmp_path) as clouds_yaml:
        done = sites.run(clouds_yaml, list(map(str, features)), "--cloud=gate", folder=tmp_path / "run", within=500)
        secret = gateway.secret_in(clouds_yaml)
    assert set(done.verdicts.values()) == {"passed"}, done.output
    assert len(done.verdicts) == 6
    assert secrecy.exposed(tmp_path / "run", [secret]) == []
    assert sites.differences(before, site.state()) == []
