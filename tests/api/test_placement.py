"""The Placement client against the real Placement application, served inside this process."""

from uuid import uuid4

import pytest
from hamcrest import (
    assert_that,
    contains_exactly,
    contains_string,
    has_entries,
    has_item,
    has_properties,
    has_property,
    is_,
    is_not,
)
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement import Placement
from stocktake.support.api.replies import ApiError
from stocktake.support.api.values import Inventory
from stocktake.support.errors import Unverified

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def placement(session, apis, placement_address):
    """The client, as an administrator of the real thing."""
    apis.catalog["placement"] = placement_address
    apis.token = "admin"
    return Placement(session)


@pytest.fixture
def provider(placement):
    """A provider with four VCPU and 2048 MB."""
    provider = placement.create_provider(f"host-{uuid4()}")
    placement.set_inventories(provider.uuid, {"VCPU": Inventory(4), "MEMORY_MB": Inventory(2048, reserved=512)})
    return provider


@pytest.fixture
def allocate(placement):
    """Lets a new consumer hold something: `allocate({provider: Resources(VCPU=1)})` returns the consumer."""

    def allocated(allocations, consumer=None):
        consumer = consumer or str(uuid4())
        now = placement.allocations(consumer)
        placement.set_allocations(
            consumer, allocations, generation=now.generation, project_id="a-project", user_id="a-user"
        )
        return consumer

    return allocated


class TestProviders:
    def test_are_created_found_renamed_and_deleted(self, placement):
        name = f"host-{uuid4()}"
        made = placement.create_provider(name)
        assert_that(made, has_properties(name=name, generation=0, parent=None, root=made.uuid))
        assert placement.find_provider(name) == placement.provider(made.uuid) == made
        assert placement.rename_provider(made.uuid, f"{name}-renamed").name == f"{name}-renamed"
        placement.delete_provider(made.uuid)
        assert placement.find_provider(f"{name}-renamed") is None
        with pytest.raises(ApiError, match=r"answered 404 .*No resource provider with uuid") as error:
            placement.provider(made.uuid)
        assert_that(error.value, has_properties(status=404, request_id=contains_string("req-")))

    def test_form_trees(self, placement, provider):
        second = placement.create_provider(f"{provider.name}-numa1", parent=provider.uuid)
        first = placement.create_provider(f"{provider.name}-numa0", parent=provider.uuid)
        assert [one.uuid for one in placement.tree(provider.uuid)] == [provider.uuid, first.uuid, second.uuid]
        assert {one.root for one in placement.providers(in_tree=first.uuid)} == {provider.uuid}
        assert placement.tree(str(uuid4())) == []

    def test_cannot_share_a_name(self, placement, provider):
        with pytest.raises(ApiError, match=r"answered 409 .*Conflicting resource provider name"):
            placement.create_provider(provider.name)

    def test_are_found_by_aggregate_trait_and_room(self, placement, provider):
        aggregate = str(uuid4())
        assert placement.provider_aggregates(provider.uuid) == frozenset()
        placement.set_provider_aggregates(provider.uuid, [aggregate])
        placement.add_trait(provider.uuid, "HW_CPU_X86_AVX2")
        assert placement.provider_aggregates(provider.uuid) == {aggregate}
        ours = has_property("uuid", provider.uuid)
        assert_that(placement.providers(member_of=aggregate), contains_exactly(ours))
        assert_that(placement.providers(required=["HW_CPU_X86_AVX2"], member_of=aggregate), contains_exactly(ours))
        assert_that(placement.providers(resources=Resources(VCPU=4)), has_item(ours))
        assert_that(placement.providers(resources=Resources(VCPU=5)), is_not(has_item(ours)))


class TestInventories:
    def test_are_read_with_the_generation(self, placement, provider):
        found = placement.inventories(provider.uuid)
        assert found.generation == 1
        assert found.inventories == {"VCPU": Inventory(4), "MEMORY_MB": Inventory(2048, reserved=512)}
        assert found.capacity == Resources(VCPU=4, MEMORY_MB=1536)

    def test_of_one_class_are_added_changed_and_taken_away(self, placement, provider):
        placement.set_inventory(provider.uuid, "DISK_GB", Inventory(10))
        placement.set_inventory(provider.uuid, "VCPU", Inventory(8, allocation_ratio=2.0))
        assert placement.inventories(provider.uuid).capacity == Resources(VCPU=16, MEMORY_MB=1536, DISK_GB=10)
        placement.delete_inventory(provider.uuid, "DISK_GB")
        assert set(placement.inventories(provider.uuid).inventories) == {"VCPU", "MEMORY_MB"}

    def test_are_not_changed_at_a_generation_that_has_passed(self, placement, provider):
        with pytest.raises(ApiError, match="generation conflict"):
            placement.set_inventories(provider.uuid, {"VCPU": Inventory(1)}, generation=0)
        assert "MEMORY_MB" in placement.inventories(provider.uuid).inventories

    def test_are_not_taken_from_who_holds_them(self, placement, provider, allocate):
        allocate({provider.uuid: Resources(VCPU=1)})
        with pytest.raises(ApiError, match=r"answered 409 .*in use"):
            placement.delete_inventory(provider.uuid, "VCPU")


class TestAllocations:
    def test_are_read_from_both_ends(self, placement, provider, allocate):
        consumer = allocate({provider.uuid: Resources(VCPU=2, MEMORY_MB=512)})
        held = Resources(VCPU=2, MEMORY_MB=512)
        assert_that(
            placement.allocations(consumer),
            has_properties(allocations={provider.uuid: held}, generation=1, project_id="a-project", user_id="a-user"),
        )
        assert placement.provider_allocations(provider.uuid) == {consumer: held}
        assert placement.usages(provider.uuid) == held

    def test_are_replaced_and_freed(self, placement, provider, allocate):
        consumer = allocate({provider.uuid: Resources(VCPU=2)})
        allocate({provider.uuid: Resources(MEMORY_MB=64)}, consumer)
        assert placement.usages(provider.uuid) == Resources(MEMORY_MB=64)
        placement.delete_allocations(consumer)
        placement.delete_allocations(consumer)
        assert_that(placement.allocations(consumer), has_properties(allocations={}, generation=None))

    def test_are_refused_beyond_capacity_or_at_a_passed_generation(self, placement, provider, allocate):
        with pytest.raises(ApiError, match=r"answered 409 .*Unable to allocate inventory"):
            allocate({provider.uuid: Resources(VCPU=5)})
        consumer = allocate({provider.uuid: Resources(VCPU=1)})
        with pytest.raises(ApiError, match=r"answered 409 .*consumer generation conflict"):
            placement.set_allocations(
                consumer, {provider.uuid: Resources(VCPU=2)}, generation=None, project_id="p", user_id="u"
            )

    def test_that_nova_wrote_are_put_back_as_they_were(self, placement, provider, allocate, session):
        consumer = allocate({provider.uuid: Resources(VCPU=1)})
        assert session.get("placement", f"/allocations/{consumer}", microversion="1.38")["consumer_type"] == "unknown"
        now = placement.allocations(consumer)
        placement.set_allocations(
            consumer, now.allocations, generation=now.generation, project_id=now.project_id, user_id=now.user_id
        )
        assert placement.allocations(consumer).allocations == now.allocations

    def test_add_up_by_project(self, placement, provider, allocate):
        before = placement.project_usages("a-project")
        allocate({provider.uuid: Resources(VCPU=1, MEMORY_MB=100)})
        assert placement.project_usages("a-project") - before == Resources(VCPU=1, MEMORY_MB=100)
        assert placement.project_usages("a-project", user_id="nobody") == Resources()


class TestReadingTheLedger:
    def test_holds_every_consumer_on_every_provider_of_the_trees(self, placement, provider, allocate):
        child = placement.create_provider(f"{provider.name}-child", parent=provider.uuid)
        placement.create_resource_class("CUSTOM_LEDGER")
        placement.set_inventory(child.uuid, "CUSTOM_LEDGER", Inventory(9))
        other = placement.create_provider(f"host-{uuid4()}")
        web = allocate({provider.uuid: Resources(VCPU=1), child.uuid: Resources(CUSTOM_LEDGER=3)})
        mail = allocate({provider.uuid: Resources(VCPU=2, MEMORY_MB=64)})
        ledger, usages = placement.read_ledger([provider.uuid, other.uuid])
        assert ledger == Ledger(
            {
                (web, provider.uuid): Resources(VCPU=1),
                (web, child.uuid): Resources(CUSTOM_LEDGER=3),
                (mail, provider.uuid): Resources(VCPU=2, MEMORY_MB=64),
            }
        )
        assert usages == Usages(
            {provider.uuid: Resources(VCPU=3, MEMORY_MB=64), child.uuid: Resources(CUSTOM_LEDGER=3)}
        )
        assert usages.providers == (provider.uuid, child.uuid, other.uuid)
        assert ledger.usages() == usages

    def test_costs_the_same_however_large_the_cloud_is(self, placement, provider, session):
        placement.read_ledger([provider.uuid])
        session.exchanges.clear()
        placement.read_ledger([provider.uuid])
        few = [exchange.path for exchange in session.exchanges]
        for _ in range(10):
            placement.create_provider(f"host-{uuid4()}")
        session.exchanges.clear()
        placement.read_ledger([provider.uuid])
        assert [exchange.path for exchange in session.exchanges] == few
        assert len(few) == 3

    def test_of_a_root_that_is_gone_is_empty(self, placement):
        ledger, usages = placement.read_ledger([str(uuid4())])
        assert (ledger, usages.providers) == (Ledger(), ())


class TestTraits:
    def test_are_created_listed_and_deleted(self, placement):
        for _ in range(2):
            placement.create_trait("CUSTOM_A_TRAIT")
        assert placement.traits(prefix="CUSTOM_A_") == ["CUSTOM_A_TRAIT"]
        assert_that(placement.traits(), has_item("HW_CPU_X86_AVX2"))
        placement.delete_trait("CUSTOM_A_TRAIT")
        assert placement.traits(prefix="CUSTOM_A_") == []
        with pytest.raises(ApiError, match="answered 400 to PUT /traits/lower"):
            placement.create_trait("lower")

    def test_of_a_provider_are_changed_one_at_a_time(self, placement, provider):
        placement.create_trait("CUSTOM_ONE")
        assert placement.add_trait(provider.uuid, "OWNER_NOVA") == {"OWNER_NOVA"}
        assert placement.add_trait(provider.uuid, "CUSTOM_ONE") == {"OWNER_NOVA", "CUSTOM_ONE"}
        assert placement.remove_trait(provider.uuid, "CUSTOM_ONE") == {"OWNER_NOVA"}
        assert placement.provider_traits(provider.uuid) == {"OWNER_NOVA"}

    def test_of_a_provider_survive_another_writer(self, placement, provider, monkeypatch):
        put = placement.set_provider_traits
        meddling = iter([True, True, False])

        def meddled(uuid, traits, *, generation):
            if next(meddling):
                placement.set_inventory(uuid, "DISK_GB", Inventory(generation + 1))
            return put(uuid, traits, generation=generation)

        monkeypatch.setattr(placement, "set_provider_traits", meddled)
        assert placement.add_trait(provider.uuid, "OWNER_NOVA") == {"OWNER_NOVA"}

    def test_of_a_provider_survive_a_writer_that_comes_in_between_check_and_write(
        self, placement, provider, monkeypatch
    ):
        from placement.objects.resource_provider import ResourceProvider  # noqa: PLC0415 - the application's own
        from placement.objects.trait import Trait  # noqa: PLC0415

        write = ResourceProvider.set_traits
        meddling = iter([True, False])

        def meddled(self, traits):
            if next(meddling):
                other = ResourceProvider.get_by_uuid(self._context, self.uuid)
                write(other, [Trait.get_by_name(self._context, "COMPUTE_NODE")])
            return write(self, traits)

        monkeypatch.setattr(ResourceProvider, "set_traits", meddled)
        assert placement.add_trait(provider.uuid, "OWNER_NOVA") == {"COMPUTE_NODE", "OWNER_NOVA"}

    def test_of_a_provider_that_never_rests_are_an_error(self, placement, provider, monkeypatch):
        put = placement.set_provider_traits
        monkeypatch.setattr(
            placement, "set_provider_traits", lambda uuid, traits, generation: put(uuid, traits, generation=99)
        )
        with pytest.raises(ApiError, match="answered 409"):
            placement.add_trait(provider.uuid, "OWNER_NOVA")

    def test_that_a_provider_has_already_are_not_written(self, placement, provider, session):
        placement.add_trait(provider.uuid, "OWNER_NOVA")
        session.exchanges.clear()
        placement.add_trait(provider.uuid, "OWNER_NOVA")
        assert [exchange.method for exchange in session.exchanges] == ["GET"]


class TestResourceClassesAndCandidates:
    def test_are_created_listed_and_deleted(self, placement):
        for _ in range(2):
            placement.create_resource_class("CUSTOM_GOLD")
        assert_that(placement.resource_classes(), has_item("CUSTOM_GOLD"))
        placement.delete_resource_class("CUSTOM_GOLD")
        assert_that(placement.resource_classes(), is_not(has_item("CUSTOM_GOLD")))

    def test_candidates_are_ways_to_meet_a_request(self, placement, provider):
        placement.create_resource_class("CUSTOM_CANDIDATE")
        placement.set_inventory(provider.uuid, "CUSTOM_CANDIDATE", Inventory(2))
        wanted = Resources(VCPU=1, CUSTOM_CANDIDATE=2)
        assert_that(
            placement.candidates(wanted), contains_exactly(has_property("allocations", {provider.uuid: wanted}))
        )
        assert placement.candidates(wanted, required=["HW_CPU_X86_AVX2"]) == []
        assert placement.candidates(Resources(VCPU=1), in_tree=str(uuid4())) == []


class TestOlderClouds:
    def test_are_told_what_they_lack(self, placement, monkeypatch, session, apis, provider):
        session._versions["placement"] = session.versions("placement")._replace(most=(1, 5))
        with pytest.raises(Unverified, match=r"traits in Placement needs placement API 1\.6"):
            placement.traits()
        placement.usages(provider.uuid)

    @pytest.mark.parametrize("most", [(1, 20), (1, 27)])
    def test_have_no_generation_of_consumers(self, placement, provider, allocate, session, most):
        session._versions["placement"] = session.versions("placement")._replace(most=most)
        consumer = allocate({provider.uuid: Resources(VCPU=1)})
        allocate({provider.uuid: Resources(VCPU=2)}, consumer)
        assert_that(
            placement.allocations(consumer),
            has_properties(allocations={provider.uuid: Resources(VCPU=2)}, generation=None, project_id="a-project"),
        )
        allocate({}, consumer)
        assert placement.usages(provider.uuid) == Resources()
        with pytest.raises(Unverified, match=r"the generation of a consumer needs placement API 1\.28"):
            placement.check_consumer_generations()


class TestLostAnswers:
    """Of what was done all the same: `answers` loses the first answer to a request after Placement has done it."""

    @pytest.fixture
    def losing(self, session, monkeypatch):
        """Lets the first answer to each such request get lost."""

        from keystoneauth1.exceptions import ConnectFailure  # noqa: PLC0415 - its imports warn

        def lose(method):
            real = session.keystone.request
            lost = []

            def request(url, verb, **options):
                answer = real(url, verb, **options)
                if verb == method and not lost:
                    lost.append(url)
                    raise ConnectFailure("lost on the way back")
                return answer

            monkeypatch.setattr(session.keystone, "request", request)
            return lost

        return lose

    def test_a_provider_is_created_once(self, placement, losing):
        lost = losing("POST")
        made = placement.create_provider(f"host-{uuid4()}")
        assert len(lost) == 1
        assert placement.find_provider(made.name) == made

    def test_allocations_are_set_once(self, placement, provider, allocate, losing):
        lost = losing("PUT")
        consumer = allocate({provider.uuid: Resources(VCPU=1)})
        assert len(lost) == 1
        assert_that(placement.allocations(consumer), has_properties(generation=1))

    def test_inventories_are_set_at_their_generation(self, placement, provider, losing):
        lost = losing("PUT")
        now = placement.set_inventories(provider.uuid, {"VCPU": Inventory(1)}, generation=1)
        assert len(lost) == 1
        assert_that(now, has_properties(generation=2, inventories=has_entries(VCPU=Inventory(1))))

    def test_a_trait_is_added(self, placement, provider, losing):
        losing("PUT")
        assert_that(placement.add_trait(provider.uuid, "OWNER_NOVA"), is_({"OWNER_NOVA"}))

    def test_a_provider_is_deleted(self, placement, provider, losing):
        losing("DELETE")
        placement.delete_provider(provider.uuid)
        assert placement.find_provider(provider.name) is None
