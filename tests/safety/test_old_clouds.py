"""Clouds whose APIs know fewer microversions: what they can tell is verified, and nobody asks them for more."""

import sys
from pathlib import Path

import pytest
import sites
from ages import OLD

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

import proxy


@pytest.mark.parametrize(("age", "needed"), [("zed", None), ("least", "2.59")])
def test_features_are_verified_on_an_older_cloud(site, features, tmp_path, age, needed):
    before = site.state()
    copies = features("quiet", "disruptive")
    with proxy.before(site.clouds_yaml, tmp_path / "clouds.yaml", rate=0.0, ceilings=OLD[age]) as older:
        done = sites.run(tmp_path / "clouds.yaml", copies, folder=tmp_path / "run", within=500)
    unverified = [verdict for verdict in done.verdicts.values() if verdict != "passed"]
    assert all(f"needs compute API {needed}, " in verdict for verdict in unverified), done.output
    assert len(unverified) == (1 if needed else 0), "most can be verified"
    assert older.beyond == []
    assert sites.differences(before, site.state()) == []


@pytest.mark.parametrize("age", list(OLD))
def test_an_older_cloud_offers_less(site, tmp_path, age):
    """The proxy itself: it says what it offers, and refuses what is newer."""
    with proxy.before(site.clouds_yaml, tmp_path / "clouds.yaml", rate=0.0, ceilings=OLD[age]) as older:
        aged = sites.Site(tmp_path / "clouds.yaml")
        offered = {"nova": "compute", "placement": "placement"}
        found = {name: str(aged.session.versions(service).most) for name, service in offered.items()}
        refused = aged.session.request("GET", "compute", "/servers", microversion="2.95", ok=(406,))
    assert found == OLD[age]
    assert refused.status == 406
    assert older.beyond == ["GET /v2.1/servers at 2.95"]
