"""Sweeping: only dead runs, only what carries their mark, in the right order, as often as one likes."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api.clients import Clients
from stocktake.support.api.compute.aggregates import HostAggregate
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.compute.services import ComputeService
from stocktake.support.api.images import Image
from stocktake.support.api.placement.values import Inventory, Provider, ProviderInventories
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import CloudError
from stocktake.support.hosts.control import CommandControl, HttpControl
from stocktake.support.ownership import leftovers
from stocktake.support.ownership.journal import KINDS, Entry, Journal, Mark, OldJournal, find_journals
from stocktake.support.ownership.leftovers import Leftover
from stocktake.support.ownership.sweep import IN_FLIGHT, sweep, sweep_marked

AUTH_URL = "http://127.0.0.1:5000/v3"
MARK = Mark("0t5k2m1abcde")
OTHER = Mark("0t5k2m2abcde")


class World:
    """A cloud as names by kind, and what was done to it in order."""

    def __init__(self):
        self.things = {kind: [] for kind in KINDS}
        self.done = []
        self.refuses = set()

    def add(self, kind, name):
        self.things[kind].append(name)
        return name

    def find(self, kind, name):
        def remove():
            if name in self.refuses:
                raise CloudError("in use")
            self.things[kind].remove(name)
            self.done.append((kind, name))

        return [Leftover(kind, name, remove, finish=lambda: self.done.append(("finish", name)))]

    @property
    def clients(self):
        return SimpleNamespace(session=SimpleNamespace(target=SimpleNamespace(name="lab", auth_url=AUTH_URL)))


@pytest.fixture
def world(monkeypatch):
    world = World()

    def of_entry(_clients, entry):
        return world.find(entry.kind, entry.name) if entry.name in world.things[entry.kind] else []

    def marked(_clients, wanted):
        names = [(kind, name) for kind in KINDS for name in world.things[kind]]
        return [
            leftover
            for kind, name in names
            if (mark := Mark.of(name)) and wanted(mark)
            for leftover in world.find(kind, name)
        ]

    monkeypatch.setattr(leftovers, "of_entry", of_entry)
    monkeypatch.setattr(leftovers, "marked", marked)
    return world


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def dead_journal(folder, *entries, mark=MARK, cloud="lab", auth_url=AUTH_URL, age=3600):
    """The journal of a process that died `age` seconds after noting these (kind, name)."""
    at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    lines = [{"journal": 1, "run": mark.run, "cloud": cloud, "auth_url": auth_url, "machine": "here", "pid": 1}]
    for number, (kind, name) in enumerate(entries, 1):
        lines.append(
            {"entry": number, "kind": kind, "name": name, "id": None, "mark": mark.run, "at": at, "details": {}}
        )
    path = folder / f"{mark.run}-1.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return OldJournal(path)


def left_in(journal):
    return [entry.name for entry in OldJournal(journal.path).entries] if journal.path.exists() else None


def said(swept):
    return [str(one) for one in swept]


# --- which journals, in which order


def test_everything_of_a_dead_run_is_undone_users_of_a_thing_before_it(world, folder):
    for kind in ("trait", "flavor", "server", "provider-trait", "host-stopped"):
        world.add(kind, MARK.name(kind))
    noted = ("trait", "provider-trait", "flavor", "server", "host-stopped")
    journal = dead_journal(folder, *((kind, MARK.name(kind)) for kind in noted))
    told = []
    swept = sweep(world.clients, [journal], report=told.append)
    order = [kind for kind, _ in world.done if kind != "finish"]
    assert order == ["host-stopped", "server", "flavor", "provider-trait", "trait"]
    assert told == swept
    assert all(one.done for one in swept)
    assert left_in(journal) is None


def test_latest_goes_first_and_servers_go_side_by_side(world, folder):
    names = [world.add("server", MARK.name(f"web{number}")) for number in range(3)]
    sweep(world.clients, [dead_journal(folder, *(("server", name) for name in names))])
    assert world.done == [("server", name) for name in reversed(names)] + [("finish", name) for name in reversed(names)]


def test_living_run_is_never_touched(world, folder):
    with Journal(MARK, cloud="lab", auth_url=AUTH_URL, folder=folder) as journal:
        journal.note("server", world.add("server", MARK.name("web")))
        assert sweep(world.clients, find_journals(folder)) == []
        swept = sweep_marked(world.clients, find_journals(folder), older_than=timedelta(0))
    assert swept == []
    assert world.things["server"] == [MARK.name("web")]
    assert len(left_in(journal)) == 1


@pytest.mark.parametrize("about", [{"cloud": "staging"}, {"auth_url": "https://elsewhere.example.org"}])
def test_journal_about_another_cloud_is_left_alone(world, folder, about):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), **about)
    assert sweep(world.clients, [journal]) == []
    assert world.things["server"]
    assert left_in(journal) == [MARK.name("web")]


def test_what_is_gone_already_is_struck_out_without_a_word(world, folder):
    journal = dead_journal(folder, ("server", MARK.name("web")))
    assert sweep(world.clients, [journal]) == []
    assert left_in(journal) is None


def test_dry_run_changes_neither_cloud_nor_journal(world, folder):
    journal = dead_journal(folder, ("server", world.add("server", MARK.name("web"))), ("flavor", "gone"))
    swept = sweep(world.clients, [journal], dry_run=True)
    assert said(swept) == [f"would delete server {MARK.name('web')}"]
    assert world.things["server"]
    assert left_in(journal) == [MARK.name("web"), "gone"]


def test_what_cannot_be_undone_stays_in_the_journal_and_the_rest_goes_on(world, folder):
    stubborn, easy = world.add("flavor", MARK.name("a")), world.add("flavor", MARK.name("b"))
    world.refuses.add(stubborn)
    journal = dead_journal(folder, ("flavor", stubborn), ("flavor", easy))
    swept = sweep(world.clients, [journal])
    assert said(swept) == [f"done: delete flavor {easy}", f"could not delete flavor {stubborn}: in use"]
    assert left_in(journal) == [stubborn]
    world.refuses.clear()
    assert said(sweep(world.clients, find_journals(folder))) == [f"done: delete flavor {stubborn}"]
    assert left_in(journal) is None


def test_cloud_that_cannot_be_asked_is_told_and_the_entry_stays(world, folder, monkeypatch):
    def refuse(clients, entry):
        raise CloudError("the compute API did not answer")

    monkeypatch.setattr(leftovers, "of_entry", refuse)
    journal = dead_journal(folder, ("server", MARK.name("web")))
    swept = sweep(world.clients, [journal])
    assert said(swept) == [f"could not look for server {MARK.name('web')}: the compute API did not answer"]
    assert left_in(journal) == [MARK.name("web")]


@pytest.mark.parametrize("survived", range(5))
def test_sweep_that_was_interrupted_is_completed_by_the_next(world, folder, survived):
    names = [world.add("flavor", MARK.name(f"flavor{number}")) for number in range(5)]
    journal = dead_journal(folder, *(("flavor", name) for name in names))

    def interrupt(_swept):
        if len(world.done) > 2 * survived:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(world.clients, [journal], report=interrupt)
    sweep(world.clients, find_journals(folder))
    assert world.things["flavor"] == []
    assert find_journals(folder) == []


def test_request_under_way_when_its_process_died_is_waited_for(world, folder, fake_clock):
    journal = dead_journal(folder, ("server", MARK.name("web")), age=1)
    look = leftovers.of_entry

    def appears_after_some_seconds(clients, entry):
        if fake_clock.waited > 3 and not world.done:
            world.things["server"] = [MARK.name("web")]
        return look(clients, entry)

    leftovers.of_entry = appears_after_some_seconds  # the fixture restores it
    swept = sweep(world.clients, [journal], clock=fake_clock)
    assert said(swept) == [f"done: delete server {MARK.name('web')}"]


def test_request_that_had_no_effect_is_not_waited_for_long(world, folder, fake_clock):
    journal = dead_journal(folder, ("server", MARK.name("web")), age=1)
    assert sweep(world.clients, [journal], clock=fake_clock) == []
    assert IN_FLIGHT - 2 < fake_clock.waited <= IN_FLIGHT
    assert left_in(journal) is None


def test_marked_things_without_a_journal_are_swept_when_old_enough(world, folder):
    old, young = Mark("0t5k2m1abcde"), Mark.new()
    for mark in (old, young):
        world.add("server", mark.name("web"))
        world.add("trait", mark.trait("gold"))
    world.add("server", "somebody's")
    swept = sweep_marked(world.clients, [], older_than=timedelta(hours=1))
    assert said(swept) == [f"done: delete server {old.name('web')}", f"done: delete trait {old.trait('gold')}"]
    assert world.things["server"] == [young.name("web"), "somebody's"]


def test_marked_things_of_a_run_whose_journal_has_just_been_swept_are_swept_too(world, folder):
    journal = dead_journal(folder, mark=MARK)
    forgotten = MARK.name("forgotten")
    world.add("server", forgotten)
    journals = find_journals(folder)
    assert journals
    sweep(world.clients, journals)
    assert not journal.path.exists()
    assert said(sweep_marked(world.clients, journals, older_than=timedelta(0))) == [f"done: delete server {forgotten}"]


def test_journal_whose_run_ends_well_meanwhile_is_passed_over(world, folder):
    with Journal(MARK, cloud="lab", auth_url=AUTH_URL, folder=folder):
        journals = find_journals(folder)
    assert journals
    assert sweep(world.clients, journals) == []


# --- what is recognised, and what is not


class Fakes:
    """Clients whose answers are attributes; every change is remembered in `.changes`."""

    def __init__(self, **answers):
        self.changes = []
        self._answers = answers

    def __getattr__(self, name):
        answer = self._answers.get(name)

        def call(*args, **kwargs):
            if callable(answer):
                return answer(*args, **kwargs)
            if answer is not None:
                return answer
            self.changes.append((name, *args, *kwargs.values()))
            return None

        return call


class Part:
    """One of the clients: `find` of `servers` is `servers_find` of its fakes."""

    def __init__(self, fakes, name):
        self._fakes, self._name = fakes, name

    def __getattr__(self, name):
        return getattr(self._fakes, f"{self._name}_{name}")


@pytest.fixture(autouse=True)
def control_of_the_test(monkeypatch):
    monkeypatch.setattr(leftovers, "control_of", lambda target: target)


def clients(compute=None, placement=None, images=None, volumes=None, session=None, control=None):
    made = Clients(session or Fakes(offers=True))
    made.session.target = control
    for name in ("servers", "migrations", "flavors", "services", "aggregates", "quotas"):
        setattr(made, name, Part(compute, name))
    for name in ("traits", "resource_classes"):
        setattr(made, name, Part(placement, name))
    made.placement, made.images, made.volumes = placement, images, volumes
    made.patience = lambda _operation: 0.0
    return made


def entry(kind, name, id=None, mark=MARK, **details):
    return Entry(1, kind, name, mark.run, datetime.now(UTC), id, details)


def undone(cloud, an_entry):
    """Undo what an entry names; return the orders."""
    found = leftovers.of_entry(cloud, an_entry)
    for leftover in found:
        leftover.remove()
        leftover.finish()
    return [str(leftover) for leftover in found]


def not_found(*_args, **_kwargs):
    raise ApiError("no", service="compute", method="GET", path="/", status=404)


NOTHING_HELD = SimpleNamespace(allocations={})


def ours(name="web", **options):
    return Server(
        options.pop("id", "uuid-1"), MARK.name(name), "ACTIVE", metadata=options.pop("metadata", MARK.metadata)
    )


FOREIGN = [
    Server("uuid-1", "web", "ACTIVE", metadata=MARK.metadata),
    Server("uuid-1", MARK.name("web"), "ACTIVE"),
    Server("uuid-1", MARK.name("web"), "ACTIVE", metadata=OTHER.metadata),
    Server("uuid-1", OTHER.name("web"), "ACTIVE", metadata=OTHER.metadata),
]


def test_every_kind_can_be_found():
    assert set(leftovers.FINDERS) == set(KINDS)


def test_server_is_deleted_and_all_it_held_awaited():
    gone = []
    compute = Fakes(
        servers_find=lambda _id: None if gone else ours(),
        migrations_all=[Migration(1, "uuid-2", "resize", "finished", "a", "b", "uuid-1")],
        servers_delete_whatever_it_takes=lambda _id: gone.append(1),
    )
    asked = []

    def allocations(consumer):
        asked.append(consumer)
        return NOTHING_HELD

    assert undone(clients(compute, Fakes(allocations=allocations)), entry("server", MARK.name("web"), "uuid-1")) == [
        f"delete server {MARK.name('web')} (uuid-1)"
    ]
    assert gone
    assert asked == ["uuid-1", "uuid-2"]


def test_what_nova_does_not_free_is_freed():
    compute = Fakes(servers_find=lambda _id: None)
    placement = Fakes(allocations=SimpleNamespace(allocations={"provider": {"VCPU": 1}}))
    assert undone(clients(compute, placement), entry("server", MARK.name("web"), "uuid-1")) == [
        f"free allocation of deleted server {MARK.name('web')} (uuid-1)"
    ]
    assert placement.changes == [("delete_allocations", "uuid-1")]


@pytest.mark.parametrize("server", FOREIGN)
@pytest.mark.parametrize("known", ["uuid-1", None])
def test_server_without_the_mark_in_name_and_metadata_is_somebody_elses(server, known):
    compute = Fakes(servers_find=lambda _id: server, servers_all=[server])
    assert undone(clients(compute), entry("server", MARK.name("web"), known)) == []
    assert compute.changes == []


def test_servers_made_in_one_request_are_found_by_the_beginning_of_their_names():
    patterns = []

    def servers(name, all_projects):
        patterns.append((name, all_projects))
        return [ours("web-1", id="uuid-1"), ours("web-2", id="uuid-2")]

    compute = Fakes(servers_all=servers, servers_find=lambda _id: None, migrations_all=[])
    orders = undone(clients(compute, Fakes(allocations=NOTHING_HELD)), entry("server", MARK.name("web")))
    assert len(orders) == 2
    assert patterns == [(f"^{MARK.name('web')}", True)]
    assert compute.changes == [
        ("servers_delete_whatever_it_takes", "uuid-1"),
        ("servers_delete_whatever_it_takes", "uuid-2"),
    ]


def test_allocation_of_a_consumer_that_is_somebodys_server_is_left():
    held = SimpleNamespace(allocations={"provider": {"VCPU": 1}})
    placement = Fakes(allocations=held)
    theirs = Fakes(servers_find=lambda _id: Server("uuid-9", "web", "ACTIVE"))
    assert undone(clients(theirs, placement), entry("allocation", "uuid-9")) == []
    assert undone(clients(Fakes(servers_find=lambda _id: None), placement), entry("allocation", "uuid-9"))
    assert placement.changes == [("delete_allocations", "uuid-9")]


def test_flavor_is_known_by_its_name():
    def flavor(name):
        return Flavor(name, 1, 64, 1, 0, 0, {}, "id-1")

    compute = Fakes(flavors_get=flavor(MARK.name("small")))
    assert undone(clients(compute), entry("flavor", MARK.name("small"), "id-1"))
    assert compute.changes == [("flavors_delete", "id-1")]
    theirs = Fakes(flavors_get=flavor("m1.small"), flavors_named=flavor("m1.small"))
    assert undone(clients(theirs), entry("flavor", MARK.name("small"), "id-1")) == []
    assert undone(clients(theirs), entry("flavor", MARK.name("small"))) == []
    assert undone(clients(Fakes(flavors_get=not_found)), entry("flavor", MARK.name("small"), "id-1")) == []


def test_images_of_another_name_are_left():
    images = Fakes(all=[Image("i-1", MARK.name("im"), "active"), Image("i-2", "ubuntu", "active")])
    assert undone(clients(images=images), entry("image", MARK.name("im"))) == [f"delete image {MARK.name('im')} (i-1)"]
    assert images.changes == [("delete", "i-1")]


def test_clouds_without_block_storage_have_no_volumes():
    volumes = SimpleNamespace(offered=False)
    assert undone(clients(volumes=volumes), entry("volume", MARK.name("root"))) == []


def service(**state):
    return ComputeService(
        "s-1", "host1", "nova-compute", state.pop("state", "up"), state.pop("status", "enabled"), **state
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (service(status="disabled", disabled_reason=MARK.name("x")), [("services_enable", "s-1")]),
        (service(status="disabled", disabled_reason="broken disk"), []),
        (service(status="disabled", disabled_reason=None), []),
        (service(status="disabled", disabled_reason=OTHER.name("x")), []),
        (service(), []),
    ],
)
def test_service_is_enabled_only_if_the_run_gave_the_reason(found, expected):
    compute = Fakes(services_all=[found])
    undone(clients(compute), entry("service-disabled", "host1"))
    assert compute.changes == expected


def test_forced_down_service_is_released():
    compute = Fakes(services_all=[service(forced_down=True)])
    undone(clients(compute), entry("service-forced-down", "host1"))
    assert compute.changes == [("services_force_down", "s-1", False)]
    assert undone(clients(Fakes(services_all=[service()])), entry("service-forced-down", "host1")) == []


def lab(state):
    control = HttpControl("http://127.0.0.1:1", "t")
    control.changes = []
    control.hosts = lambda: [{"host": "host1", "state": state}]
    control.return_host = lambda host, guests="kept": control.changes.append(("return", host))
    control.remove_host = lambda host: control.changes.append(("remove", host))
    control.configure = lambda *args: control.changes.append(("configure", *args))
    return control


@pytest.mark.parametrize(
    ("state", "forced", "returned", "raised"),
    [
        ("stopped", True, [("return", "host1")], [("services_force_down", "s-1", False)]),
        ("stopped", False, [("return", "host1")], [("services_force_down", "s-1", False)]),
        ("up", True, [], [("services_force_down", "s-1", False)]),
        ("up", False, [], []),
    ],
)
def test_stopped_host_is_brought_back_and_awaited(state, forced, returned, raised):
    control = lab(state)
    compute = Fakes(services_all=[service(forced_down=forced)], services_get=service())
    undone(clients(compute, control=control), entry("host-stopped", "host1"))
    assert control.changes == returned
    assert compute.changes == raised


def test_without_a_way_to_bring_a_host_back_the_remedy_is_told():
    compute = Fakes(services_all=[service(forced_down=True)])
    cloud = clients(compute, control=CommandControl({}, cloud="staging"))
    (leftover,) = leftovers.of_entry(cloud, entry("host-stopped", "host1"))
    with pytest.raises(Exception, match='set "return_host" under "stocktake: control:" of cloud "staging"'):
        leftover.remove()


def test_hosts_of_a_lab_are_told_by_their_names():
    control = lab("up")
    control.hosts = lambda: [{"host": "host1", "state": "up"}, {"host": MARK.name("extra"), "state": "up"}]
    found = leftovers._list_lab_hosts(clients(control=control))
    assert [leftover.name for leftover in found] == [MARK.name("extra")]


def test_host_added_to_a_lab_goes_with_its_service():
    control, compute = lab("up"), Fakes(services_all=[service()])
    assert undone(clients(compute, control=control), entry("lab-host", "host1")) == ["remove host host1"]
    assert control.changes == [("remove", "host1")]
    assert compute.changes == [("services_delete", "s-1")]
    assert undone(clients(Fakes(services_all=lambda host: []), control=lab("up")), entry("lab-host", "host9")) == []


def test_option_is_set_back():
    control = lab("up")
    undone(clients(control=control), entry("option", "allow_resize_to_same_host", was=False))
    assert control.changes == [("configure", "allow_resize_to_same_host", False, "DEFAULT")]


@pytest.mark.parametrize(("times", "removed"), [(1, [("remove_fault",)]), (0, []), (None, [])])
def test_fault_that_is_still_to_strike_is_removed(times, removed):
    control = lab("up")
    control.fault = lambda: {} if times is None else {"times": times}
    control.remove_fault = lambda: control.changes.append(("remove_fault",))
    undone(clients(control=control), entry("placement-fault", "a conflict"))
    assert control.changes == removed


def test_inventory_is_set_back_unless_it_is_as_it_was_or_gone():
    was, now = Inventory(32, allocation_ratio=4.0), Inventory(32, allocation_ratio=2.0)

    def changed(found):
        placement = Fakes(inventories=found)
        cloud = clients(placement=placement)
        undone(cloud, entry("provider-inventory", "VCPU", provider="p-1", was=was.as_json()))
        return placement.changes

    assert changed(ProviderInventories(3, {"VCPU": now})) == [("set_inventory", "p-1", "VCPU", was)]
    assert changed(ProviderInventories(3, {"VCPU": was})) == []
    assert changed(ProviderInventories(3, {})) == []
    assert changed(not_found) == []


def test_aggregate_is_emptied_and_deleted():
    compute = Fakes(
        aggregates_all=[
            HostAggregate(1, None, MARK.name("agg"), None, ("host1", "host2"), {}),
            HostAggregate(2, None, "rack1", None, ("host1",), {}),
            HostAggregate(3, None, OTHER.name("agg"), None, (), {}),
        ]
    )
    undone(clients(compute), entry("aggregate", MARK.name("agg")))
    assert compute.changes == [
        ("aggregates_remove_host", 1, "host1"),
        ("aggregates_remove_host", 1, "host2"),
        ("aggregates_delete", 1),
    ]


def test_own_trait_is_taken_off_and_a_foreign_one_never():
    placement = Fakes(traits_of_provider=frozenset({MARK.trait("gold"), "CUSTOM_RACK", "OWNER_NOVA"}))
    undone(clients(placement=placement), entry("provider-trait", MARK.trait("gold"), provider="p-1"))
    assert placement.changes == [("traits_remove", "p-1", MARK.trait("gold"))]
    assert undone(clients(placement=placement), entry("provider-trait", "CUSTOM_RACK", provider="p-1")) == []


def test_trait_that_was_taken_away_is_given_back():
    placement = Fakes(traits_of_provider=frozenset({"OWNER_NOVA"}))
    undone(clients(placement=placement), entry("provider-trait", "CUSTOM_RACK", provider="p-1", had=True))
    assert placement.changes == [("traits_add", "p-1", "CUSTOM_RACK")]
    assert undone(clients(placement=placement), entry("provider-trait", "OWNER_NOVA", provider="p-1", had=True)) == []


def test_traits_and_aggregates_of_a_provider_that_is_gone_are_gone():
    placement = Fakes(traits_of_provider=not_found, provider_aggregates=not_found)
    assert undone(clients(placement=placement), entry("provider-trait", MARK.trait("gold"), provider="p-1")) == []
    assert undone(clients(placement=placement), entry("provider-aggregate", "a-1", provider="p-1")) == []


def test_other_aggregates_of_a_provider_stay():
    placement = Fakes(provider_aggregates=frozenset({"a-1", "a-2"}))
    undone(clients(placement=placement), entry("provider-aggregate", "a-1", provider="p-1"))
    assert placement.changes == [("set_provider_aggregates", "p-1", frozenset({"a-2"}))]


def test_trait_is_taken_off_every_provider_before_it_is_deleted():
    trait = MARK.trait("gold")
    placement = Fakes(traits_all=[trait], providers=[Provider("p-1", "host1", 3)])
    undone(clients(placement=placement), entry("trait", trait))
    assert placement.changes == [("traits_remove", "p-1", trait), ("traits_delete", trait)]
    assert undone(clients(placement=Fakes(traits_all=["CUSTOM_RACK"])), entry("trait", "CUSTOM_RACK")) == []


def test_provider_goes_after_its_own_children_and_leaves_those_of_others():
    tree = [
        Provider("p-0", "host1", 1, None, "p-0"),
        Provider("p-1", MARK.name("numa"), 1, "p-0", "p-0"),
        Provider("p-2", MARK.name("pci"), 1, "p-1", "p-0"),
        Provider("p-3", "theirs", 1, "p-1", "p-0"),
    ]
    held = {"c-1": {"p-1": {}, "p-2": {}}, "c-2": {"p-1": {}, "p-0": {}}}
    placement = Fakes(
        find_provider=tree[1],
        tree=tree,
        provider_allocations=held,
        allocations=lambda consumer: SimpleNamespace(allocations=held[consumer]),
    )
    undone(clients(placement=placement), entry("provider", MARK.name("numa")))
    assert dict.fromkeys(placement.changes) == dict.fromkeys(
        [("delete_allocations", "c-1"), ("delete_provider", "p-2"), ("delete_provider", "p-1")]
    )
    assert undone(clients(placement=Fakes(providers=[tree[0]])), entry("provider", MARK.name("numa"), "p-0")) == []


def test_resource_class_goes_with_inventories_of_it():
    name = MARK.trait("gpu")
    placement = Fakes(resource_classes_all=["VCPU", "CUSTOM_GPU", name], providers=[Provider("p-1", "x", 1)])
    undone(clients(placement=placement), entry("resource-class", name))
    assert placement.changes == [("delete_inventory", "p-1", name), ("resource_classes_delete", name)]


def test_user_and_project_are_deleted_by_id():
    deleted = []
    session = SimpleNamespace(
        get=lambda service, path, params: {
            path[1:]: [{"name": MARK.name("u"), "id": "id-1"}, {"name": "bob", "id": "2"}]
        },
        request=lambda method, service, path: deleted.append(path),
    )
    compute = Fakes()
    undone(clients(compute, session=session), entry("user", MARK.name("u")))
    undone(clients(compute, session=session), entry("project", MARK.name("u")))
    assert deleted == ["/users/id-1", "/projects/id-1"]
    assert compute.changes == [("quotas_reset", "id-1")]


def test_listing_by_the_mark_finds_ours_and_nothing_else():
    everything = [*FOREIGN[:3], ours(), ours("db", id="uuid-2")]
    session = Fakes(get=lambda service, path, params: {path[1:]: [{"name": MARK.name("u"), "id": "1"}]})
    found = leftovers.marked(
        clients(
            compute=Fakes(
                services_all=[service(), service(status="disabled", disabled_reason=MARK.name("x"))],
                servers_all=everything,
                flavors_all=[Flavor("m1", 1, 1, 1, 0, 0, {}, "1"), Flavor(MARK.name("f"), 1, 1, 1, 0, 0, {}, "2")],
                aggregates_all=[HostAggregate(2, None, "rack1", None, ("host1",), {})],
            ),
            placement=Fakes(
                providers=[Provider("p-0", "host1", 1), Provider("p-1", MARK.name("numa"), 1)],
                traits_all=[MARK.trait("gold"), "CUSTOM_STOCKTAKE_GOLD"],
                resource_classes_all=["VCPU", OTHER.trait("gpu")],
            ),
            images=Fakes(all=[Image("i-2", "stocktake-image", "active")]),
            volumes=SimpleNamespace(offered=False),
            session=session,
            control=lab("up"),
        ),
        lambda mark: mark == MARK,
    )
    assert [(leftover.kind, leftover.id or leftover.name) for leftover in found] == [
        ("service-disabled", "s-1"),
        ("server", "uuid-1"),
        ("server", "uuid-2"),
        ("flavor", "2"),
        ("provider", "p-1"),
        ("trait", MARK.trait("gold")),
        ("user", "1"),
        ("project", "1"),
    ]
