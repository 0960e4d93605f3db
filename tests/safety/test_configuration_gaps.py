"""Clouds whose operator allows little, or erred: everything runs, nothing is disrupted, reasons say what to set."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sites
import yaml

HERE = Path(__file__).parent

DEAD_CONTROL = {"url": "http://127.0.0.1:9", "token": "none"}

GAPS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing set": (
        {"allow_disruptive": None, "hosts": None, "control": None},
        'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud',
    ),
    "not allowed": (
        {"allow_disruptive": False},
        'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud',
    ),
    "no hosts": ({"hosts": None}, 'list such hosts as "hosts:" under "stocktake:" of the cloud'),
    "unknown hosts": ({"hosts": ["nowhere", "elsewhere"]}, 'correct "hosts:" under "stocktake:" of the cloud'),
    "too few hosts": ({"hosts": ["host1"]}, 'list more as "hosts:" under "stocktake:" of the cloud'),
    "no control": ({"control": None}, 'set "stop_host" under "stocktake: control:"'),
    "no way back": ({"control": {"stop_host": "touch {folder}/ran"}}, 'set "return_host" under "stocktake: control:"'),
    "control that is not there": ({"control": DEAD_CONTROL}, 'correct "url" under "stocktake: control:"'),
    "commands that are not there": (
        {"control": {"stop_host": "no-such-command {{host}}", "return_host": "no-such-command {{host}}"}},
        'correct "stop_host" under "stocktake: control:"',
    ),
}

STOPPING = "::A host that is down keeps its charge"


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes the lab's clouds.yaml with other settings; None takes a setting out."""

    def write(changed: dict[str, Any]) -> Path:
        clouds = yaml.safe_load(sites.lab_of_tests().clouds_yaml.read_text())
        settings = {**clouds["clouds"]["lab"]["stocktake"], **changed}
        clouds["clouds"]["lab"]["stocktake"] = {key: value for key, value in settings.items() if value is not None}
        path = tmp_path / "clouds.yaml"
        path.write_text(yaml.safe_dump(clouds))
        return path

    return write


@pytest.mark.parametrize("gap", list(GAPS))
def test_nothing_is_disrupted_and_the_reason_says_what_to_set(configured, tmp_path, gap):
    changed, remedy = GAPS[gap]
    control = changed.get("control")
    if control:
        changed = {"control": {key: value.format(folder=tmp_path) for key, value in control.items()}}
    site = sites.Site(sites.lab_of_tests().clouds_yaml)
    before = site.state()
    feature = shutil.copy(HERE / "disruptive.gherkin", tmp_path / "disruptive.feature")
    done = sites.run(configured(changed), [f"{feature}{STOPPING}"], folder=tmp_path / "run", within=300)
    assert done.status == 0, done.output
    (verdict,) = done.verdicts.values()
    assert verdict.startswith("unverified: "), done.output
    assert remedy in verdict
    assert remedy in done.output, "the terminal tells it as well"
    assert not (tmp_path / "ran").exists()
    assert sites.differences(before, site.state()) == []


def test_every_feature_file_runs_where_nothing_is_set(configured, tmp_path):
    """Collected, checked and begun: only what harms nobody is carried out, of one scenario of each kind here."""
    site = sites.Site(sites.lab_of_tests().clouds_yaml)
    before = site.state()
    copies = [
        str(shutil.copy(HERE / f"{name}.gherkin", tmp_path / f"{name}.feature")) for name in ("quiet", "disruptive")
    ]
    gone = dict.fromkeys(("allow_disruptive", "hosts", "control"))
    done = sites.run(configured(gone), copies, folder=tmp_path / "run", within=500)
    assert done.status == 0, done.output
    kinds = {name: verdict.partition(":")[0] for name, verdict in done.verdicts.items()}
    assert [kind for name, kind in kinds.items() if name.startswith("quiet")] == ["passed"] * 4
    assert [kind for name, kind in kinds.items() if name.startswith("disruptive")] == ["unverified"] * 2
    assert sites.differences(before, site.state()) == []
