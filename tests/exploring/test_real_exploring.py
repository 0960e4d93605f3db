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
"""Every operation once."""


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
