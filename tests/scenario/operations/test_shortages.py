"""Servers that found no host: a limit of the cloud where its hosts have no room, a fault where one has."""

import pytest
from hamcrest import assert_that, contains_string
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.requests import Evacuation
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.hosts.groups import HostGroup
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.operations import claims
from stocktake.support.scenario.operations.refusals import ask, check_spoken
from stocktake.support.scenario.operations.servers import servers
from stocktake.support.scenario.operations.shortages import lack_of_room
from stocktake.support.scenario.state.servers import Sought
from stocktake.support.waiting import WaitFailed

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own

NO_HOST = "No valid host was found. There are not enough hosts available."


@pytest.fixture
def context(real_books):
    """A scenario with two hosts of 8 VCPU, 8192 MB and 100 GB each, and a server "web"."""
    for name, vcpus in (("small", 1), ("large", 4)):
        real_books.owned.flavors[name] = Flavor(name, vcpus, 512, 1, id=f"{name}-id")
    real_books.servers.ids["web"] = "web-id"
    return real_books


@pytest.fixture
def alpha(context):
    return context.roles.host("alpha")


@pytest.fixture
def beta(context):
    return context.roles.host("beta")


def not_built(context, nova, flavor="small", host=None, fault=NO_HOST):
    """Let the boot of server "web" have failed."""
    nova.looks("web", {"status": "ERROR", "fault": fault})
    context.servers.sought["web"] = Sought("create", f"{flavor}-id", host)


def not_moved(context, nova, host, action="resize", flavor_id="large-id", result="Error"):
    """Let a move of server "web" have failed, which is on this host."""
    nova.looks("web", {"status": "ACTIVE", "host": host.service, "flavor": {"id": "small-id"}})
    nova.accepts("GET", "/servers/web-id/os-instance-actions", status=200, body=listed(action))
    nova.records("web", action, "req-1", [("conductor_migrate_server", result)])
    context.servers.sought["web"] = Sought(action, flavor_id)


def listed(action):
    return {"instanceActions": [{"request_id": "req-1", "action": action, "message": None, "start_time": "1"}]}


class TestBoots:
    def test_without_room_are_unverified(self, context, nova, accounts, alpha, beta):
        accounts.hold(alpha, VCPU=8)
        accounts.hold(beta, MEMORY_MB=8000)
        not_built(context, nova)
        with pytest.raises(Unverified) as limit:
            claims.server_is(context, "web", status="ACTIVE")
        assert limit.value.reason == (
            f'no host had room for the flavor: host "{alpha.service}" has 0 VCPU free of 1; '
            f'host "{beta.service}" has 192 MEMORY_MB free of 512'
        )
        with pytest.raises(Unverified):
            servers.require(context, "web", "ACTIVE")

    def test_with_room_are_a_fault(self, context, nova, accounts, alpha):
        accounts.hold(alpha, VCPU=8)
        not_built(context, nova)
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="ACTIVE")
        with pytest.raises(CloudError):
            servers.require(context, "web", "ACTIVE")

    def test_on_a_named_host_need_room_there(self, context, nova, accounts, alpha, beta):
        accounts.hold(alpha, VCPU=8)
        not_built(context, nova, host=alpha.service)
        with pytest.raises(Unverified):
            claims.server_is(context, "web", status="ACTIVE", host="alpha")
        not_built(context, nova, host=beta.service)
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="ACTIVE", host="beta")

    def test_that_fail_for_another_reason_are_a_fault(self, context, nova, accounts, alpha, beta):
        accounts.hold(alpha, VCPU=8)
        accounts.hold(beta, VCPU=8)
        not_built(context, nova, fault="Build of instance aborted: no network")
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="ACTIVE")

    def test_that_exceed_a_quota_late_are_unverified(self, context, nova):
        not_built(context, nova, fault="Build of instance aborted: Maximum number of volumes allowed (10) exceeded")
        with pytest.raises(Unverified, match="raise the quota"):
            claims.server_is(context, "web", status="ACTIVE")

    def test_are_a_fault_where_placement_cannot_be_read(self, context, nova, monkeypatch, accounts, alpha, beta):
        accounts.hold(alpha, VCPU=8)
        accounts.hold(beta, VCPU=8)
        not_built(context, nova)

        def fail(_root):
            raise CloudError("the placement API did not answer")

        monkeypatch.setattr(context.cloud.placement, "tree", fail)
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="ACTIVE")

    def test_that_should_fail_may(self, context, nova, accounts, alpha, beta):
        accounts.hold(alpha, VCPU=8)
        accounts.hold(beta, VCPU=8)
        not_built(context, nova)
        assert claims.server_is(context, "web", status="ERROR", reason="No valid host").status == "ERROR"


class TestMoves:
    def test_without_room_elsewhere_are_unverified(self, context, nova, accounts, alpha, beta):
        accounts.hold(beta, VCPU=6)
        not_moved(context, nova, alpha)
        with pytest.raises(Unverified, match="2 VCPU free of 4"):
            claims.server_is(context, "web", status="VERIFY_RESIZE")

    def test_with_room_are_a_fault(self, context, nova, accounts, alpha, beta):
        context.group = HostGroup(declared=True)
        accounts.hold(beta, VCPU=6)
        not_moved(context, nova, alpha, action="migrate", flavor_id=None)
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="VERIFY_RESIZE")

    def test_that_have_not_failed_are_a_fault(self, context, nova, accounts, alpha, beta):
        accounts.hold(beta, VCPU=8)
        not_moved(context, nova, alpha, result="Success")
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="VERIFY_RESIZE")

    def test_that_end_in_error_are_a_fault(self, context, nova, accounts, alpha, beta):
        """Nova leaves a server that cannot be resized as it was."""
        accounts.hold(beta, VCPU=8)
        not_moved(context, nova, alpha)
        nova.looks("web", {"status": "ERROR", "host": alpha.service, "fault": NO_HOST})
        with pytest.raises(WaitFailed):
            claims.server_is(context, "web", status="VERIFY_RESIZE")

    def test_that_are_refused_for_lack_of_room_are_unverified(self, context, nova, accounts, alpha, beta):
        context.group = HostGroup(declared=True)
        not_moved(context, nova, alpha)
        context.answers.refusal = refusal = ApiError(
            "no", service="compute", method="POST", path="/servers/web-id/action", status=400, message=NO_HOST
        )
        with pytest.raises(ApiError):
            check_spoken(context)
        accounts.hold(beta, VCPU=8)
        context.answers.refusal = refusal
        with pytest.raises(Unverified):
            check_spoken(context)
        assert context.answers.refusal is None


class TestHostsApart:
    """Moves that find no valid host although one has room."""

    @pytest.fixture(autouse=True)
    def cells(self, nova):
        self.services(nova, 1, 2)

    def services(self, nova, *ids):
        body = {"services": [{"id": number, "host": f"h{place}"} for place, number in enumerate(ids)]}
        nova.accepts("GET", "/os-services", status=200, body=body)

    def told(self, context, status="VERIFY_RESIZE"):
        with pytest.raises((Unverified, WaitFailed, CloudError)) as raised:
            claims.server_is(context, "web", status=status)
        return raised.value

    def test_are_unverified_with_the_setting_that_says_which_hosts_belong_together(self, context, nova, alpha, beta):
        not_moved(context, nova, alpha)
        told = self.told(context)
        assert isinstance(told, Unverified)
        assert told.reason == (
            f"Nova found no valid host for the resize, although Placement has room on {beta.service}: "
            "the hosts of the scenario seem unable to exchange servers"
        )
        assert '"host_groups:"' in told.remedy
        with pytest.raises(Unverified, match="unable to exchange"):
            servers.require(context, "web", "VERIFY_RESIZE")

    def test_are_unverified_where_the_server_should_have_left_its_host(self, context, nova, alpha):
        not_moved(context, nova, alpha)
        context.servers.departed["web"] = alpha.service
        with pytest.raises(Unverified, match="unable to exchange"):
            servers.require(context, "web", "VERIFY_RESIZE", "beta", chosen=True)

    def test_are_in_several_cells_where_services_share_an_id(self, context, nova, alpha):
        self.services(nova, 1, 2, 1)
        not_moved(context, nova, alpha)
        assert "(the cloud has several cells)" in str(self.told(context))

    def test_are_a_fault_where_the_operator_says_that_they_are_not_apart(self, context, nova, alpha):
        not_moved(context, nova, alpha)
        context.group = HostGroup(declared=True)
        assert isinstance(self.told(context), WaitFailed)

    def test_are_a_fault_on_a_lab(self, context, nova, alpha, monkeypatch):
        not_moved(context, nova, alpha)
        monkeypatch.setitem(context.cloud.__dict__, "control", HttpControl("http://127.0.0.1:1", "t"))
        assert isinstance(self.told(context), WaitFailed)

    @pytest.mark.parametrize(
        ("events", "kind"),
        [
            ([("conductor_migrate_server", "Success"), ("compute_prep_resize", "Error")], WaitFailed),
            (
                [("conductor_live_migrate", "Error"), ("compute_check_can_live_migrate_destination", "Error")],
                Unverified,
            ),
        ],
        ids=["that have claimed resources are a fault", "whose CPUs do not fit are unverified"],
    )
    def test_hosts_that_took_part(self, context, nova, alpha, events, kind):
        action = "live-migration" if kind is Unverified else "resize"
        not_moved(context, nova, alpha, action=action, flavor_id=None)
        nova.records("web", action, "req-1", events)
        assert isinstance(self.told(context), kind)

    def test_are_a_fault_where_only_a_host_without_the_traits_has_room(self, context, nova, alpha):
        """Nova is right then, and what the scenario expects is not."""
        specs = {"trait:CUSTOM_RARE": "required"}
        context.owned.flavors["large"] = Flavor("large", 4, 512, 1, extra_specs=specs, id="large-id")
        not_moved(context, nova, alpha)
        assert isinstance(self.told(context), WaitFailed)

    def test_evacuations_end_in_error(self, context, nova, alpha):
        not_moved(context, nova, alpha, action="evacuate", flavor_id=None)
        nova.looks("web", {"status": "ERROR", "fault": NO_HOST, "host": alpha.service, "flavor": {"id": "small-id"}})
        assert isinstance(self.told(context, "ACTIVE"), Unverified)

    def test_boots_are_a_fault(self, context, nova, alpha):
        not_moved(context, nova, alpha, action="create", flavor_id="small-id")
        nova.looks("web", {"status": "ERROR", "fault": NO_HOST})
        assert not isinstance(self.told(context, "ACTIVE"), Unverified)


class TestHostsThatMovesName:
    """Nova knows a named host only in the cell of the server."""

    @pytest.fixture
    def move(self, context, nova):
        """Asks for an evacuation, in a cloud of one or two cells, that is answered with a status and a message."""

        def move(cells, status, message):
            context.servers.ids["web"] = "web-id"
            services = [{"id": number, "host": f"h{place}"} for place, number in enumerate((1, 2, 1)[: cells + 1])]
            nova.accepts("GET", "/os-services", status=200, body={"services": services})
            nova.refuses("POST", "/servers/web-id/action", status, message)
            ask(context, lambda: context.cloud.server_actions.evacuate("web-id", Evacuation(host="h2")))
            check_spoken(context)

        return move

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            (400, "Compute host h2 could not be found."),
            (500, "Unexpected API Error. Please report this. <class 'nova.exception.ComputeHostNotFound'>"),
        ],
    )
    def test_and_that_it_does_not_find_are_in_another_cell(self, context, move, status, message, monkeypatch):
        with pytest.raises(ApiError):
            move(1, status, message)
        with pytest.raises(Unverified, match=r"exchange servers \(the cloud has several cells\)"):
            move(2, status, message)
        monkeypatch.setattr(context, "group", HostGroup(declared=True))
        with pytest.raises(ApiError):
            move(2, status, message)

    def test_and_other_refusals_are_not(self, move):
        with pytest.raises(ApiError):
            move(2, 400, "Compute service of h2 is still in use.")


class TestRoom:
    @pytest.fixture
    def lack(self, context, alpha):
        return lambda *alternatives: lack_of_room(context, alpha, alternatives)

    def test_is_there_if_everything_fits(self, lack):
        assert lack(Resources(VCPU=8, MEMORY_MB=8192, DISK_GB=100)) is None

    def test_is_there_if_one_alternative_fits(self, lack):
        assert lack(Resources(VCPU=9), Resources(VCPU=1)) is None

    def test_counts_what_is_reserved_and_what_a_request_may_ask_for(self, lack, accounts, alpha):
        accounts.placement.set_inventories(
            alpha.provider, {"VCPU": Inventory(8, reserved=6, max_unit=1), "DISK_GB": Inventory(100, step_size=10)}
        )
        assert_that(lack(Resources(VCPU=3)), contains_string("2 VCPU free of 3"))
        assert lack(Resources(VCPU=2)) is not None, "more than max_unit"
        assert lack(Resources(DISK_GB=5)) is not None, "not a multiple of step_size"
        assert lack(Resources(VCPU=1, DISK_GB=10)) is None

    def test_of_what_no_provider_has_is_not_judged(self, lack):
        """It may be on a sharing provider."""
        assert lack(Resources(CUSTOM_SHARED=1)) is None
