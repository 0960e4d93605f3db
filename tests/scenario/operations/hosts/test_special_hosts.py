"""Special hosts: brought in for one scenario, part of its accounts, and gone after it without a trace."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, has_items, has_properties
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.values import Inventory
from stocktake.support.errors import Unverified
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.lab.hosts.libvirt import profiles
from stocktake.support.scenario.operations.hosts import special_hosts

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own

SERVICE = "a-service"


class Lab(HttpControl):
    """A control that adds hosts: Nova's service and Placement's provider appear and go with them."""

    def __init__(self, nova, apis, accounts):
        super().__init__("http://127.0.0.1:1", "token")
        self.added, self.removed, self.lacks = [], [], None
        self._nova, self._apis, self._accounts = nova, apis, accounts

    def missing(self, _action):
        return self.lacks

    def add_host(self, driver, name):
        self.added.append((driver, name))
        self.provider = self._accounts.placement.create_provider(name).uuid
        self._accounts.placement.create_provider(f"{name}-child", parent=self.provider)
        self._nova.host(name, node=name, uuid=self.provider, id=SERVICE)
        self._apis.answer(
            "DELETE", f"{self._nova.url}/os-services/{SERVICE}", self._apis.say(204, then=lambda _: self.delete(name))
        )

    def hosts(self):
        return [{"host": name, "state": "up"} for _, name in self.added if name not in self.removed]

    def remove_host(self, name):
        self.removed.append(name)

    def delete(self, name):
        self._nova.retire(name)
        for provider in reversed(self._accounts.placement.tree(self.provider)):
            self._accounts.placement.delete_provider(provider.uuid)


@pytest.fixture
def lab(real_books, nova, apis, accounts, monkeypatch):
    lab = Lab(nova, apis, accounts)
    monkeypatch.setitem(real_books.cloud.__dict__, "control", lab)
    real_books.trait = real_books.cloud.mark.trait("scenario 1")
    real_books.cloud.traits.create(real_books.trait)
    return lab


@pytest.fixture
def slow(real_books, lab):
    """The host that plays "slow"."""
    special_hosts.add(real_books, "slow", "live migrates slowly")
    return real_books.roles.host("slow")


class TestAdding:
    def test_makes_a_host_of_the_behaviour_under_a_marked_name(self, real_books, lab, slow):
        assert lab.added == [("SlowLiveMigrationDriver", slow.service)]
        assert real_books.cloud.mark.owns(slow.service)

    def test_lets_the_host_play_its_role_with_its_whole_tree(self, real_books, slow):
        assert real_books.names.of_providers()[slow.provider] == "slow"
        assert "slow/child" in real_books.names.of_providers().values()

    def test_reserves_the_host_for_the_scenario(self, real_books, slow):
        assert real_books.trait in real_books.cloud.traits.of_provider(slow.provider)

    def test_counts_from_what_the_host_had_at_first(self, real_books, slow):
        assert real_books.accounts.usage_changes()["slow"] == Resources()

    def test_is_in_the_journal(self, real_books, slow):
        assert_that(real_books.cloud.journal.entries, has_items(has_properties(kind="lab-host", name=slow.service)))

    def test_is_unverified_where_the_cloud_cannot(self, real_books, lab):
        lab.lacks = Unverified("no hosts can be added", "use the lab")
        with pytest.raises(Unverified, match="no hosts can be added"):
            special_hosts.add(real_books, "slow", "live migrates slowly")
        assert real_books.cloud.journal.entries == []

    def test_makes_a_host_that_may_be_disrupted(self, real_books, slow):
        assert special_hosts.is_special(real_books, slow)
        assert not special_hosts.is_special(real_books, real_books.roles.host("alpha"))


class TestRemoving:
    def test_takes_host_service_and_provider_away(self, real_books, lab, nova, slow):
        assert real_books.undoing.undo_all() == []
        assert lab.removed == [slow.service]
        assert len(nova.asked("DELETE /os-services/.*")) == 1
        assert real_books.cloud.placement.tree(slow.provider) == []

    def test_leaves_the_accounts_readable(self, real_books, slow):
        real_books.undoing.undo_all()
        assert real_books.accounts.usage_changes()["slow"] == Resources()

    def test_tells_what_is_held_there_and_frees_it(self, real_books, lab, accounts, slow):
        accounts.placement.set_inventories(slow.provider, {"VCPU": Inventory(8)})
        consumer = accounts.hold(slow, VCPU=1)
        problems = real_books.undoing.undo_all()
        assert_that(problems, contains_exactly(contains_string(consumer)))
        assert lab.removed == [slow.service]
        assert accounts.placement.allocations(consumer).allocations == {}

    def test_of_a_host_that_was_retired_asks_nova_for_nothing(self, real_books, lab, nova, slow):
        lab.delete(slow.service)
        assert real_books.undoing.undo_all() == []
        assert lab.removed == [slow.service]
        assert nova.asked("DELETE /os-services/.*") == []

    def test_of_a_host_that_never_came_up_leaves_no_entry(self, real_books, lab, monkeypatch):
        def fail(_driver, name):
            lab._apis.answer(
                "GET",
                f"{lab._nova.url}/os-services?host={name}&binary=nova-compute",
                lab._apis.say(body={"services": []}),
            )
            raise Unverified("no memory", "buy some")

        monkeypatch.setattr(lab, "add_host", fail)
        with pytest.raises(Unverified, match="no memory"):
            special_hosts.add(real_books, "slow", "live migrates slowly")
        assert real_books.undoing.undo_all() == []
        assert (lab.removed, real_books.cloud.journal.entries) == ([], [])


class TestBehaviours:
    def test_are_words_a_feature_can_say(self):
        assert [special_hosts.known_behaviour(words) for words in special_hosts.DRIVERS] == list(special_hosts.DRIVERS)

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("live-migrates slowly", 'did you mean "live migrates slowly"'),
            ("sings", "the behaviours are: behaves normally; "),
        ],
    )
    def test_that_no_host_has_are_answered_with_the_nearest(self, said, told):
        with pytest.raises(ValueError, match=told):
            special_hosts.known_behaviour(said)

    def test_are_those_of_drivers_that_the_lab_has(self):
        """Importing Nova takes seconds: its fake driver's source is read, as the lab's is."""
        nova = Path(next(iter(find_spec("nova").submodule_search_locations)))
        lab = Path(__file__).parents[4] / "support" / "lab" / "hosts"
        files = (lab / "drivers.py", lab / "storage_and_cpus.py", nova / "virt" / "fake.py")
        source = "".join(file.read_text() for file in files)
        drivers = [*special_hosts.DRIVERS.values(), *special_hosts.OF_DRIVER.values()]
        assert [one for one in drivers if f"\nclass {one}(" not in source and not profiles.is_libvirt(one)] == []
        assert all(profiles.profile_of(one) for one in drivers if profiles.is_libvirt(one))


class TestProviding:
    @pytest.fixture(autouse=True)
    def alpha(self, real_books, nova):
        host = real_books.roles.host("alpha")
        nova.host(host.service, node=host.node, uuid=host.provider, hypervisor={"hypervisor_type": "QEMU"})
        return host

    def test_uses_a_leased_host_that_has_the_driver(self, real_books, lab, alpha):
        special_hosts.provide(real_books, "alpha", "libvirt")
        assert (lab.added, real_books.roles.host("alpha")) == ([], alpha)

    def test_adds_a_host_to_a_lab_that_has_none_of_the_driver(self, real_books, lab, alpha):
        special_hosts.provide(real_books, "alpha", "fake")
        assert lab.added == [("LabDriver", real_books.roles.host("alpha").service)]
        assert alpha in real_books.roles.hosts

    def test_is_unverified_where_no_host_can_be_added(self, real_books, lab):
        lab.lacks = Unverified("no hosts can be added", "use the lab")
        with pytest.raises(Unverified, match='is of type "QEMU", not fake; run this feature on a cloud whose'):
            special_hosts.provide(real_books, "alpha", "fake")


def test_a_host_is_told_by_its_role(real_books, slow):
    assert isinstance(slow, ComputeHost)
    assert real_books.roles.role_of(slow.service) == 'host "slow"'
