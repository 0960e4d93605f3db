"""`stocktake audit` on a real cloud: each kind of damage is found, and servers in all states are accused of nothing.

Beside it stands what `nova-manage placement audit` says of the same: it looks at consumers that hold one of some
classes on a provider, and asks whether such a server or migration is on the compute node of the provider's root.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from ages import OLD
from damages_of_a_cloud import ADDRESS, DISK, FPGA, Planter
from furnished_cloud import BANDWIDTH, SERVERS, SHARE, Audit, Cloud
from stocktake.support import lab
from stocktake.support.accounting.findings import Rule
from stocktake.support.accounting.rendering import render
from stocktake.support.lab.shape import Shape

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

import proxy

pytestmark = pytest.mark.lab  # one of its own, which is damaged

SOFT_DELETION = {"nova": {"DEFAULT": {"reclaim_instance_interval": 3600}}}
OF_MORE_SERVICES = {Rule.ATTACHMENT, Rule.VOLUME_STATUS, Rule.ACCELERATOR, Rule.DEVICE_PROFILE}
"""About what a plain lab has not; `test_audit_of_more_services.py` plants that."""
NOT_PLANTED = {Rule.USAGE, *OF_MORE_SERVICES}
"""Usages are added up whenever they are read, so that these cannot be wrong."""
STATUSES = ("ACTIVE", "ERROR", "SHELVED_OFFLOADED", "SHUTOFF", "SOFT_DELETED", "VERIFY_RESIZE")
HEALTHY = {
    "server whose disk is on shared storage": "can be deleted",
    "server with bandwidth on its host's bridge": "",
    "port of another service": "can be deleted",
    "lease of another service, on a compute node": "can be deleted",
    "accelerator of an unknown consumer": "",
    "address of an unknown consumer": "",
}
"""What is in order beside the servers, or cannot be told, and what nova-manage says of it."""

DAMAGED = """
| damage                                 | stocktake audit                   | nova-manage placement audit |
| renamed host                           | host-without-service              |                             |
| orphan on a compute node               | unknown-consumer                  | can be deleted              |
| orphaned VGPU on a child               | unknown-consumer                  | can be deleted              |
| orphaned bandwidth on a bridge         | unknown-consumer                  | can be deleted              |
| orphaned disk on shared storage        | unknown-consumer                  | can be deleted              |
| accelerator of a deleted server        | unknown-consumer                  |                             |
| address of a deleted server, no host's | unknown-consumer                  |                             |
| on another host                        | other-host                        | can be deleted              |
| on two hosts                           | doubled-allocation                | can be deleted              |
| bandwidth left on a former host        | doubled-allocation                | can be deleted              |
| holds nothing                          | missing-allocation                |                             |
| offloaded                              | offloaded-server                  | can be deleted              |
| offloaded, disk left on shared storage | offloaded-server                  | can be deleted              |
| failed boot                            | failed-boot                       | can be deleted              |
| finished migration                     | finished-migration                | can be deleted              |
| finished migration, VGPU on a child    | finished-migration                | can be deleted              |
| wrong amounts                          | unexplained-amounts               |                             |
| disk also on shared storage            | unexplained-amounts               | can be deleted              |
| wrong class: a VGPU                    | unexplained-amounts               |                             |
| wrong amounts of a soft-deleted server | unexplained-amounts               |                             |
| another project is charged             | other-project                     |                             |
| another user is charged                | other-user                        |                             |
| over capacity                          | capacity-exceeded                 |                             |
| inventory set by hand                  | inventory-differs-from-hypervisor |                             |
| Nova counts servers that are gone      | hypervisor-figures-differ         |                             |
| compute node without a provider        | compute-node-without-provider     |                             |
| provider without a compute node        | provider-without-compute-node     |                             |
| service without a compute node         | service-without-compute-node      |                             |
"""

DOUBTED = {"zed": set(), "least": {"port of another service", "lease of another service, on a compute node"}}
"""What is probably a leak where Placement does not tell types of consumers (before 1.38)."""
REASONS = {"zed": {"flavor-gone", "other-service"}, "least": {"old-api", "other-service"}}
"""Why something is not judged."""
MISSED = {"zed": set(), "least": {"finished-migration"}}
"""What Nova does not tell: a migration's uuid (before 2.59)."""


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    running = lab.start(hosts=6, owner=os.getpid(), shape=Shape(options=SOFT_DELETION, cells=(4, 2)))
    try:
        furnished = Cloud(running)
        furnished.populate()
        furnished.furnish()
        yield furnished
    finally:
        running.stop()


@pytest.fixture(scope="module")
def healthy(cloud: Cloud) -> dict[str, str]:
    """Consumers that are in order, by what they are."""
    on_first = next(one for one in cloud.servers("ACTIVE") if one.host in (cloud.near, cloud.far))
    bridge = cloud.children[f"{on_first.host}:Open vSwitch agent:br-physnet0"]
    cloud.hold(on_first.id, {bridge: BANDWIDTH}, add=True)
    sharing = next(one for one in cloud.servers("SHUTOFF"))
    home = cloud.provider(str(sharing.host))
    cloud.hold(sharing.id, {home: SHARE.without(["DISK_GB"]), cloud.children["shared-storage"]: DISK})
    card = cloud.children[f"{cloud.near}_FPGA_0000:3b:00.0"]
    return {
        "server whose disk is on shared storage": sharing.id,
        "server with bandwidth on its host's bridge": on_first.id,
        "port of another service": cloud.hold_as("PORT", bridge, BANDWIDTH),
        "lease of another service, on a compute node": cloud.hold_as("LEASE", cloud.provider(cloud.near), SHARE),
        "accelerator of an unknown consumer": cloud.hold(str(uuid4()), {card: FPGA}),
        "address of an unknown consumer": cloud.hold(str(uuid4()), {cloud.children["subnet"]: ADDRESS}),
    }


def test_thirty_servers_in_all_states_are_in_order(cloud: Cloud, healthy: dict[str, str]) -> None:
    statuses = {status: len(cloud.servers(status) + cloud.servers(status, cell=2)) for status in STATUSES}
    assert sum(statuses.values()) == SERVERS
    assert all(statuses.values()), statuses
    audit = cloud.audit()
    assert (audit.status, audit.findings) == (0, [])
    assert {one["reason"] for one in audit.not_judged} == {"flavor-gone", "other-service"}


def test_each_kind_of_damage_is_found_and_nothing_else(cloud: Cloud, healthy: dict[str, str]) -> None:
    damages = list(Planter(cloud, spared=set(healthy.values())).plant())
    assert {damage.rule for damage in damages} == set(Rule) - NOT_PLANTED
    deletable = cloud.nova_manage_audit()
    audit = cloud.audit()
    rows = [
        [
            damage.kind,
            damage.rule.value if (damage.rule.value, damage.subject) in audit.found else "",
            "can be deleted" if damage.subject in deletable else "",
        ]
        for damage in damages
    ]
    assert audit.found == {(damage.rule.value, damage.subject) for damage in damages}
    assert {kind: "can be deleted" if who in deletable else "" for kind, who in healthy.items()} == HEALTHY
    assert render(["damage", "stocktake audit", "nova-manage placement audit"], rows) == DAMAGED.strip()
    assert audit.status == 1


@pytest.mark.parametrize("age", list(OLD))
def test_an_older_cloud_is_told_the_same_as_far_as_its_apis_can_tell(
    cloud: Cloud, healthy: dict[str, str], tmp_path: Path, age: str
) -> None:
    newest = cloud.audit()
    with proxy.before(cloud.lab.clouds_yaml, tmp_path / "clouds.yaml", rate=0.0, ceilings=OLD[age]) as older:
        audit = cloud.audit(tmp_path / "clouds.yaml")
    assert older.beyond == []
    doubted = {subject for _, subject in audit.found - newest.found}
    assert doubted - missed(newest, audit) == {healthy[kind] for kind in DOUBTED[age]}
    assert {rule for rule, _ in newest.found - audit.found} == MISSED[age]
    not_judged = {consumer for one in audit.not_judged for consumer in one["consumers"]}
    assert missed(newest, audit) <= doubted | not_judged, "it tells less of it, but it tells of it"
    accused = {(one["rule"], one["consumer"]) for one in audit.findings if one["certainty"] == "certain"}
    assert accused.isdisjoint(audit.found - newest.found), "what cannot be told is never certain"
    assert {one["reason"] for one in audit.not_judged} == REASONS[age]


def missed(newest: Audit, older: Audit) -> set[str]:
    """What the newest APIs tell, and older ones do not."""
    return {subject for _, subject in newest.found - older.found}


def test_what_a_cell_that_is_down_hides_is_not_judged(cloud: Cloud) -> None:
    before = cloud.audit().found
    of_second_cell = {one.id for status in STATUSES for one in cloud.servers(status, cell=2)}
    cloud.control.lose_cell(2)
    audit = cloud.audit()
    hidden = {consumer for one in audit.not_judged if one["reason"] == "cell-down" for consumer in one["consumers"]}
    assert of_second_cell <= hidden
    assert audit.found < before, "a cell that is down accuses nobody"
    assert cloud.nova_manage_audit() >= of_second_cell, "it takes what it cannot see for deleted"
