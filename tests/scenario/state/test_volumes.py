"""The volumes of a scenario: what is read of each, and what Cinder leaves of one that it has moved."""

from types import SimpleNamespace

import pytest
from stocktake.support.api.replies import ApiError
from stocktake.support.api.volumes import Volume
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.volumes import VolumeReader


class Cinder:
    """Has volumes by their ids, and counts how often it lists them by name."""

    def __init__(self):
        self.offered, self.known, self.lists = True, {}, 0

    def add(self, volume_id, name, **more):
        self.known[volume_id] = Volume(volume_id, name, "available", 1, False, **more)

    def get(self, volume_id):
        if volume_id not in self.known:
            raise ApiError("no", service="volume", method="GET", path="/", status=404)
        return self.known[volume_id]

    def all(self, *, name):
        self.lists += 1
        return [volume for volume in self.known.values() if volume.name == name]

    def attachments(self, _volume):
        return []


@pytest.fixture
def cinder():
    return Cinder()


@pytest.fixture
def read(cinder):
    """Reads the volumes of a scenario that owns "data", and has retyped those named."""

    def read(*retyped):
        owned = Owned(volumes={"data": "v-1"}, retyped=set(retyped))
        readings = SimpleNamespace(last=lambda _key, reading: reading())
        return [(volume.id, volume.name, volume.type) for volume in VolumeReader(cinder, owned, readings).all()]

    return read


def test_a_volume_is_read_by_its_id_alone(cinder, read):
    cinder.add("v-1", "marked-data", type="fast")
    cinder.add("v-2", "marked-data")
    assert read() == [("v-1", "data", "fast")]
    assert cinder.lists == 0


def test_what_is_left_of_moving_a_volume_is_one_more_of_its_name(cinder, read):
    cinder.add("v-1", "marked-data")
    cinder.add("v-2", "marked-data")
    cinder.add("v-3", "marked-log")
    assert read("data") == [("v-1", "data", None), ("v-2", "data", None)]


def test_a_volume_that_is_gone_is_not_read(read):
    assert read("data") == []
