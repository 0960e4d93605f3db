"""The provider trees of a scenario: of its hosts and its shared storage, read once unless Nova may change them."""

from collections import Counter
from types import SimpleNamespace

import pytest
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.scenario.state.trees import ProviderTrees


class Placement:
    """Has one provider in each tree, and counts how often each was asked for."""

    def __init__(self):
        self.asked = Counter()

    def tree(self, root):
        self.asked[root] += 1
        return [SimpleNamespace(uuid=root)]

    def inventories(self, provider):
        self.asked[f"inventories of {provider}"] += 1
        return SimpleNamespace(inventories={})


@pytest.fixture
def placement():
    return Placement()


@pytest.fixture
def trees(placement):
    return ProviderTrees(placement, Roles([ComputeHost("cmp-1", "cmp-1", "rp-1")]))


def test_trees_of_hosts_are_read_once(trees, placement):
    assert [list(trees.all()) for _ in range(2)] == [["rp-1"]] * 2
    assert placement.asked["rp-1"] == 1


def test_shared_storage_is_a_tree_of_its_own(trees):
    trees.shared["rp-nfs"] = "nfs"
    assert list(trees.all()) == ["rp-1", "rp-nfs"]
    assert list(trees.inventories()) == ["rp-1", "rp-nfs"]


def test_a_changing_tree_is_read_each_time_with_its_inventories(trees, placement):
    trees.changing.add("rp-1")
    for _ in range(2):
        trees.inventories()
    assert (placement.asked["rp-1"], placement.asked["inventories of rp-1"]) == (2, 2)
