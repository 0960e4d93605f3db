"""Clouds as others have them: nothing fails there, nobody is harmed, and nothing is left."""

import shutil

import foreign
import pytest
import shapes
import sites
import trial

QUIET = sites.ROOT / "tests" / "safety" / "quiet.gherkin"


@pytest.mark.lab
@pytest.mark.parametrize("name", ["ordinary", "refresh+crowded"])
def test_nothing_fails_and_nobody_is_harmed(name, tmp_path):
    feature = shutil.copy(QUIET, tmp_path / "quiet.feature")
    with foreign.started(shapes.shape(name)) as cloud:
        result = trial.attempt(cloud, [str(feature)], tmp_path, workers=0, within=300)
    assert result.done.counts.get("passed") == 4, result.done.output
    assert result.log.requests > 0, "the neighbours did nothing"
    assert result.wrong == 0, result.report(name, 0)


def test_a_cloud_may_have_several_shapes_at_once():
    both = shapes.shape("quotas+soft-delete")
    assert both.nova["quota"]["instances"] == 10
    assert both.nova["DEFAULT"]["reclaim_instance_interval"] == shapes.HOUR
    assert shapes.shape("combined").settings["periodic_interval"] == 60


@pytest.mark.parametrize("name", [*shapes.SHAPES, *shapes.COMPOSED])
def test_every_shape_says_where_its_hosts_are(name):
    shape = shapes.shape(name)
    hosts = sum(shape.cells) or shapes.HOSTS + shapes.SPARE
    assert hosts == shapes.HOSTS + shapes.SPARE
    assert max(shape.hosts) <= hosts
