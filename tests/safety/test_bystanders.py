"""Others on the same hosts: never touched, never mistaken for a leak, and never an excuse for one."""

import re
from collections.abc import Iterator
from pathlib import Path

import killing
import neighbours
import pytest
import sites
from gaps import configured

HERE = Path(__file__).parent
ONE = "::A booted server is charged"


@pytest.fixture
def bystanders(site: sites.Site) -> Iterator[neighbours.Bystanders]:
    clean = site.state()
    others = neighbours.Bystanders(site)
    yield others
    others.leave()
    assert sites.differences(clean, site.state()) == []


def test_run_and_sweep_leave_others_as_they_were(site, shared_lab, bystanders, features, tmp_path):
    """Some are there all the time, and another one boots and deletes servers in the middle of every scenario."""
    bystanders.settle(hosts=3)
    before = site.state()
    copies = features("quiet", "disruptive")
    with bystanders.coming_and_going(neighbours.zone_of(site, "host1")) as neighbours_seen:
        done = sites.run(site.clouds_yaml, copies, folder=tmp_path / "run", within=500)
    assert sites.verdicts_of("quiet", done) == ["passed"] * 4, done.output
    assert len(neighbours_seen) > 2, "the neighbour was too slow to be in anybody's way"
    refused = sites.verdicts_of("disruptive", done)
    assert len(refused) == 2
    assert all(re.search("[12] servers? that Stocktake did not create", verdict) for verdict in refused), refused
    assert sites.differences(before, site.state()) == []
    killing.kill_when_noted("server", shared_lab, copies, folder=tmp_path / "killed")
    swept = sites.sweep(site.clouds_yaml, "--marked", "--older-than=0")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert sites.differences(before, site.state()) == []


def test_leak_is_found_beside_a_neighbour(site, bystanders, features, tmp_path):
    """Charged in the middle of a scenario, as only a leak can be: what was there before it began is not its doing."""
    hook = tmp_path / "conftest.py"
    hook.write_text(f"import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom planting import pytest_bdd_before_step\n")
    (feature,) = features("quiet")
    cloud = configured(site.clouds_yaml, {"patience": {"accounts": 3, "api": 30}}, tmp_path / "clouds.yaml")
    with bystanders.coming_and_going(neighbours.zone_of(site, "host1")):
        done = sites.run(cloud, [feature + ONE], folder=tmp_path / "run", within=500)
    planted = (tmp_path / "planted").read_text().split()
    for consumer in planted:
        site.clients.placement.delete_allocations(consumer)
    assert list(done.verdicts.values()) == ["failure"], done.output
    assert planted
    assert all(f"consumer {consumer} holds" in done.output for consumer in planted), done.output
