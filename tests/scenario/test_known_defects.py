"""Which scenario is known to fail on a cloud: by its release, and by what the operator lists."""

from datetime import date

import pytest
from stocktake.support import known
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.errors import CloudError, FeatureError
from stocktake.support.known import Defect
from stocktake.support.scenario.known_defects import is_verdict, known_failure
from stocktake.support.scenario.lifecycle import Lifecycle


@pytest.fixture(autouse=True)
def _defects(monkeypatch):
    monkeypatch.setattr(known, "DEFECTS", {"leak": Defect("it leaks", "https://bugs/1", first=26, last=26)})


def test_is_told_by_the_newest_microversion(open_cloud, apis):
    apis.versions("compute", "2.1", "2.93")
    assert known_failure(open_cloud(), "A", {"known-leak"}).reason == "it leaks; https://bugs/1"
    apis.versions("compute", "2.1", "2.104")
    assert known_failure(open_cloud(), "A", {"known-leak"}) is None


def test_nothing_is_asked_of_nova_without_a_tag(cloud, apis):
    assert known_failure(cloud, "A", {"two-hosts"}) is None
    assert apis.asked() == []


def test_is_told_by_the_list_of_the_operator(open_cloud):
    entry = {"scenario": "A", "summary": "it leaks", "link": "T-1", "until": date(2999, 1, 1)}
    cloud = open_cloud(known=[entry, entry | {"scenario": "Expired", "until": date(2020, 1, 1)}])
    assert known_failure(cloud, "A", ()).link == "T-1"
    assert known_failure(cloud, "B", ()) is None
    assert known_failure(cloud, "Expired", ()) is None


def test_entry_that_has_expired_is_told_beside_the_failure(open_cloud):
    entry = {"scenario": "A", "summary": "it leaks", "link": "T-1", "until": date(2020, 1, 31)}
    lifecycle = Lifecycle(open_cloud(known=[entry]), [])
    assert lifecycle.known_failure(["A"]) is None
    assert lifecycle.explanation == [
        ("previously known to fail", 'its entry in "known:" of the cloud (T-1) expired on 2020-01-31')
    ]


def test_scenario_of_examples_is_known_by_either_of_its_names(open_cloud):
    entry = {"scenario": "A <kind> server", "summary": "it leaks", "link": "T-1", "until": date(2999, 1, 1)}
    lifecycle = Lifecycle(open_cloud(known=[entry]), [])
    assert lifecycle.known_failure(["A <kind> server", "A small server"]).link == "T-1"
    assert lifecycle.known_failure(["A small server"]) is None


def test_cloud_that_does_not_answer_excuses_nothing(open_cloud, monkeypatch):
    cloud = open_cloud()

    def fail(service):
        raise CloudError("nobody answers")

    monkeypatch.setattr(cloud.session, "versions", fail)
    assert Lifecycle(cloud, [], tags={"known-leak"}).known_failure(["A"]) is None


@pytest.mark.parametrize(
    ("error", "excused"),
    [
        (AssertionError("but: 2"), True),
        (ApiError("409", service="compute", method="POST", path="/", status=409), True),
        (Limited("quota", "raise it", service="compute", method="POST", path="/", status=403), False),
        (ApiError("no answer", service="compute", method="GET", path="/"), False),
        (FeatureError("no such server"), False),
        (CloudError("the coordinator failed"), False),
        (RuntimeError("ours"), False),
        (None, False),
    ],
)
def test_only_what_the_cloud_does_wrong_is_excused(error, excused):
    assert is_verdict(error) is excused


class TestPatience:
    """How long wrong accounts of a scenario are awaited."""

    @pytest.fixture
    def cloud(self, open_cloud, accounts, apis):
        accounts.host("cmp-1")
        apis.versions("compute", "2.1", "2.93")
        return open_cloud(patience={"accounts": 8})

    def test_is_shorter_where_they_are_sure_to_stay_wrong(self, cloud):
        scenario = Lifecycle(cloud, ["alpha"], tags={"known-leak"})
        scenario.open()
        assert (cloud.patience("accounts"), cloud.patience("boot")) == (2, 300)
        scenario.close()
        assert cloud.patience("accounts") == 8

    @pytest.mark.parametrize("tag", ["id-5283a7", "known-of-old"])
    def test_is_whole_for_others(self, cloud, tag, monkeypatch):
        monkeypatch.setitem(known.DEFECTS, "of-old", Defect("it leaks", "https://bugs/1", first=24, last=25))
        scenario = Lifecycle(cloud, ["alpha"], tags={tag})
        scenario.open()
        assert cloud.patience("accounts") == 8
        scenario.close()

    def test_is_whole_where_point_releases_differ(self, cloud, monkeypatch):
        leak = Defect("it leaks", "https://bugs/1", first=26, last=26, throughout=False)
        monkeypatch.setitem(known.DEFECTS, "leak", leak)
        scenario = Lifecycle(cloud, ["alpha"], tags={"known-leak"})
        scenario.open()
        assert cloud.patience("accounts") == 8
        scenario.close()

    def test_is_whole_for_the_next_scenario_while_this_one_waits_for_the_periodic(self, cloud, open_cloud):
        cloud = open_cloud(patience={"accounts": 8}, periodic_interval=60)
        scenario = Lifecycle(cloud, ["alpha"], tags={"known-leak"})
        scenario.open()
        assert scenario.park()
        assert cloud.patience("accounts") == 8
        scenario.close()
