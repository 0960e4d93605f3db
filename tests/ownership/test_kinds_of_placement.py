"""Inventories, traits, providers and resource classes: how each is found and undone."""

from types import SimpleNamespace

import pytest
from stocktake.support.api.placement.values import Inventory, Provider, ProviderInventories
from stocktake.support.ownership.kinds.kind import Leaked
from stocktake.support.ownership.kinds.placement import INVENTORY, PROVIDER, PROVIDER_TRAIT, RESOURCE_CLASS, TRAIT

from tests.ownership.fakes import (
    MARK,
    Cloud,
    Fakes,
    conflict,
    lab,
    not_found,
    swept,
    undo,
    undone,
)

BEFORE, SET = Inventory(32, allocation_ratio=4.0), Inventory(32, allocation_ratio=2.0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (SET, BEFORE),
        (BEFORE, None),
        (Inventory(32, allocation_ratio=8.0), None),  # the operator has changed it since
        (Inventory(32, reserved=2, allocation_ratio=2.0), Inventory(32, reserved=2, allocation_ratio=4.0)),
        (None, None),
    ],
    ids=["as set", "as before", "changed since", "another field changed since", "gone"],
)
def test_only_what_is_still_as_the_run_set_it_is_set_back_in_an_inventory(now, expected):
    placement = Fakes(inventories=ProviderInventories(3, {"VCPU": now} if now else {}))
    details = {"provider": "p-1", "was": BEFORE.as_json(), "set": SET.as_json()}
    undone(Cloud(placement=placement), INVENTORY, "VCPU", **details)
    assert placement.changes == ([("set_inventory", "p-1", "VCPU", expected)] if expected else [])


@pytest.mark.parametrize(("now", "expected"), [(SET, [("set_inventory", "p-1", "VCPU", BEFORE)]), (BEFORE, [])])
def test_inventory_of_a_journal_that_does_not_say_what_was_set_is_set_back(now, expected):
    placement = Fakes(inventories=ProviderInventories(3, {"VCPU": now}))
    swept(Cloud(placement=placement), INVENTORY, "VCPU", provider="p-1", was=BEFORE.as_json())
    assert placement.changes == expected


def test_inventory_of_a_provider_that_is_gone_is_gone():
    cloud = Cloud(placement=Fakes(inventories=not_found))
    assert undone(cloud, INVENTORY, "VCPU", provider="p-1", was={}, set={}) == []


def test_own_trait_is_taken_off_and_a_foreign_one_never():
    traits = Fakes(of_provider=frozenset({MARK.trait("gold"), "CUSTOM_RACK", "OWNER_NOVA"}))
    cloud = Cloud(traits=traits)
    assert swept(cloud, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1") == [
        f"remove trait {MARK.trait('gold')} on resource provider (p-1)"
    ]
    assert traits.changes == [("remove", "p-1", MARK.trait("gold"))]
    assert swept(cloud, PROVIDER_TRAIT, "CUSTOM_RACK", provider="p-1") == []


def test_trait_that_was_taken_away_is_given_back():
    traits = Fakes(of_provider=frozenset({"OWNER_NOVA"}))
    cloud = Cloud(traits=traits)
    assert swept(cloud, PROVIDER_TRAIT, "CUSTOM_RACK", provider="p-1", had=True)
    assert traits.changes == [("add", "p-1", "CUSTOM_RACK")]
    assert swept(cloud, PROVIDER_TRAIT, "OWNER_NOVA", provider="p-1", had=True) == []


def test_traits_of_a_provider_that_is_gone_are_gone():
    gone = Cloud(traits=Fakes(of_provider=not_found, remove=not_found, add=not_found))
    assert swept(gone, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1") == []
    undone(gone, PROVIDER_TRAIT, MARK.trait("gold"), provider="p-1")
    undone(gone, PROVIDER_TRAIT, "OWNER_NOVA", provider="p-1", had=True)


def refuses_once(changes):
    """A delete that is refused as long as nothing has been changed."""

    def delete(name):
        if not any(change[0] != "delete" for change in changes()):
            conflict()
        changes().append(("delete", name))

    return delete


def test_trait_is_taken_off_every_provider_before_it_is_deleted():
    trait = MARK.trait("gold")
    traits = Fakes(all=[trait], delete=refuses_once(lambda: traits.changes))
    cloud = Cloud(traits=traits, placement=Fakes(providers=[Provider("p-1", "host1", 3)]))
    assert swept(cloud, TRAIT, trait)
    assert traits.changes == [("remove", "p-1", trait), ("delete", trait)]
    assert swept(Cloud(traits=Fakes(all=["CUSTOM_RACK"])), TRAIT, "CUSTOM_RACK") == []


def test_trait_that_no_provider_has_is_deleted_by_one_request():
    cloud = Cloud()
    undone(cloud, TRAIT, MARK.trait("gold"))
    assert cloud.traits.changes == [("delete", MARK.trait("gold"))]
    assert cloud.placement.changes == []


def test_provider_goes_after_its_own_children_and_leaves_those_of_others():
    tree = [
        Provider("p-0", "host1", 1, None, "p-0"),
        Provider("p-1", MARK.name("numa"), 1, "p-0", "p-0"),
        Provider("p-2", MARK.name("pci"), 1, "p-1", "p-0"),
        Provider("p-3", "theirs", 1, "p-1", "p-0"),
    ]
    held = {"c-1": {"p-1": {}, "p-2": {}}, "c-2": {"p-1": {}, "p-0": {}}}
    changes = []

    def delete(uuid):
        if not changes:
            conflict()
        changes.append(("delete_provider", uuid))

    placement = Fakes(
        find_provider=tree[1],
        tree=tree,
        provider_allocations=held,
        allocations=lambda consumer: SimpleNamespace(allocations=held[consumer]),
        delete_provider=delete,
        delete_allocations=lambda consumer: changes.append(("delete_allocations", consumer)),
    )
    with pytest.raises(Leaked, match="consumers c-1, c-1 still held"):
        swept(Cloud(placement=placement), PROVIDER, MARK.name("numa"))
    assert list(dict.fromkeys(changes)) == [
        ("delete_allocations", "c-1"),
        ("delete_provider", "p-2"),
        ("delete_provider", "p-1"),
    ]
    foreign = Cloud(placement=Fakes(providers=[tree[0]]))
    assert swept(foreign, PROVIDER, MARK.name("numa"), "p-0") == []


def test_marked_provider_below_a_host_leaves_its_tree_first():
    tree = [Provider("p-0", "host1", 1, None, "p-0"), Provider("p-1", MARK.name("numa"), 1, "p-0", "p-0")]
    alone = Provider("p-2", MARK.name("rack"), 1, None, "p-2")
    placement = Fakes(providers=[*tree, alone])
    hypervisors = Fakes(get=SimpleNamespace(host="host1"))
    control = lab()
    control.option = lambda _option, _group: 1
    control.run_periodic = lambda host: placement.changes.append(("read", host))
    cloud = Cloud(placement=placement, hypervisors=hypervisors, control=control)
    undo(list(PROVIDER.list_marked(cloud)))
    assert placement.changes == [
        ("detach_provider", tree[1]),
        ("read", "host1"),
        ("delete_provider", "p-1"),
        ("delete_provider", "p-2"),
    ]


def test_resource_class_goes_with_inventories_of_it():
    name, asked = MARK.trait("gpu"), []
    placement = Fakes(providers_of_class=lambda name: (asked.append(uuid) or Provider(uuid, uuid, 1) for uuid in "pqr"))
    changes = placement.changes

    def delete(name):
        if len(changes) < 2:
            conflict()
        changes.append(("delete", name))

    classes = Fakes(all=["VCPU", "CUSTOM_GPU", name], delete=delete)
    swept(Cloud(placement=placement, resource_classes=classes), RESOURCE_CLASS, name)
    assert changes == [("delete_inventory", "p", name), ("delete_inventory", "q", name), ("delete", name)]
    assert asked == ["p", "q"]  # the others are looked at only while the class is in use


def test_resource_class_is_taken_first_off_the_providers_that_the_scenario_knows():
    name, placement = MARK.trait("gpu"), Fakes(providers_of_class=lambda _name: pytest.fail("all providers are asked"))
    classes = Fakes(delete=refuses_once(lambda: placement.changes))
    undone(Cloud(placement=placement, resource_classes=classes), RESOURCE_CLASS, name, providers=["p"])
    assert placement.changes == [("delete_inventory", "p", name), ("delete", name)]
