"""Flavors, compute services, hypervisors, aggregates, zones and quotas, in Nova's words."""

import pytest
from hamcrest import assert_that, contains_exactly, has_length, has_properties
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError

from tests.api.nova_answers import NODE, NOVA, UP, asked_at


@pytest.fixture
def clients(session):
    return Clients(session)


class TestFlavors:
    def test_are_created_with_an_id_of_our_own(self, clients, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
        apis.answer("POST", f"{NOVA}/flavors/small-id/os-extra_specs", apis.say(503), apis.say(200))
        made = clients.flavors.create(Flavor("small", 1, 512, 1, 2, 64, {"hw:x": "y"}, id="small-id"))
        assert made == Flavor("small", 1, 512, 1, 2, 64, {"hw:x": "y"}, id="small-id")
        create, specs, _ = apis.asked("POST .*")
        assert create.body == {
            "flavor": {
                "id": "small-id",
                "name": "small",
                "vcpus": 1,
                "ram": 512,
                "disk": 1,
                "OS-FLV-EXT-DATA:ephemeral": 2,
                "swap": 64,
                "os-flavor-access:is_public": True,
            }
        }
        assert specs.body == {"extra_specs": {"hw:x": "y"}}

    def test_get_an_id_if_they_have_none(self, clients, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(200, {"flavor": {}}))
        made = [clients.flavors.create(Flavor("small", 1, 512, 1)).id for _ in range(2)]
        assert len(set(made)) == 2
        assert [request.body["flavor"]["id"] for request in apis.asked("POST .*")] == made

    def test_are_created_once(self, clients, apis):
        apis.answer("POST", f"{NOVA}/flavors", apis.say(fault="reset"))
        apis.answer("GET", f"{NOVA}/flavors/small-id", apis.say(200, {"flavor": {}}))
        clients.flavors.create(Flavor("small", 1, 512, 1, id="small-id"))
        assert_that(apis.asked("POST .*"), has_length(1))

    def test_are_read_in_one_request_or_two(self, clients, apis):
        body = {"id": "s", "name": "small", "vcpus": 1, "ram": 512, "disk": 1, "swap": ""}
        specs = {"extra_specs": {"hw:x": "y"}}
        apis.answer(
            "GET", f"{NOVA}/flavors/s", apis.say(200, {"flavor": {**body, **specs}}), apis.say(200, {"flavor": body})
        )
        new = clients.flavors.get("s")
        clients.session._versions.clear()
        apis.versions("compute", "2.1", "2.60")
        apis.answer("GET", f"{NOVA}/flavors/s/os-extra_specs", apis.say(200, specs))
        old = clients.flavors.get("s")
        assert new == old == Flavor("small", 1, 512, 1, extra_specs={"hw:x": "y"}, id="s")
        assert asked_at(apis.asked("GET .*/flavors/s")[0]) == "2.61"

    def test_are_found_by_name_among_all(self, clients, apis):
        listed = [{"id": name, "name": name, "vcpus": 1, "ram": 1, "disk": 1} for name in ("a", "b")]
        apis.answer("GET", f"{NOVA}/flavors/detail?is_public=None&limit=200", apis.say(200, {"flavors": listed}))
        assert clients.flavors.named("b").id == "b"
        assert clients.flavors.named("c") is None


class TestServices:
    def test_are_found_by_host(self, clients, apis):
        path = f"{NOVA}/os-services?host=alpha&binary=nova-compute"
        apis.answer("GET", path, apis.say(200, {"services": [UP]}))
        assert_that(clients.services.get("alpha"), has_properties(id="s-1", up=True, enabled=True, forced_down=False))
        assert asked_at(apis.asked("GET .*services.*")[0]) == "2.53"

    def test_of_a_cell_that_does_not_answer_are_told_apart(self, clients, apis):
        lost = {"host": "beta", "binary": "nova-compute", "status": "UNKNOWN"}
        apis.answer("GET", f"{NOVA}/os-services?binary=nova-compute", apis.say(200, {"services": [UP, lost]}))
        services, out_of_reach = clients.services.in_every_cell()
        assert ([service.host for service in services], out_of_reach) == (["alpha"], {"beta"})
        assert asked_at(apis.asked("GET .*services.*")[0]) == "2.69"

    def test_of_a_cell_that_does_not_answer_are_missing_on_an_older_cloud(self, clients, apis):
        apis.versions("compute", "2.1", "2.68")
        apis.answer("GET", f"{NOVA}/os-services?binary=nova-compute", apis.say(200, {"services": [UP]}))
        assert [service.host for service in clients.services.in_every_cell()[0]] == ["alpha"]
        assert asked_at(apis.asked("GET .*services.*")[0]) == "2.53"

    def test_of_a_host_that_has_none(self, clients, apis):
        apis.answer("GET", f"{NOVA}/os-services", apis.say(200, {"services": []}))
        with pytest.raises(CloudError, match='cloud "double" has no compute service on host "alpha"'):
            clients.services.get("alpha")

    @pytest.mark.parametrize(
        ("change", "body"),
        [
            (lambda c: c.services.enable("s-1"), {"status": "enabled"}),
            (lambda c: c.services.disable("s-1", reason="r"), {"status": "disabled", "disabled_reason": "r"}),
            (lambda c: c.services.force_down("s-1"), {"forced_down": True}),
            (lambda c: c.services.force_down("s-1", down=False), {"forced_down": False}),
        ],
    )
    def test_are_changed_by_uuid(self, clients, apis, change, body):
        apis.answer("PUT", f"{NOVA}/os-services/s-1", apis.say(200, {"service": UP}))
        assert change(clients).host == "alpha"
        assert apis.asked("PUT .*")[0].body == body

    def test_are_deleted(self, clients, apis):
        apis.answer("DELETE", f"{NOVA}/os-services/s-1", apis.say(204))
        clients.services.delete("s-1")
        assert asked_at(apis.asked("DELETE .*")[0]) == "2.53"


class TestHypervisors:
    def test_are_read_where_the_usage_figures_are(self, clients, apis):
        apis.answer("GET", f"{NOVA}/os-hypervisors/n-1", apis.say(200, {"hypervisor": NODE}))
        assert_that(clients.hypervisors.get("n-1"), has_properties(host="alpha", vcpus_used=3, memory_mb_used=None))
        assert asked_at(apis.asked("GET .*n-1")[0]) == "2.53"

    def test_of_a_host_are_found_by_their_name(self, clients, apis):
        path = f"{NOVA}/os-hypervisors/detail?hypervisor_hostname_pattern=alpha"
        other = {**NODE, "id": "n-2", "service": {"host": "alpha2"}}
        apis.answer("GET", path, apis.say(200, {"hypervisors": [NODE, other]}))
        assert_that(clients.hypervisors.of_host("alpha"), contains_exactly(has_properties(id="n-1")))
        assert_that(apis.asked("GET .*detail.*"), has_length(1))

    def test_of_a_host_may_be_named_otherwise(self, clients, apis):
        node = {**NODE, "hypervisor_hostname": "ironic-node"}
        apis.answer("GET", f"{NOVA}/os-hypervisors/detail?limit=200", apis.say(200, {"hypervisors": [node]}))
        assert_that(clients.hypervisors.of_host("alpha"), contains_exactly(has_properties(id="n-1")))
        assert clients.hypervisors.of_host("beta") == []


class TestAggregatesZonesAndQuotas:
    def test_aggregates_are_created_once(self, clients, apis):
        body = {"id": 1, "uuid": "u", "name": "agg", "hosts": [], "metadata": {}}
        apis.answer("POST", f"{NOVA}/os-aggregates", apis.say(fault="reset"))
        apis.answer("GET", f"{NOVA}/os-aggregates", apis.say(200, {"aggregates": [body]}))
        assert_that(clients.aggregates.create("agg"), has_properties(id=1, uuid="u", hosts=()))
        assert_that(apis.asked("POST .*"), has_length(1))

    @pytest.mark.parametrize(
        ("newest", "said"), [("2.104", {"policy": "affinity"}), ("2.53", {"policies": ["affinity"]})]
    )
    def test_server_groups_are_created_once_with_one_policy(self, clients, apis, newest, said):
        apis.versions("compute", "2.1", newest)
        group = {"id": "g", "name": "together"}
        apis.answer("POST", f"{NOVA}/os-server-groups", apis.say(fault="reset"))
        apis.answer("GET", f"{NOVA}/os-server-groups?all_projects=True", apis.say(200, {"server_groups": [group]}))
        assert clients.server_groups.create("together", "affinity").id == "g"
        assert [request.body for request in apis.asked("POST .*")] == [{"server_group": {"name": "together", **said}}]

    def test_a_host_is_in_an_aggregate_once(self, clients, apis):
        path = f"{NOVA}/os-aggregates/1/action"
        apis.answer("POST", path, apis.say(502), apis.say(409, {"conflictingRequest": {"message": "is in it"}}))
        clients.aggregates.add_host(1, "alpha")
        with pytest.raises(ApiError, match="is in it"):
            clients.aggregates.add_host(1, "alpha")

    def test_quotas_are_set(self, clients, apis):
        apis.answer("PUT", f"{NOVA}/os-quota-sets/p", apis.say(200, {}))
        clients.quotas.set("p", cores=-1)
        assert apis.asked("PUT .*")[0].body == {"quota_set": {"force": True, "cores": -1}}
