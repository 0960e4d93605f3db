"""Networks, ports and QoS policies: how each is found and undone."""

import pytest
from stocktake.support.ownership.kinds.networks import NETWORK, PORT, PORT_POLICY, QOS_POLICY

from tests.ownership.fakes import MARK, OTHER, Cloud, Fakes, swept

OURS = MARK.name("gold")


def networks(**answers):
    return Fakes(offered=True, **answers)


@pytest.mark.parametrize(
    ("kind", "called", "said"),
    [(NETWORK, "network", "network"), (PORT, "port", "port"), (QOS_POLICY, "policy", "QoS policy")],
)
def test_what_carries_the_mark_is_deleted(kind, called, said):
    there = networks(named=[("id-1", OURS), ("id-2", OTHER.name("gold"))])
    assert swept(Cloud(networks=there), kind, OURS) == [f"delete {said} {OURS} (id-1)"]
    assert there.changes == [("delete", called, "id-1")]


def test_all_that_carry_a_mark_are_listed():
    there = networks(all=[("id-1", OURS), ("id-2", "another")])
    assert [str(one) for one in PORT.list_marked(Cloud(networks=there))] == [f"delete port {OURS} (id-1)"]


def test_a_port_gets_its_former_policy_back():
    there = networks(named=[("id-1", OURS)])
    assert swept(Cloud(networks=there), PORT_POLICY, OURS, "id-1", former="q-1") == [
        f"restore the QoS policy of port {OURS} (id-1)"
    ]
    assert there.changes == [("set_policy", "id-1", "q-1")]
