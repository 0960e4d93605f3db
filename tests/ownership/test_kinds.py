"""The kinds together, and users and projects: what is recognised as the run's and what is not."""

from types import SimpleNamespace

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.server_groups import ServerGroup
from stocktake.support.api.images import Image
from stocktake.support.api.placement.values import Provider
from stocktake.support.ownership.kinds.identities import PROJECT, USER
from stocktake.support.ownership.kinds.registry import KINDS

from tests.ownership.fakes import (
    FOREIGN,
    MARK,
    Cloud,
    Fakes,
    failing,
    lab,
    ours,
    service,
    undone,
)


def test_every_kind_has_a_name_of_its_own_and_the_sweep_an_order():
    assert all(kind.name == name for name, kind in KINDS.items())
    order = list(KINDS)
    for earlier, later in [
        ("host-stopped", "server"),
        ("server", "flavor"),
        ("server", "lab-host"),
        ("volume", "image"),
        ("volume", "volume-type"),
        ("provider-trait", "trait"),
        ("provider", "resource-class"),
        ("server", "nested-provider"),
        ("nested-provider", "lab-host"),
        ("user", "project"),
    ]:
        assert order.index(earlier) < order.index(later)


def test_user_and_project_are_deleted_by_id():
    deleted = []
    session = SimpleNamespace(
        get=lambda service, path, params: {
            path[1:]: [{"name": MARK.name("u"), "id": "id-1"}, {"name": "bob", "id": "2"}]
        },
        request=lambda method, service, path: deleted.append(path),
    )
    cloud = Cloud(session=session)
    undone(cloud, USER, MARK.name("u"))
    undone(cloud, PROJECT, MARK.name("u"))
    assert deleted == ["/users/id-1", "/projects/id-1"]
    assert cloud.quotas.changes == [("reset", "id-1")]
    assert cloud.volumes.changes == [("reset_quotas", "id-1")]
    assert cloud.networks.changes == [("delete_security_groups", "id-1")]


def test_project_is_deleted_where_quotas_cannot_be():
    """A user that may not set quotas has not set any."""
    deleted = []
    session = SimpleNamespace(
        get=lambda service, path, params: {"projects": [{"name": MARK.name("u"), "id": "id-1"}]},
        request=lambda method, service, path: deleted.append(path),
    )
    forbidden = Fakes(reset=failing(403), reset_quotas=failing(403))
    undone(Cloud(session=session, quotas=forbidden, volumes=forbidden), PROJECT, MARK.name("u"))
    assert deleted == ["/projects/id-1"]


def test_listing_finds_what_carries_a_mark_and_nothing_else():
    cloud = Cloud(
        services=Fakes(all=[service(), service(status="disabled", disabled_reason=MARK.name("x"))]),
        servers=Fakes(all=[*FOREIGN[:3], ours(), ours("db", id="uuid-2")]),
        flavors=Fakes(all=[Flavor("m1", 1, 1, 1, 0, 0, {}, "1"), Flavor(MARK.name("f"), 1, 1, 1, 0, 0, {}, "2")]),
        aggregates=Fakes(all=[HostAggregate(2, None, "rack1", None, ("host1",), {})]),
        server_groups=Fakes(all=[ServerGroup("g-1", "somebody-elses")]),
        placement=Fakes(providers=[Provider("p-0", "host1", 1), Provider("p-1", MARK.name("numa"), 1)]),
        traits=Fakes(all=[MARK.trait("gold")]),
        resource_classes=Fakes(all=["VCPU", "CUSTOM_GPU"]),
        images=Fakes(all=[Image("i-2", "stocktakers-image", "active")]),
        volumes=SimpleNamespace(offered=False),
        volume_types=Fakes(all={"fast": "t-1", MARK.name("fast"): "t-2"}, offered=True),
        accelerators=Fakes(profiles=[SimpleNamespace(id="d-1", name=MARK.name("card"))], offered=True),
        networks=Fakes(all=[("n-1", "somebody-elses"), ("n-2", MARK.name("link"))], offered=True),
        session=Fakes(get=lambda service, path, params: {path[1:]: [{"name": MARK.name("u"), "id": "1"}]}),
        control=lab(),
    )
    listed = {name: list(kind.list_marked(cloud)) for name, kind in KINDS.items() if kind.list_marked}
    assert {name: [one.id or one.name for one in found] for name, found in listed.items() if found} == {
        "service-disabled": ["s-1"],
        "server": ["uuid-1", "uuid-2"],
        "port": ["n-2"],
        "network": ["n-2"],
        "qos-policy": ["n-2"],
        "volume-type": ["t-2"],
        "flavor": ["2"],
        "device-profile": ["d-1"],
        "provider": ["p-1"],
        "trait": [MARK.trait("gold")],
        "user": ["1"],
        "project": ["1"],
    }
