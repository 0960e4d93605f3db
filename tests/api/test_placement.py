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
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.resource_classes import ResourceClasses
from stocktake.support.api.placement.traits import Traits
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


@pytest.fixture
def placement(session, apis, placement_address):
    """The client, as an administrator of the real thing."""
    apis.catalog["placement"] = placement_address
    apis.token = "admin"
    return Placement(session)


@pytest.fixture
def traits(placement):
    """The client of traits."""
    return Traits(placement.session)


@pytest.fixture
def resource_classes(placement):
    """The client of resource classes."""
    return ResourceClasses(placement.session)


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

    def test_are_found_by_aggregate_trait_and_room(self, placement, traits, provider):
        aggregate = str(uuid4())
        assert placement.provider_aggregates(provider.uuid) == frozenset()
        placement.set_provider_aggregates(provider.uuid, [aggregate])
        traits.add(provider.uuid, "HW_CPU_X86_AVX2")
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


class TestTraits:
    def test_are_created_listed_and_deleted(self, placement, traits):
        for _ in range(2):
            traits.create("CUSTOM_TRAIT_OF_OURS")
        assert traits.all(prefix="CUSTOM_TRAIT_OF_") == ["CUSTOM_TRAIT_OF_OURS"]
        assert_that(traits.all(), has_item("HW_CPU_X86_AVX2"))
        traits.delete("CUSTOM_TRAIT_OF_OURS")
        assert traits.all(prefix="CUSTOM_TRAIT_OF_") == []
        with pytest.raises(ApiError, match="answered 400 to PUT /traits/lower"):
            traits.create("lower")

    def test_of_a_provider_are_changed_one_at_a_time(self, placement, traits, provider):
        traits.create("CUSTOM_ONE")
        assert traits.add(provider.uuid, "OWNER_NOVA") == {"OWNER_NOVA"}
        assert traits.add(provider.uuid, "CUSTOM_ONE") == {"OWNER_NOVA", "CUSTOM_ONE"}
        assert traits.remove(provider.uuid, "CUSTOM_ONE") == {"OWNER_NOVA"}
        assert traits.of_provider(provider.uuid) == {"OWNER_NOVA"}

    def test_of_a_provider_survive_another_writer(self, placement, traits, provider, monkeypatch):
        put = traits.replace
        meddling = iter([True, True, False])

        def meddled(uuid, wanted, *, generation):
            if next(meddling):
                placement.set_inventory(uuid, "DISK_GB", Inventory(generation + 1))
            return put(uuid, wanted, generation=generation)

        monkeypatch.setattr(traits, "replace", meddled)
        assert traits.add(provider.uuid, "OWNER_NOVA") == {"OWNER_NOVA"}

    def test_of_a_provider_survive_a_writer_that_comes_in_between_check_and_write(
        self, placement, traits, provider, monkeypatch
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
        assert traits.add(provider.uuid, "OWNER_NOVA") == {"COMPUTE_NODE", "OWNER_NOVA"}

    def test_of_a_provider_that_never_rests_are_an_error(self, placement, traits, provider, monkeypatch):
        put = traits.replace
        monkeypatch.setattr(traits, "replace", lambda uuid, wanted, generation: put(uuid, wanted, generation=99))
        with pytest.raises(ApiError, match="answered 409"):
            traits.add(provider.uuid, "OWNER_NOVA")

    def test_of_a_provider_that_rests_are_not_read_again(self, placement, traits, provider, session):
        traits.add(provider.uuid, "OWNER_NOVA")
        rests = placement.provider(provider.uuid).generation
        session.exchanges.clear()
        assert traits.add(provider.uuid, "COMPUTE_NODE", generation=rests) == {"OWNER_NOVA", "COMPUTE_NODE"}
        assert [exchange.method for exchange in session.exchanges] == ["PUT"]

    @pytest.mark.parametrize("seen", [True, False], ids=["before its generation was read", "afterwards"])
    def test_of_a_provider_that_another_has_changed_are_kept(self, placement, traits, provider, session, seen):
        traits.add(provider.uuid, "OWNER_NOVA")
        before = placement.provider(provider.uuid).generation
        Traits(placement.session).add(provider.uuid, "COMPUTE_NODE")
        generation = placement.provider(provider.uuid).generation if seen else before
        wanted = {"OWNER_NOVA", "COMPUTE_NODE", "HW_CPU_X86_AVX2"}
        session.exchanges.clear()
        assert traits.add(provider.uuid, "HW_CPU_X86_AVX2", generation=generation) == wanted
        assert traits.of_provider(provider.uuid) == wanted
        assert (
            [exchange.method for exchange in session.exchanges][:-1] == ["GET", "PUT"]
            if seen
            else ["PUT", "GET", "PUT"]
        )

    def test_that_a_provider_has_already_are_not_written(self, placement, traits, provider, session):
        traits.add(provider.uuid, "OWNER_NOVA")
        session.exchanges.clear()
        traits.add(provider.uuid, "OWNER_NOVA")
        assert [exchange.method for exchange in session.exchanges] == ["GET"]


class TestProvidersOfAResourceClass:
    def test_are_found_whatever_they_let_anybody_allocate(self, placement, resource_classes, allocate):
        name = f"CUSTOM_{uuid4().hex.upper()}"
        resource_classes.create(name)
        uuids = {how: placement.create_provider(f"{how}-{uuid4()}").uuid for how in ("free", "used", "tens", "kept")}
        placement.set_inventories(uuids["free"], {name: Inventory(4)})
        placement.set_inventories(uuids["used"], {name: Inventory(4)})
        allocate({uuids["used"]: Resources({name: 4})})
        placement.set_inventories(uuids["tens"], {name: Inventory(40, step_size=10, min_unit=10)})
        kept = {"resource_provider_generation": 0, "inventories": {name: {"total": 4, "reserved": 4}}}
        path = f"/resource_providers/{uuids['kept']}/inventories"
        placement.session.request("PUT", "placement", path, json=kept, microversion="1.26")
        found = [provider.uuid for provider in placement.providers_of_class(name)]
        assert found[0] == uuids["free"]
        assert sorted(found) == sorted(uuids.values())


class TestResourceClasses:
    def test_are_created_listed_and_deleted(self, placement, resource_classes):
        for _ in range(2):
            resource_classes.create("CUSTOM_GOLD")
        assert_that(resource_classes.all(), has_item("CUSTOM_GOLD"))
        resource_classes.delete("CUSTOM_GOLD")
        assert_that(resource_classes.all(), is_not(has_item("CUSTOM_GOLD")))


class TestOlderClouds:
    def test_are_told_what_they_lack(self, placement, traits, monkeypatch, session, apis, provider):
        session._versions["placement"] = session.versions("placement")._replace(most=(1, 5))
        with pytest.raises(Unverified, match=r"traits in Placement needs placement API 1\.6"):
            traits.all()
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

    def test_a_trait_is_added(self, placement, traits, provider, losing):
        losing("PUT")
        assert_that(traits.add(provider.uuid, "OWNER_NOVA"), is_({"OWNER_NOVA"}))

    def test_a_provider_is_deleted(self, placement, provider, losing):
        losing("DELETE")
        placement.delete_provider(provider.uuid)
        assert placement.find_provider(provider.name) is None


def test_consumers_of_other_services_are_told_by_their_type(placement, provider, allocate):
    nameless = allocate({provider.uuid: Resources(VCPU=1)})
    lease, server = str(uuid4()), str(uuid4())
    for consumer, kind in ((lease, "LEASE"), (server, "INSTANCE")):
        body = {
            "allocations": {provider.uuid: {"resources": {"VCPU": 1}}},
            "project_id": "p",
            "user_id": "u",
            "consumer_generation": None,
            "consumer_type": kind,
        }
        placement.session.request("PUT", "placement", f"/allocations/{consumer}", json=body, microversion="1.38")
    assert placement.of_other_services({nameless, lease, server, str(uuid4())}) == {lease}
