"""The doctor: what a cloud offers, what a feature's text asks for, and what to set for the rest."""

from types import SimpleNamespace

import pytest
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.images import Image
from stocktake.support.api.microversions import Microversion, VersionRange
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.inspection import doctor
from stocktake.support.inspection.doctor import Capability, Examination, judge
from stocktake.support.inspection.needs import Needs

NOVA = VersionRange(Microversion(2, 1), Microversion(2, 104))
OFFERED = {"compute": NOVA, "placement": VersionRange(Microversion(1, 0), Microversion(1, 39))}


def capability(name, offered, **options):
    return Capability(name, f"{name} title", offered, f"no {name}", f"set {name}", **options)


def test_feature_is_verified_only_with_all_it_needs():
    offered = [capability("stop_host", True), capability("configure", False), capability("hosts", True, amount=3)]
    assert judge("f", Needs(frozenset({"stop_host"}), 3), offered, OFFERED).obstacles == ()
    assert judge("f", Needs(frozenset({"configure"}), 0), offered, OFFERED).obstacles == (
        ("no configure", "set configure"),
    )
    assert judge("f", Needs(frozenset(), 4), offered, OFFERED).obstacles == (
        ("it needs 4 hosts and may use 3", "set hosts"),
    )


def test_without_what_is_essential_nothing_is_verified():
    offered = [capability("image", False, essential=True)]
    assert judge("f", Needs(frozenset(), 0), offered, OFFERED).obstacles == (("no image", "set image"),)


def test_microversion_that_the_cloud_lacks_is_an_obstacle():
    ((why, _),) = judge("f", Needs(frozenset(), 0, {"compute": "2.105"}), [], OFFERED).obstacles
    assert why == "it needs compute API 2.105, and the cloud offers 2.1 to 2.104"
    ((why, _),) = judge("f", Needs(frozenset(), 0, {"placement": "1.40"}), [], OFFERED).obstacles
    assert why == "it needs placement API 1.40, and the cloud offers 1.0 to 1.39"
    assert judge("f", Needs(frozenset(), 0, {"compute": "2.9", "placement": "1.9"}), [], OFFERED).obstacles == ()


def test_flavors_above_the_quota_are_an_obstacle():
    given = capability("project", False, limits={"cores": 20, "ram": 51200, "instances": 10})
    small, huge = ({"cores": 20, "ram": 51200}, {"cores": 1, "ram": 1_000_000_000})
    assert judge("f", Needs(frozenset(), 0, largest=small), [given], OFFERED).obstacles == ()
    assert judge("f", Needs(frozenset(), 0, largest=huge), [given], OFFERED).obstacles == (
        ("some of its flavors exceed the quota of the project (ram 51200)", "set project"),
    )
    unlimited = capability("project", False, limits={"cores": -1, "ram": -1})
    assert judge("f", Needs(frozenset(), 0, largest=huge), [unlimited], OFFERED).obstacles == ()
    own = capability("project", True)
    assert judge("f", Needs(frozenset(), 0, largest=huge), [own], OFFERED).obstacles == ()


class SomeCloud:
    """A cloud where everything is in order until a test says otherwise."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self.settings = SimpleNamespace(
            hosts=("host1",),
            host_groups=(),
            allow_disruptive=True,
            coordinator=None,
            volume=None,
            accelerator="FPGA",
            state=None,
            user_cloud=None,
        )
        self.settings.project, self.settings.network = "own", "none"
        self.settings.refresh_interval, self.settings.periodic_interval = 300.0, None
        self.services = [ComputeService(f"s{n}", f"host{n}", "nova-compute", "up", "enabled") for n in (1, 2)]
        self.versions = {"compute": NOVA, "placement": VersionRange(Microversion(1, 0), Microversion(1, 39))}
        self.image = Image("i-1", "cirros", "active")
        self.control = HttpControl("http://127.0.0.1:1", "t")
        self.hypervisors = [Hypervisor(f"h{n}", f"host{n}", f"host{n}", type="fake") for n in (1, 2)]
        self.aggregates = []
        self.servers = {}
        self.several_cells = False
        self.inventories = {"MEMORY_MB": 1, "DISK_GB": 1}
        self.used = {}
        self.statuses = {}  # of what may not be read, by path
        self.quotas = {"cores": 20, "ram": 51200, "instances": 10}
        self.auth = {"auth_type": "password"}
        self.has_volumes = False
        self.why_no_other_backend = ("which one is not known", "name one")
        self.why_no_guarantees = ("no networking service", "use a cloud with Neutron")

    def capabilities(self):
        region = SimpleNamespace(config=self.auth, get_auth_args=dict)
        target = SimpleNamespace(name="staging", file="clouds.yaml", settings=self.settings, region=region)
        session = SimpleNamespace(
            target=target,
            versions=lambda service: self.versions[service],
            offers=lambda service, version: Microversion.parse(version) in self.versions[service],
            request=lambda _method, _service, path, **_: SimpleNamespace(status=self._status(path)),
            project_id="a-project",
        )
        clients = Clients(session)
        cells = SimpleNamespace(all=lambda: self._or_raise(self.services), in_several_cells=lambda: self.several_cells)
        clients.services = cells
        clients.hypervisors = SimpleNamespace(all=lambda: self.hypervisors, of_host=self._nodes_of)
        clients.quotas = SimpleNamespace(of=lambda project_id: self.quotas)
        clients.servers = SimpleNamespace(all=self._servers_on)
        clients.aggregates = SimpleNamespace(all=lambda: self._or_raise(self.aggregates))
        clients.placement = SimpleNamespace(
            providers=lambda **filters: [],
            inventories=lambda _: SimpleNamespace(inventories=self.inventories, capacity=Resources(self.inventories)),
            usages=lambda _: Resources(self.used),
        )
        clients.images = SimpleNamespace(choose=lambda: self._or_raise(self.image))
        clients.volumes = SimpleNamespace(offered=self.has_volumes)
        clients.volume_types = SimpleNamespace(why_no_other_backend=lambda: self.why_no_other_backend)
        clients.networks = SimpleNamespace(why_no_guarantees=lambda _classes: self.why_no_guarantees)
        clients.accelerators = SimpleNamespace(offered=self.has_volumes)
        self._monkeypatch.setattr(doctor, "control_of", lambda _target: self.control)
        return {capability.name: capability for capability in Examination(clients).capabilities()}

    def _servers_on(self, host, all_projects):
        return [SimpleNamespace(id=f"{name}-id", name=name) for name in self._or_raise(self.servers).get(host, ())]

    def _nodes_of(self, host):
        return [node for node in self.hypervisors if node.host == host]

    def _status(self, path):
        status = self.statuses.get(path.partition("?")[0], 200)
        if status >= 500:
            raise ApiError("broken", service="compute", method="GET", path=path, status=status)
        return status

    def _or_raise(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def cloud(monkeypatch):
    monkeypatch.setattr(doctor, "Leases", lambda coordinator, name, state: None)
    monkeypatch.setattr(HttpControl, "hosts", lambda _self: [])
    monkeypatch.setattr(HttpControl, "option", lambda _self, _option, _group: 1)
    return SomeCloud(monkeypatch)


def test_a_lab_offers_everything(cloud):
    cloud.has_volumes, cloud.why_no_guarantees, cloud.settings.physical_network = True, None, "physnet0"
    cloud.settings.volume_backend, cloud.why_no_other_backend = "ceph-2", None
    offered = cloud.capabilities()
    lacking = {name for name, capability in offered.items() if not capability.offered}
    assert lacking == {"moves", "live_moves"}, "the operator lists one host"
    assert offered["apis"].detail == "compute 2.1 to 2.104, placement 1.0 to 1.39"
    assert offered["image"].detail == "cirros"
    assert offered["volume_backend"].detail == "ceph-2"
    assert (offered["hosts"].amount, offered["hosts"].detail) == (1, "1: host1")


def test_whatever_a_phrase_needs_is_a_capability_or_a_microversion(cloud):
    phrases = [phrase.needs for phrase in load_vocabulary("stocktake.steps").phrases]
    needs = {need for each in phrases if not callable(each) for need in each}
    capabilities = {need for need in needs if " " not in need}
    assert capabilities
    assert capabilities <= set(cloud.capabilities())
    assert {need.partition(" ")[0] for need in needs - capabilities} == {"compute", "placement"}


def test_clouds_without_control_say_what_to_set(cloud):
    cloud.control = CommandControl({"return_host": "true {host}"}, cloud="staging")
    cloud.settings.allow_disruptive = False
    offered = cloud.capabilities()
    missing = {name for name, capability in offered.items() if not capability.offered}
    assert missing == {
        *("disruption", "stop_host", "fail_host", "lose_guests", "drop_messages", "run_periodic", "read_log"),
        *("add_host", "configure", "lab"),
        *(
            "libvirt",
            "volumes",
            "block_storage",
            "volume_backend",
            "ports",
            "accelerators",
            "moves",
            "live_moves",
            "same_host",
        ),
    }
    assert all(offered[name].remedy for name in missing)
    assert "allow_resize_to_same_host = true in nova.conf" in offered["same_host"].remedy
    assert '"stop_host" under "stocktake: control:"' in offered["stop_host"].remedy
    assert "{guests}" in offered["lose_guests"].remedy


def test_computes_that_never_read_their_providers_again_are_named(cloud):
    cloud.settings.refresh_interval = 0.0
    assert cloud.capabilities()["refresh"].offered, "a lab reads them with each periodic task"
    cloud.control = CommandControl({}, cloud="staging")
    assert "refresh_interval" in cloud.capabilities()["refresh"].remedy


def test_old_apis_are_named(cloud):
    cloud.versions["compute"] = VersionRange(Microversion(2, 1), Microversion(2, 42))
    apis = cloud.capabilities()["apis"]
    assert not apis.offered
    assert "compute 2.53" in apis.remedy
    assert "placement" not in apis.remedy


def test_hosts_that_cannot_be_used_are_named(cloud):
    cloud.settings.hosts = ("host2", "host9")
    cloud.services[1] = ComputeService("s2", "host2", "nova-compute", "down", "enabled")
    hosts = cloud.capabilities()["hosts"]
    assert not hosts.offered
    assert "not up and enabled, or unknown to Nova: host2, host9" in hosts.detail


def test_without_a_list_all_usable_hosts_count(cloud):
    cloud.settings.hosts = None
    offered = cloud.capabilities()
    assert (offered["hosts"].amount, offered["hosts"].detail) == (2, "2: host1, host2")
    assert [offered[name].amount for name in ("moves", "live_moves")] == [2, 2]


def test_hosts_are_shown_by_groups_that_can_exchange_servers(cloud):
    cloud.settings.hosts = None
    cloud.services.append(ComputeService("s3", "host3", "nova-compute", "up", "enabled"))
    cloud.hypervisors = [
        Hypervisor("h1", "host1", "host1", type="fake", version=1),
        Hypervisor("h2", "host2", "host2", type="fake", version=2),
        Hypervisor("h3", "host3", "host3", type="ironic"),
    ]
    offered = cloud.capabilities()
    assert offered["hosts"].detail == "2: host1, host2; not usable: host3 (bare metal)"
    assert (offered["moves"].detail, offered["moves"].offered) == ("the largest group has 2: host1, host2", True)
    assert offered["live_moves"].detail == "the largest group has 1: host1 (version 1)"
    assert not offered["live_moves"].offered
    assert '"host_groups:"' in offered["live_moves"].remedy


def test_hosts_with_servers_of_others_are_told_where_hosts_may_be_disrupted(cloud):
    cloud.servers = {"host1": ["db", "stocktake-0123456789ab-1-web"]}
    detail = cloud.capabilities()["disruption"].detail
    assert 'may be unverified: host "host1" runs 1 server that Stocktake did not create (such as db-id); move' in detail
    cloud.settings.allow_disruptive = False
    assert not cloud.capabilities()["disruption"].offered


def test_whether_others_have_servers_there_is_unknown_where_these_may_not_be_listed(cloud):
    cloud.servers = ApiError("no", service="compute", method="GET", path="/", status=403)
    found = cloud.capabilities()["disruption"]
    assert found.offered
    assert "may be unverified, because policies do not let its user list the servers of others" in found.detail
    cloud.servers = ApiError("broken", service="compute", method="GET", path="/", status=500)
    with pytest.raises(CloudError, match="broken"):
        cloud.capabilities()


def test_hosts_for_zones_of_their_own_are_in_none(cloud):
    cloud.settings.hosts = None
    cloud.aggregates = [HostAggregate(1, None, "east", "east", ("host1",), {"availability_zone": "east"})]
    assert cloud.capabilities()["own_zones"].detail == "1: host2"
    cloud.settings.hosts = ("host1",)
    lacking = cloud.capabilities()["own_zones"]
    assert not lacking.offered
    assert "outside any availability zone" in lacking.remedy


def test_hosts_of_several_cells_may_not_exchange_servers_unless_the_operator_says_so(cloud):
    cloud.settings.hosts, cloud.several_cells = None, True
    offered = cloud.capabilities()
    for need in ("moves", "live_moves"):
        assert (offered[need].offered, offered[need].amount) == (False, 0)
        assert offered[need].detail == "no API shows which hosts are in the same cell"
    cloud.settings.host_groups = (("host1", "host2"),)
    assert cloud.capabilities()["moves"].amount == 2


def test_hosts_that_lack_what_servers_need_are_not_usable(cloud):
    cloud.inventories = {"MEMORY_MB": 1}
    assert cloud.capabilities()["hosts"].detail.endswith("not usable: host1 (no inventory of DISK_GB)")


def test_hosts_whose_aggregates_may_not_be_read_are_counted(cloud):
    cloud.aggregates = ApiError("no", service="compute", method="GET", path="/", status=403)
    assert cloud.capabilities()["hosts"].amount == 1


def test_servers_that_move_need_hosts_that_can_exchange_them():
    offered = [capability("hosts", True, amount=3), capability("moves", True, amount=2)]
    needs = Needs(frozenset(), 3, {}, {"moves": 3})
    assert judge("f", needs, offered, OFFERED).obstacles == (
        ("it needs 3 hosts that can exchange servers, and no moves", "set moves"),
    )
    assert judge("f", Needs(frozenset(), 3, {}, {"moves": 2}), offered, OFFERED).obstacles == ()
    assert len(judge("f", Needs(frozenset(), 4, {}, {"moves": 4}), offered, OFFERED).obstacles) == 1


def test_user_who_is_no_administrator_is_told_so(cloud):
    cloud.services = ApiError("no", service="compute", method="GET", path="/", status=403)
    cloud.statuses = {"/os-services": 403, "/traits": 403}
    offered = cloud.capabilities()
    assert offered["administrator"].detail == "policies do not let its user list compute services, traits"
    assert not offered["administrator"].offered
    assert not offered["hosts"].offered
    assert 'let cloud "staging" of clouds.yaml authenticate as a user with the role' in offered["administrator"].remedy


def test_any_other_failure_is_the_clouds(cloud):
    cloud.statuses = {"/os-services": 500}
    with pytest.raises(CloudError, match="broken"):
        cloud.capabilities()


def test_missing_image_is_told_in_the_clouds_words(cloud):
    cloud.image = Unverified('cloud "staging" has no image "x"', "upload one")
    assert cloud.capabilities()["image"].detail == 'cloud "staging" has no image "x"'


def test_coordinator_that_fails_is_told(cloud, monkeypatch):
    def fail(coordinator, name, state):
        raise CloudError("the coordinator of leases, redis://x, cannot be reached")

    monkeypatch.setattr(doctor, "Leases", fail)
    leases = cloud.capabilities()["leases"]
    assert "cannot be reached" in leases.detail
    assert '"coordinator:"' in leases.remedy


def test_named_volume_is_as_good_as_block_storage(cloud):
    cloud.settings.volume = "v-1"
    assert cloud.capabilities()["volumes"].offered


def test_ports_guarantee_something_where_nothing_is_lacking(cloud):
    lacking = cloud.capabilities()["ports"]
    assert (lacking.offered, lacking.detail, lacking.remedy) == (False, *cloud.why_no_guarantees)
    cloud.why_no_guarantees = None
    cloud.settings.physical_network = "physnet7"
    found = cloud.capabilities()["ports"]
    assert (found.offered, found.detail) == (True, "on physical network physnet7")


def test_control_endpoint_that_nobody_answers_at_offers_nothing(cloud, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "Leases", lambda coordinator, name, state: None)
    offered = cloud.capabilities()
    for name in (*doctor.CONTROLLED, "lab"):
        assert not offered[name].offered
        assert 'correct "url" under "stocktake: control:"' in offered[name].remedy


def test_driver_is_offered_where_a_host_has_it(cloud):
    cloud.control = CommandControl({}, cloud="staging")
    cloud.hypervisors[0] = Hypervisor("h1", "host1", "host1", type="QEMU")
    offered = cloud.capabilities()
    assert offered["libvirt"].offered
    assert not offered["fake"].offered, "host2 may not be used"
    cloud.settings.hosts = ("host1", "host2")
    offered = cloud.capabilities()
    assert offered["libvirt"].offered
    assert offered["fake"].offered
    assert offered["libvirt"].detail == "hypervisors are of type fake, qemu"


def test_users_are_made_or_named(cloud):
    cloud.statuses = {"/users": 403}
    assert 'name it as "user_cloud"' in cloud.capabilities()["users"].remedy
    cloud.settings.user_cloud = "staging-user"
    offered = cloud.capabilities()
    assert offered["users"].detail == "cloud staging-user"
    assert not offered["quotas"].offered, "that project is not ours"


def test_free_resources_of_usable_hosts_are_shown(cloud):
    cloud.inventories = {"MEMORY_MB": 4096, "DISK_GB": 10, "VGPU": 1}
    cloud.used = {"MEMORY_MB": 1024}
    room = cloud.capabilities()["room"]
    assert room.detail.startswith("host1: MEMORY_MB 3072, DISK_GB 10; where a flavor does not fit, scenarios may be")
    assert "free resources there, or list other hosts" in room.detail


class TestProject:
    def test_may_be_the_runs_own(self, cloud):
        project = cloud.capabilities()["project"]
        assert (project.offered, project.limits) == (True, {})
        assert project.detail == "if Keystone and Nova let the run create it"

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda cloud: setattr(cloud.settings, "project", "given"), '"project: given" is set'),
            (lambda cloud: setattr(cloud.settings, "network", "auto"), "a new project has no network"),
            (lambda cloud: cloud.auth.update(auth_type="v3applicationcredential"), '"v3applicationcredential" cannot'),
            (lambda cloud: cloud.statuses.update({"/projects": 403}), "Keystone does not let this user list projects"),
            (
                lambda cloud: cloud.aggregates.append(
                    HostAggregate(1, None, "tenants", None, ("host1",), {"filter_tenant_id": "x"})
                ),
                'aggregate "tenants" with host "host1" is restricted to projects (filter_tenant_id)',
            ),
        ],
        ids=["setting", "network", "application credential", "Keystone", "aggregate"],
    )
    def test_is_the_given_one_with_its_quotas(self, cloud, change, why):
        change(cloud)
        project = cloud.capabilities()["project"]
        assert not project.offered
        assert why in project.detail
        assert project.detail.endswith("with quotas: cores 20, ram 51200, instances 10")
        assert project.limits == cloud.quotas
        assert "openstack quota set" in project.remedy

    def test_of_hosts_that_are_not_used_may_be_restricted(self, cloud):
        cloud.aggregates.append(HostAggregate(1, None, "tenants", None, ("host2",), {"filter_tenant_id": "x"}))
        assert cloud.capabilities()["project"].offered
