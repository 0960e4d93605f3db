"""Scenarios through a faulty proxy: the same verdicts, nothing left, nothing done twice."""

import shutil
from pathlib import Path

import proxy
import sites

QUIET = Path(__file__).parents[1] / "safety" / "quiet.gherkin"
IMPATIENT = 6  # seconds; every silence costs a client so many, and a client that gives up too soon asks again


def test_verdicts_do_not_change_and_nothing_is_left_or_doubled(shared_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(proxy, "CLIENT_TIMEOUT", IMPATIENT)
    site = sites.Site(shared_lab.clouds_yaml)
    before = site.state()
    features = [str(shutil.copy(QUIET, tmp_path / "quiet.feature"))]
    copy = tmp_path / "clouds.yaml"
    with proxy.before(shared_lab.clouds_yaml, copy, rate=0.04, write_rate=0.2, seed=7) as faulty:
        done = sites.run(copy, features, folder=tmp_path / "run", within=580)
    assert done.status == 0, done.output
    assert done.counts == {"passed": 4}
    assert not set(proxy.KINDS) - set(faulty.counts), faulty.counts
    assert sites.differences(before, site.state()) == []
    assert site.duplicates() == []
    assert sites.remembered(shared_lab) == []
