"""Exploring a real lab: histories hold there, and what a search writes is run by `stocktake run`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stocktake.support.exploring.history import as_feature
from stocktake.support.exploring.running import run
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.lab.client import Lab
from stocktake.support.scenario.cloud import Cloud, connected

from tests.exploring.histories import history

EVERY = history(
    "boot flavor=tuned host=alpha",
    "stop",
    "rebuild",
    "cold migrate",
    "periodic host=alpha",
    "revert",
    "start",
    "resize without room",
    "resize flavor=small",
    "confirm",
    "shelve",
    "unshelve host=alpha",
    "live migrate",
    "host down host=beta",
    "evacuate",
    "host back",
    "reboot",
    "disable host=beta",
    "enable",
    "host down host=alpha",
    "force evacuation",
    "delete",
    "host back empty",
)
"""Every operation of an ordinary cloud once, apart from those that begin while another is under way."""

WEB, DB = "boot flavor=small host=alpha", "boot flavor=small host=beta"
SPECIAL = {
    "plain": (
        WEB,
        DB,
        "request resize server=web flavor=large",
        "resize server=db flavor=large",
        "confirm server=web",
        "revert server=db",
        "request cold migration server=web",
        "live migrate server=db",
        "periodic host=alpha",
        "revert server=web",
        "request deletion server=web",
        "repeat",
        "request boot",
        "stop server=db",
        "repeat",
    ),
    "soft delete": (WEB, "soft delete", "restore", "cold migrate", "soft delete", "force delete"),
    "no automatic offload": (WEB, "shelve in place", "unshelve in place", "shelve in place", "offload", "unshelve"),
    "server group": ("boot in group flavor=small host=alpha", "boot in group", "stop server=web"),
    "zone": ("boot in zone flavor=small", "shelve", "unshelve host=alpha"),
    "trait": (DB, "boot with trait", "shelve server=db", "periodic host=beta", "unshelve server=db"),
    "host to retire": (DB, "host down host=beta", "evacuate", "retire host", "delete"),
    "slow live migrations": (
        DB,
        "begin live migration",
        "abort live migration",
        "begin live migration",
        "force completion",
    ),
    "failing live migrations": (WEB, "failed live migration", "cold migrate"),
    "failing resizes": (WEB, "failed resize flavor=large", "delete"),
    "failing builds": ("failed build", "delete"),
}
"""A history for each circumstance of a plain lab."""


@pytest.fixture(scope="module")
def cloud(shared_lab: Lab) -> Iterator[Cloud]:
    load_vocabulary()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(shared_lab.clouds_yaml))
        with connected("lab") as opened:
            opened.session.log_in()
            yield opened


def test_a_history_of_every_operation_holds(cloud: Cloud) -> None:
    assert run(cloud, EVERY).told == ""


@pytest.mark.parametrize("circumstance", SPECIAL)
def test_what_is_special_about_a_cloud_is_predicted(cloud: Cloud, circumstance: str) -> None:
    assert run(cloud, history(*SPECIAL[circumstance], circumstance=circumstance)).told == ""


def test_a_known_defect_is_recognised(cloud: Cloud) -> None:
    during = history(WEB, "request resize flavor=large", "delete during move")
    verdict = run(cloud, during)
    for _ in range(4):
        if verdict.outcome == "held":  # the resize has ended before the deletion
            verdict = run(cloud, during)
    assert verdict.outcome == "known", verdict.told


def test_a_history_runs_as_the_feature_that_is_written_of_it(cloud: Cloud, shared_lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "found.feature"
    file.write_text(as_feature(EVERY.until(8), why="Found by exploring."))
    environment = os.environ | {"OS_CLIENT_CONFIG_FILE": str(shared_lab.clouds_yaml)}
    command = [sys.executable, "-m", "stocktake.support.cli", "run", str(file)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr


def test_what_the_model_does_not_expect_breaks_a_rule(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    made = history("boot flavor=small host=alpha", "shelve")
    world = made.worlds[1]
    monkeypatch.setitem(vars(made), "worlds", (*made.worlds[:2], world))  # as if shelving changed nothing
    verdict = run(cloud, made)
    assert (verdict.outcome, verdict.step, verdict.check) == ("broken", 2, "server")
    assert 'server "web" to be ACTIVE on host "alpha"' in verdict.told
