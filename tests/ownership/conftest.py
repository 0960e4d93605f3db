"""What the tests of sweeping share."""

import pytest
from stocktake.support.ownership import sweep as module

from tests.ownership.sweeping import THIS_CLOUD, World


@pytest.fixture
def world(monkeypatch, tmp_path):
    world = World(tmp_path)
    monkeypatch.setattr(module, "KINDS", world.kinds)
    monkeypatch.setattr(module, "cloud_id", lambda _session: THIS_CLOUD)
    return world


@pytest.fixture
def folder(tmp_path):
    return tmp_path
