"""Clouds whose operator allows little, or erred: everything runs, nothing is disrupted, reasons say what to set."""

import shutil
from pathlib import Path

import pytest
import sites
from gaps import GAPS, configured

HERE = Path(__file__).parent

STOPPING = "::A host that is down keeps its charge"


@pytest.mark.parametrize("gap", list(GAPS))
def test_nothing_is_disrupted_and_the_reason_says_what_to_set(tmp_path, gap):
    changed, remedy = GAPS[gap]
    site = sites.Site(sites.lab_of_tests().clouds_yaml)
    before = site.state()
    feature = shutil.copy(HERE / "disruptive.gherkin", tmp_path / "disruptive.feature")
    cloud = configured(sites.lab_of_tests().clouds_yaml, changed, tmp_path / "clouds.yaml")
    done = sites.run(cloud, [f"{feature}{STOPPING}"], folder=tmp_path / "run", within=300)
    assert done.status == 0, done.output
    (verdict,) = done.verdicts.values()
    assert verdict.startswith("unverified: "), done.output
    assert remedy in verdict
    assert remedy in done.output, "the terminal tells it as well"
    assert not (tmp_path / "ran").exists()
    assert sites.differences(before, site.state()) == []


def test_every_feature_file_runs_where_nothing_is_set(tmp_path):
    """Collected, checked and begun: only what harms nobody is carried out, of one scenario of each kind here."""
    site = sites.Site(sites.lab_of_tests().clouds_yaml)
    before = site.state()
    copies = [
        str(shutil.copy(HERE / f"{name}.gherkin", tmp_path / f"{name}.feature")) for name in ("quiet", "disruptive")
    ]
    gone, _ = GAPS["nothing set"]
    cloud = configured(sites.lab_of_tests().clouds_yaml, gone, tmp_path / "clouds.yaml")
    done = sites.run(cloud, copies, folder=tmp_path / "run", within=500)
    assert done.status == 0, done.output
    assert sites.verdicts_of("quiet", done) == ["passed"] * 4
    assert [verdict.partition(":")[0] for verdict in sites.verdicts_of("disruptive", done)] == ["unverified"] * 2
    assert sites.differences(before, site.state()) == []
