"""Compute hosts: what Nova and Placement say that decides who can use them, and how often they are asked."""

import pytest
from stocktake.support.api.placement.values import Inventory

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def hosts(accounts):
    """Two hosts of the real Placement."""
    return [accounts.host("cmp-1"), accounts.host("cmp-2")]


@pytest.fixture
def groups(cloud, hosts):
    """Groups the two hosts anew, and returns their names by what is said of the group."""

    def grouped(exchange="live", of=cloud):
        shown = of.compute_hosts.grouped([host.service for host in hosts], exchange)
        short = {host.service: f"cmp-{number}" for number, host in enumerate(hosts, 1)}
        groups = {tuple(short[name] for name in group.hosts): group for group in shown.groups}
        return groups, {short[name]: reason for name, reason in shown.unusable.items()}

    return grouped


def test_hosts_alike_are_one_group_and_one_listing_tells_of_them_all(groups, hosts, apis):
    found, unusable = groups()
    assert (list(found), unusable) == ([("cmp-1", "cmp-2")], {})
    assert len(apis.asked("GET .*/os-hypervisors/detail.*")) == 1
    groups()
    assert len(apis.asked("GET .*/os-(hypervisors|aggregates).*")) == 2


def test_hosts_that_the_operator_lists_are_asked_for_one_by_one(open_cloud, groups, hosts, apis):
    groups(of=open_cloud(hosts=[host.service for host in hosts]))
    assert apis.asked("GET .*limit=200") == []


def test_a_zone_keeps_hosts_apart(groups, nova, hosts):
    nova.aggregate("east", hosts[0], zone="east", availability_zone="east")
    found, _ = groups("cold")
    assert [(names, group.zone) for names, group in found.items()] == [(("cmp-2",), None), (("cmp-1",), "east")]


def test_a_zone_that_a_run_has_made_keeps_nothing_apart(groups, nova, hosts, cloud):
    name = cloud.mark.name("1-east")
    nova.aggregate(name, hosts[0], zone=name, availability_zone=name)
    assert list(groups()[0]) == [("cmp-1", "cmp-2")]


def test_an_aggregate_that_requires_a_trait_is_used_with_that_trait(groups, nova, hosts, accounts):
    accounts.traits.create("CUSTOM_GOLD")
    for host in hosts:
        accounts.traits.add(host.provider, "CUSTOM_GOLD")
    nova.aggregate("gold", *hosts, **{"trait:CUSTOM_GOLD": "required", "trait:CUSTOM_LEAD": "forbidden"})
    ((_, group),) = groups()[0].items()
    assert group.traits == {"CUSTOM_GOLD"}


def test_an_aggregate_that_requires_a_trait_closes_hosts_without_it(groups, nova, hosts, accounts):
    accounts.traits.create("CUSTOM_IRON")
    accounts.traits.add(hosts[0].provider, "CUSTOM_IRON")
    nova.aggregate("iron", *hosts, **{"trait:CUSTOM_IRON": "required"})
    found, unusable = groups()
    assert list(found) == [("cmp-1",)]
    assert unusable == {"cmp-2": "an aggregate requires CUSTOM_IRON, which its resource provider lacks"}


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"filter_tenant_id": "theirs, others"}, 'aggregate "special" admits only other projects'),
        ({"filter_tenant_id": "theirs", "filter_tenant_id2": "a-project"}, None),
        ({"instance_type": "m1.tiny"}, 'aggregate "special" admits only certain flavors'),
        ({"os_type": "windows"}, 'aggregate "special" admits only images with os_type=windows'),
        ({"os_type": "windows,linux"}, None),
        ({"ssd": "true", "availability_zone": "east"}, None),
    ],
)
def test_an_aggregate_that_does_not_admit_the_run_closes_its_hosts(groups, nova, hosts, apis, metadata, reason):
    image = {"id": "i", "name": "cirros", "status": "active", "size": 512, "visibility": "public", "os_type": "linux"}
    apis.answer("GET", "/image/v2/images", apis.say(body={"images": [image]}))
    nova.aggregate("special", hosts[0], **metadata)
    assert groups()[1] == ({"cmp-1": reason} if reason else {})


def test_hosts_of_certain_projects_are_not_for_the_users_of_scenarios(cloud, nova, hosts):
    nova.aggregate("ours", hosts[0], filter_tenant_id="a-project")
    services = [host.service for host in hosts]
    grouping = cloud.compute_hosts.grouped(services, "cold")
    assert grouping.largest == 2
    assert dict(grouping.fit_for({"users"}).unusable) == {services[0]: 'aggregate "ours" admits only certain projects'}


def test_bare_metal_and_hosts_of_several_nodes_are_not_usable(groups, nova, hosts, cloud):
    first, second = hosts
    nova.host(first.service, node=first.node, uuid=first.provider, hypervisor={"hypervisor_type": "ironic"})
    node = {"id": "n-2", "hypervisor_hostname": "n-2", "service": {"host": second.service}}
    nova._nodes["another"] = node
    nova._tell_nodes()
    assert groups() == ({}, {"cmp-1": "bare metal", "cmp-2": "2 compute nodes"})


def test_hosts_on_shared_storage_are_not_usable(groups, hosts, accounts):
    placement = accounts.placement
    shared = placement.create_provider(f"nfs-of-{hosts[0].service}")
    placement.set_inventories(shared.uuid, {"DISK_GB": Inventory(1000)})
    accounts.traits.add(shared.uuid, "MISC_SHARES_VIA_AGGREGATE")
    for provider in (shared.uuid, hosts[0].provider):
        placement.set_provider_aggregates(provider, [shared.uuid])
    try:
        found, unusable = groups()
    finally:
        placement.delete_provider(shared.uuid)
    assert list(found) == [("cmp-2",)]
    assert unusable == {"cmp-1": f'shared storage of resource provider "{shared.name}"'}


def test_what_a_host_lacks_is_asked_for_once(cloud, hosts, accounts):
    accounts.placement.set_inventories(hosts[1].provider, {"PCPU": Inventory(8), "MEMORY_MB": Inventory(8192)})
    cloud.session.exchanges.clear()
    for _ in range(2):
        assert cloud.compute_hosts.lacks(hosts[0].service) is None
        assert cloud.compute_hosts.lacks(hosts[1].service) == "no inventory of DISK_GB"
    asked = [exchange for exchange in cloud.session.exchanges if "inventories" in exchange.path]
    assert len(asked) == 2


def test_hosts_of_a_driver_are_found(cloud, nova, hosts):
    nova.host(hosts[0].service, node=hosts[0].node, uuid=hosts[0].provider, hypervisor={"hypervisor_type": "QEMU"})
    services = [host.service for host in hosts]
    assert cloud.compute_hosts.of_drivers(services, {"libvirt", "moves"}) == services[:1]
    assert cloud.compute_hosts.of_drivers(services, {"moves"}) == services


def test_cpus_are_compared_without_their_number(groups, nova, hosts):
    def tell(host, **cpu):
        shown = {"hypervisor_type": "QEMU", "cpu_info": {"arch": "x86_64", "model": "EPYC", **cpu}}
        nova.host(host.service, node=host.node, uuid=host.provider, hypervisor=shown)

    tell(hosts[0], features=["avx", "sse"], topology={"cores": 4})
    tell(hosts[1], features=["sse", "avx"], topology={"cores": 8})
    assert list(groups()[0]) == [("cmp-1", "cmp-2")]


def test_cpus_with_other_features_are_apart_for_live_migration_alone(open_cloud, groups, nova, hosts):
    for host, features in zip(hosts, (["avx"], []), strict=True):
        shown = {"cpu_info": {"arch": "x86_64", "features": features}}
        nova.host(host.service, node=host.node, uuid=host.provider, hypervisor=shown)
    assert list(groups("live")[0]) == [("cmp-1",), ("cmp-2",)]
    assert list(groups("cold")[0]) == [("cmp-1", "cmp-2")]
