"""Runs killed with SIGKILL at some moment, and swept: the cloud is as it was before."""

import random
import shutil
from pathlib import Path

import killing
import pytest
import sites

HERE = Path(__file__).parent


@pytest.fixture
def features(tmp_path: Path) -> list[str]:
    names = ("quiet", "disruptive")
    return [str(shutil.copy(HERE / f"{name}.gherkin", tmp_path / f"{name}.feature")) for name in names]


@pytest.mark.parametrize("seed", [1, 2])
def test_swept_cloud_is_as_it_was_whatever_moment_the_run_was_killed_at(features, tmp_path, seed):
    lab = sites.lab_of_tests()
    site = sites.Site(lab.clouds_yaml)
    before = site.state()
    moment = random.Random(seed).uniform(*((2, 12), (12, 30))[seed - 1])
    killed = killing.kill_after(moment, lab, features, folder=tmp_path / "run")
    swept = sites.sweep(lab.clouds_yaml)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert sites.differences(before, site.state()) == [], f"killed {killed}; swept:\n{swept.stdout}"
    assert sites.remembered(lab) == []


def test_dry_run_of_a_sweep_says_what_a_sweep_does_and_changes_nothing(features, tmp_path):
    lab = sites.lab_of_tests()
    site = sites.Site(lab.clouds_yaml)
    clean = site.state()
    killing.kill_when_noted("server", lab, features, folder=tmp_path / "run")
    site.come_to_rest()
    before, remembered = site.state(), sites.remembered(lab)
    dry = sites.sweep(lab.clouds_yaml, "--dry-run")
    assert dry.returncode == 1
    assert sites.differences(before, site.state()) == []
    assert sites.remembered(lab) == remembered
    swept = sites.sweep(lab.clouds_yaml)
    promised = {line.removeprefix("would ") for line in dry.stdout.splitlines() if line.startswith("would ")}
    kept = {line.removeprefix("done: ") for line in swept.stdout.splitlines() if line.startswith("done: ")}
    assert promised
    assert promised <= kept  # a server that was just being created may show only to the sweep
    assert sites.differences(clean, site.state()) == []
