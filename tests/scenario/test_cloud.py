"""One cloud with all its clients: opened without a word, asked once for what does not change."""

import json

import pytest
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, ConfigurationError, Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.ownership.journal import find_journals
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario.cloud import connected


def test_nothing_is_asked_before_somebody_needs_the_answer(cloud, apis):
    assert (apis.asked(), apis.tokens) == ([], [])


def test_its_repr_holds_no_secret(cloud):
    assert repr(cloud) == "Cloud('double')"


class TestCandidates:
    def test_are_those_that_are_enabled_and_up(self, cloud, nova):
        nova.host("cmp-2")
        nova.host("cmp-1")
        nova.host("cmp-3", status="disabled")
        nova.host("cmp-4", state="down")
        assert cloud.candidates() == ["cmp-1", "cmp-2"]

    def test_are_none_of_those_that_another_run_has_added_for_one_scenario(self, cloud, nova):
        nova.host("cmp-1")
        nova.host(Mark.new().name("slow"))
        assert cloud.candidates() == ["cmp-1"]

    def test_are_asked_for_once(self, cloud, nova):
        nova.host("cmp-1")
        cloud.candidates()
        nova.host("cmp-1", state="down")
        assert cloud.candidates() == ["cmp-1"]

    def test_are_those_the_operator_lists_in_that_order(self, open_cloud, apis):
        assert open_cloud(hosts=["cmp-9", "cmp-1"]).candidates() == ("cmp-9", "cmp-1")
        assert apis.asked() == []


class TestHosts:
    def test_have_a_node_and_a_provider(self, cloud, nova):
        nova.host("cmp-1", node="node-1", uuid="a-uuid")
        assert cloud.host("cmp-1") == ComputeHost("cmp-1", "node-1", "a-uuid")

    def test_are_asked_for_once_until_they_are_replaced(self, cloud, nova):
        nova.host("cmp-1", uuid="a-uuid")
        cloud.host("cmp-1")
        nova.host("cmp-1", uuid="another")
        assert cloud.host("cmp-1").provider == "a-uuid"
        cloud.forget_host("cmp-1")
        assert cloud.host("cmp-1").provider == "another"

    def test_that_are_not_there_are_a_mistake_in_the_settings(self, open_cloud, apis):
        cloud = open_cloud(hosts=["cpm-1"])
        apis.answer("GET", "/compute/v2.1/os-hypervisors/detail", apis.say(body={"hypervisors": []}))
        with pytest.raises(Unverified) as error:
            cloud.host("cpm-1")
        assert str(error.value) == (
            'cloud "double" has no compute host "cpm-1"; '
            f'correct "hosts:" under "stocktake:" of the cloud in {cloud.target.file}'
        )

    def test_of_several_nodes_cannot_be_used(self, cloud, apis):
        nodes = [{"id": f"n-{n}", "hypervisor_hostname": f"n-{n}", "service": {"host": "cmp-1"}} for n in (1, 2)]
        apis.answer("GET", "/compute/v2.1/os-hypervisors/detail", apis.say(body={"hypervisors": nodes}))
        with pytest.raises(Unverified, match='host "cmp-1" has 2 compute nodes, and Stocktake needs hosts with one'):
            cloud.host("cmp-1")


class TestControl:
    def test_is_the_endpoint_of_a_lab(self, open_cloud):
        control = open_cloud(control={"url": "http://127.0.0.1:1", "token": "a-token"}).control
        assert isinstance(control, HttpControl)

    def test_is_made_of_commands_elsewhere(self, open_cloud):
        control = open_cloud(control={"stop_host": "ssh {host} stop"}).control
        assert isinstance(control, CommandControl)
        assert control.missing("stop_host") is None
        assert isinstance(control.missing("return_host"), Unverified)

    def test_hides_the_clouds_secrets_in_what_commands_print(self, open_cloud):
        cloud = open_cloud(control={"stop_host": "echo correct-horse-battery {host}"})
        cloud.control.stop_host("cmp-1")
        assert "correct-horse-battery" not in str(cloud.control.outputs)
        assert "cmp-1" in str(cloud.control.outputs)

    def test_may_wait_for_the_periodic_as_long_as_its_interval(self, open_cloud, passing_time):
        cloud = open_cloud(periodic_interval=7, hosts=["cmp-1"])
        cloud.control.run_periodic("cmp-1")
        assert passing_time.waited >= 7


class TestLeases:
    @pytest.fixture(autouse=True)
    def unknown_hosts(self, apis):
        """Let Nova know no host, unless a test adds one."""
        apis.answer("GET", "/compute/v2.1/os-hypervisors/detail", apis.say(body={"hypervisors": []}))

    def test_of_one_cloud_exclude_each_other_whoever_opened_it(self, open_cloud):
        one, other = open_cloud(), open_cloud()
        with (
            one.leases.acquire(1, ["cmp-1"], within=0),
            pytest.raises(CloudError, match="no 1 host of cmp-1 became fr"),
        ):
            other.leases.acquire(1, ["cmp-1"], within=0)

    def test_of_one_cloud_exclude_each_other_however_it_is_addressed(self, open_cloud, monkeypatch):
        one, other = open_cloud(), open_cloud()
        monkeypatch.setattr(other.target.region, "get_auth_args", lambda: {"auth_url": "http://elsewhere"})
        with one.leases.acquire(1, ["cmp-1"], within=0), pytest.raises(CloudError):
            other.leases.acquire(1, ["cmp-1"], within=0)

    def test_of_one_host_exclude_each_other_whatever_the_cloud_seems_to_be(self, open_cloud, nova, monkeypatch):
        nova.host("cmp-1", uuid="a-uuid")
        one, other = open_cloud(), open_cloud()
        monkeypatch.setattr(other.session, "identity_of", lambda service: "another")
        with one.leases.acquire(1, ["cmp-1"], within=0), pytest.raises(CloudError):
            other.leases.acquire(1, ["cmp-1"], within=0)

    def test_are_not_taken_while_nova_cannot_say_which_host_is_meant(self, open_cloud, apis):
        apis.answer("GET", "/compute/v2.1/os-hypervisors/detail", apis.say(500))
        with pytest.raises(ApiError):
            open_cloud().leases.acquire(1, ["cmp-1"], within=0)

    def test_of_clouds_with_other_catalogs_do_not(self, open_cloud, apis):
        one = open_cloud().leases
        apis.service_ids["compute"] = "another"
        with one.acquire(1, ["cmp-1"], within=0), open_cloud().leases.acquire(1, ["cmp-1"], within=0) as lease:
            assert lease.hosts == ("cmp-1",)

    def test_of_clouds_without_a_catalog_are_told_apart_by_their_address(self, open_cloud, monkeypatch):
        one, other = open_cloud(), open_cloud()
        for cloud in (one, other):
            monkeypatch.setattr(cloud.session, "identity_of", lambda service: None)
        monkeypatch.setattr(other.target.region, "get_auth_args", lambda: {"auth_url": "http://elsewhere"})
        with one.leases.acquire(1, ["cmp-1"], within=0), other.leases.acquire(1, ["cmp-1"], within=0) as lease:
            assert lease.hosts == ("cmp-1",)


class TestImage:
    def test_is_the_least_demanding_usable_one(self, cloud):
        assert cloud.image.name == "cirros"

    def test_is_needed(self, cloud, apis):
        apis.answer("GET", "/image/v2/images", apis.say(body={"images": []}))
        with pytest.raises(Unverified) as lacking:
            cloud.image  # noqa: B018 - reading it is the test
        assert lacking.value.reason == 'cloud "double" has no active image to boot from'
        assert lacking.value.remedy.startswith("upload one")


class TestConnecting:
    @pytest.fixture
    def described(self, clouds_yaml, entry, apis, tmp_path, monkeypatch):
        """A clouds.yaml with cloud "double", and a folder for its state."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        clouds_yaml({"double": entry(f"{apis.url}/identity/v3")})
        return tmp_path

    def test_keeps_a_journal_of_what_the_process_owns(self, described, apis):
        with connected("double") as cloud:
            (journal,) = find_journals()
            assert (journal.cloud, journal.auth_url) == ("double", f"{apis.url}/identity/v3")
            assert journal.run == cloud.mark.run
        assert find_journals() == []

    def test_leaves_the_journal_when_something_is_left_in_the_cloud(self, described):
        with connected("double") as cloud:
            cloud.journal.note("server", "web")
        (journal,) = find_journals()
        assert [entry.name for entry in journal.entries] == ["web"]
        assert "correct-horse-battery" not in json.dumps(journal.path.read_text())

    def test_to_a_cloud_that_is_not_described_leaves_nothing(self, described):
        with pytest.raises(ConfigurationError, match='no cloud "duoble"'), connected("duoble"):
            pass
        assert find_journals() == []
