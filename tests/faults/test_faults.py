"""Scenarios through a faulty proxy: the same verdicts, nothing left, nothing done twice."""

import shutil
from pathlib import Path

import proxy
import pytest
import sites

SCENARIOS = Path(__file__).parents[1] / "safety"


@pytest.fixture
def features(tmp_path: Path) -> list[str]:
    """The scenarios as feature files; in tests/ they have another suffix, as they are none of the suite's own."""
    return [str(shutil.copy(SCENARIOS / "quiet.gherkin", tmp_path / "quiet.feature"))]


def test_verdicts_do_not_change_and_nothing_is_left_or_doubled(features, tmp_path):
    lab = sites.lab_of_tests()
    site = sites.Site(lab.clouds_yaml)
    before = site.state()
    copy = tmp_path / "clouds.yaml"
    with proxy.before(lab.clouds_yaml, copy, rate=0.05, write_rate=0.3, seed=7) as faulty:
        done = sites.run(copy, features, folder=tmp_path / "run", within=580)
    assert done.status == 0, done.output
    assert done.counts == {"passed": 4}
    assert not set(proxy.KINDS) - set(faulty.counts), faulty.counts
    assert sites.differences(before, site.state()) == []
    assert site.duplicates() == []
    assert sites.remembered(lab) == []
