"""A scheduler that is held: only in a lab and by a scenario that is alone, and released whatever happens."""

import pytest
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.operations import laboratory
from stocktake.support.waiting import TookTooLong


class Lab(HttpControl):
    """The control of a lab that writes down what was held and released; `left` are its pending messages in turn."""

    def __init__(self):
        self.done, self.left, self.acts = [], [0], 0

    def hold_topic(self, topic):
        self.done.append(("hold", topic))

    def release_topic(self, topic):
        self.done.append(("release", topic))

    def pending(self, topic):
        self.done.append(("pending", topic))
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@pytest.fixture
def cloud(open_cloud):
    """A cloud that may be disrupted."""
    return open_cloud(allow_disruptive=True, hosts=["cmp-1", "cmp-2"])


@pytest.fixture
def servers(nova, apis):
    """Tell the servers of the cloud."""

    def tell(*found):
        path = f"{nova.url}/servers/detail?all_tenants=1&limit=200"
        apis.answer("GET", path, apis.say(body={"servers": [{"id": name, "name": name} for name in found]}))

    tell()
    return tell


@pytest.fixture
def lab(context, monkeypatch, servers):
    lab = Lab()
    monkeypatch.setitem(context.cloud.__dict__, "control", lab)
    return lab


def test_the_scheduler_is_held_until_it_continues(context, lab):
    laboratory.hold_scheduler(context)
    assert lab.done == [("hold", "scheduler")]
    lab.left = [2, 0, 0, 1, 0]
    laboratory.release_scheduler(context)
    assert lab.done[1] == ("release", "scheduler")
    assert lab.left == [0]


def test_the_scheduler_is_released_when_the_scenario_ends_and_its_answers_are_awaited(context, lab):
    laboratory.hold_scheduler(context)
    lab.left = [1, 0, 0]
    assert context.undoing.undo_all() == []
    assert lab.done[1] == ("release", "scheduler")
    assert lab.left == [0]


def test_messages_that_are_never_handled_are_told(context, lab):
    lab.left = [1]
    with pytest.raises(TookTooLong, match="for the scheduler and the conductor to have handled every message"):
        laboratory.release_scheduler(context)


def test_the_scheduler_is_held_by_a_scenario_that_is_alone(context, lab):
    context.alone = False
    with pytest.raises(FeatureError, match="Nova's scheduler"):
        laboratory.hold_scheduler(context)
    assert lab.done == []


def test_the_scheduler_is_not_held_where_others_have_servers(context, lab, servers):
    servers("theirs")
    with pytest.raises(Unverified, match="on which others have a server"):
        laboratory.hold_scheduler(context)
    assert lab.done == []


def test_the_scheduler_of_other_clouds_is_never_held(context):
    with pytest.raises(Unverified, match="is not a lab; this step needs the embedded lab"):
        laboratory.hold_scheduler(context)
