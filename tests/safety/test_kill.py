"""Runs that end by themselves, or are killed with SIGKILL at some moment and swept: the cloud is as it was before."""

import random
import shutil

import killing
import pytest
import secrecy
import sites


def test_what_options_of_nova_put_on_hosts_goes_with_the_run(shared_lab, site, tmp_path):
    before = site.state()
    paths, only = ["features/resources/inventory.feature"], ("-m", "whole-cloud")
    done = sites.run(shared_lab.clouds_yaml, paths, *only, folder=tmp_path / "run", within=300)
    assert done.counts == {"passed": 3}, done.output
    assert sites.differences(before, site.state()) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_swept_cloud_is_as_it_was_whatever_moment_the_run_was_killed_at(shared_lab, site, features, tmp_path, seed):
    before = site.state()
    moment = random.Random(seed).uniform(*((2, 12), (12, 30))[seed - 1])
    killed = killing.kill_after(moment, shared_lab, features("quiet", "disruptive"), folder=tmp_path / "run")
    swept = sites.sweep(shared_lab.clouds_yaml)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert sites.differences(before, site.state()) == [], f"killed {killed}; swept:\n{swept.stdout}"
    assert sites.remembered(shared_lab) == []


def test_next_run_undoes_what_a_killed_one_has_left_on_hosts(shared_lab, site, features, tmp_path):
    before = site.state()
    killing.kill_when_noted("server", shared_lab, features("quiet"), folder=tmp_path / "killed")
    done = sites.run(shared_lab.clouds_yaml, features("quiet"), folder=tmp_path / "next", within=300)
    assert done.status == 0, done.output
    assert "was interrupted; what it left has been undone: " in done.output
    assert sites.differences(before, site.state()) == []
    assert sites.remembered(shared_lab) == []


def test_dry_run_of_a_sweep_says_what_a_sweep_does_and_changes_nothing(shared_lab, site, features, tmp_path):
    """Nor does anything that a killed run, its journal and its sweep leave for people to read hold a secret."""
    clean, artefacts = site.state(), tmp_path / "artefacts"
    killing.kill_when_noted("server", shared_lab, features("quiet", "disruptive"), folder=artefacts / "run")
    site.come_to_rest()
    shutil.copytree(shared_lab.folder / "state" / "journals", artefacts / "journals")
    before, remembered = site.state(), sites.remembered(shared_lab)
    dry = sites.sweep(shared_lab.clouds_yaml, "--dry-run")
    assert dry.returncode == 1
    assert sites.differences(before, site.state()) == []
    assert sites.remembered(shared_lab) == remembered
    swept = sites.sweep(shared_lab.clouds_yaml)
    promised = {line.removeprefix("would ") for line in dry.stdout.splitlines() if line.startswith("would ")}
    kept = {line.removeprefix("done: ") for line in swept.stdout.splitlines() if line.startswith("done: ")}
    assert promised
    assert promised <= kept  # a server that was just being created may show only to the sweep
    assert sites.differences(clean, site.state()) == []
    assert list((artefacts / "journals").iterdir())
    (artefacts / "sweeps").write_text(dry.stdout + dry.stderr + swept.stdout + swept.stderr)
    assert secrecy.exposed(artefacts, secrecy.secrets_of(shared_lab.clouds_yaml)) == []
