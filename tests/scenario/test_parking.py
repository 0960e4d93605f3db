"""Parked scenarios: the leases that others share with them, and when there is no room beside them."""

from types import SimpleNamespace

import pytest
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import CloudError, Crowded, Unverified
from stocktake.support.hosts.leases import Leases
from stocktake.support.hosts.needs import PARKED_AT_MOST, is_disturbing
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.parking import Company, Parked

HOSTS = ["alpha", "beta", "gamma"]


@pytest.fixture
def leases(tmp_path):
    return Leases(f"file://{tmp_path}/leases", "cloud")


@pytest.fixture
def lease(leases):
    """Leases a number of hosts for a scenario of a company."""
    company = Company()

    def acquire(count, candidates, *, groups=None, within=0):
        return leases.acquire(count, candidates, within, groups=groups)

    return lambda count, candidates=HOSTS, groups=None, alone=False: company.lease(
        acquire, count, candidates, groups=groups, alone=alone
    )


def are_free(leases, *hosts):
    """Whether these hosts can be leased; they are released again."""
    try:
        leases.acquire(len(hosts), hosts, within=0).release()
    except CloudError:
        return False
    return True


class TestLeases:
    def test_are_shared_with_scenarios_that_came_before(self, lease, leases):
        assert lease(1).hosts == ("alpha",)
        assert lease(1).hosts == ("alpha",)
        assert are_free(leases, "beta", "gamma")

    def test_are_completed_in_the_order_of_the_candidates(self, lease):
        lease(1, ["beta"])
        assert lease(3).hosts == ("alpha", "beta", "gamma")

    def test_end_with_the_last_scenario_that_uses_them(self, lease, leases):
        parked, running = lease(1), lease(2)
        running.release()
        assert (are_free(leases, "alpha"), are_free(leases, "beta")) == (False, True)
        running.release()
        parked.release()
        assert are_free(leases, *HOSTS)

    def test_stay_while_a_later_scenario_uses_them(self, lease, leases):
        parked, running = lease(1), lease(2)
        parked.release()
        assert not are_free(leases, "alpha")
        running.release()
        assert are_free(leases, *HOSTS)

    def test_begin_anew_when_nobody_uses_them(self, lease, leases):
        lease(2).release()
        assert lease(1).hosts == ("alpha",)
        assert are_free(leases, "beta", "gamma")

    def test_are_not_awaited_while_others_are_held(self, lease, leases):
        lease(1)
        leases.acquire(2, ["beta", "gamma"], within=0)
        with pytest.raises(Crowded):
            lease(2)

    def test_are_of_one_group_of_hosts(self, lease, leases):
        assert lease(1, ["gamma"]).hosts == ("gamma",)
        assert lease(2, ["alpha", "beta", "gamma", "delta"], [["alpha", "beta"], ["gamma", "delta"]]).hosts == (
            "gamma",
            "delta",
        )

    def test_are_of_a_group_that_is_large_enough(self, lease):
        lease(1)
        assert lease(2, HOSTS, [["alpha"], ["beta", "gamma"]]).hosts == ("beta", "gamma")

    def test_cannot_be_of_more_hosts_than_there_are(self, lease):
        with pytest.raises(Unverified, match="needs 4 hosts"):
            lease(4)
        lease(1)
        with pytest.raises(Crowded, match="needs 3 hosts and may use 2"):
            lease(4)

    def test_are_not_shared_by_a_scenario_that_must_be_alone(self, lease):
        lease(1)
        assert lease(2, alone=True).hosts == ("beta", "gamma")
        with pytest.raises(Crowded):
            lease(1, alone=True)

    def test_are_not_shared_with_a_scenario_that_must_be_alone(self, lease):
        lease(1, alone=True)
        assert lease(1).hosts == ("beta",)
        assert lease(2).hosts == ("beta", "gamma")
        with pytest.raises(Crowded):
            lease(3)

    def test_are_side_by_side_for_scenarios_that_must_be_alone(self, lease):
        assert [lease(1, alone=True).hosts for _ in HOSTS] == [("alpha",), ("beta",), ("gamma",)]

    def test_that_are_lost_are_lost_for_all(self, lease, monkeypatch):
        parked, running = lease(1), lease(2)
        monkeypatch.setattr("stocktake.support.hosts.coordinator.Locks.lost", lambda _self, _name: "it is gone")
        for each in (parked, running):
            with pytest.raises(CloudError, match="leased: it is gone"):
                each.check()


def parked(held=1, used=1, capacity=8, known=(), undone=(), alone=False):
    """A parked scenario whose server holds some VCPU of a host, with all that is used there, and its capacity."""
    latest = SimpleNamespace(
        ledger=Ledger({("web", "p"): Resources(VCPU=held)}), usages=Usages({"p": Resources(VCPU=used)})
    )
    context = SimpleNamespace(
        accounts=SimpleNamespace(latest=latest, with_known_figures=set(known)),
        servers=SimpleNamespace(consumers=lambda: ("web",)),
        trees=SimpleNamespace(inventories=lambda: {"p": {"VCPU": Inventory(capacity)}}),
        borrowed={"volume v": None},
        undoing=SimpleNamespace(entries=[SimpleNamespace(kind=kind, name=name) for kind, name in undone]),
    )
    return Parked(context, {}, alone=alone)


class TestKnownFigures:
    def test_are_those_of_all_that_are_parked_and_last_as_long_as_is_vouched_for_them(self):
        company = Company()
        company.parked += [parked(known={"p"}), parked(known={"q"})]
        with company.vouching():
            company.parked.clear()
            assert company.known_figures == {"p", "q"}
        assert company.known_figures == set()


class TestRoom:
    def test_is_there_until_too_many_are_parked(self):
        company = Company()
        company.parked += [parked()] * (PARKED_AT_MOST - 1)
        assert not company.is_full
        company.parked.append(parked())
        assert company.is_full

    @pytest.mark.parametrize(("used", "full"), [(4, False), (5, True)])
    def test_is_not_there_when_less_is_left_of_a_host_than_they_hold(self, used, full):
        company = Company()
        company.parked.append(parked(held=4, used=used))
        assert company.is_full is full

    @pytest.mark.parametrize(
        ("undone", "alone", "full"),
        [
            (("server", "web"), False, False),
            (("provider-trait", Mark.new().trait("scenario 1")), False, False),
            (("provider-trait", "COMPUTE_NODE"), False, True),
            (("service-disabled", "cmp-1"), False, True),
            (("service-disabled", "cmp-1"), True, False),
        ],
    )
    def test_is_not_there_beside_one_that_has_changed_hosts_that_it_shares(self, undone, alone, full):
        company = Company()
        company.parked.append(parked(undone=[undone], alone=alone))
        assert company.is_full is full

    def test_is_not_there_for_one_that_must_be_alone(self):
        company = Company()
        company.check_none_parked()
        company.parked.append(parked())
        with pytest.raises(Crowded):
            company.check_none_parked()

    def test_is_not_there_for_one_that_borrows_the_same_thing(self):
        company = Company()
        company.parked.append(parked())
        company.check_not_borrowed("volume w")
        with pytest.raises(Crowded, match="uses volume v"):
            company.check_not_borrowed("volume v")


@pytest.mark.parametrize(
    ("tags", "needs", "disturbing"),
    [
        ({"whole-cloud"}, (), True),
        ({"disruptive"}, {"disruption", "stop_host"}, True),
        ({"disruptive"}, {"disruption"}, False),
        ({"bug-1"}, {"users"}, False),
    ],
)
def test_scenarios_that_disturb_other_servers_share_no_hosts(tags, needs, disturbing):
    assert is_disturbing(tags, needs) is disturbing
