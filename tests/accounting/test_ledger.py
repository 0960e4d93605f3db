"""Ledgers and usages: sums, names, child providers, and the pictures they draw."""

from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources

SMALL = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
LARGE = Resources(VCPU=2, MEMORY_MB=1024, DISK_GB=2)
UNDECIDED = Ledger({("migration of web", "alpha"): SMALL, ("server web", "beta"): LARGE})

resources = st.dictionaries(st.sampled_from(["VCPU", "DISK_GB"]), st.integers(-3, 3)).map(Resources)
keys = st.tuples(st.sampled_from(["web", "db"]), st.sampled_from(["alpha", "alpha/numa0", "beta"]))
ledgers = st.dictionaries(keys, resources).map(Ledger)
usages = st.dictionaries(st.sampled_from(["alpha", "beta", "gamma"]), resources).map(Usages)


def test_reads_by_consumer_and_by_provider() -> None:
    assert UNDECIDED["server web", "beta"] == LARGE
    assert UNDECIDED["server web", "alpha"] == Resources()
    assert UNDECIDED.of("server web") == Ledger({("server web", "beta"): LARGE})
    assert UNDECIDED.on("alpha") == Ledger({("migration of web", "alpha"): SMALL})
    assert UNDECIDED.consumers == ("migration of web", "server web")
    assert UNDECIDED.providers == ("alpha", "beta")
    assert UNDECIDED.total() == SMALL + LARGE


def test_a_row_of_nothing_is_no_row() -> None:
    assert Ledger({("server web", "alpha"): Resources()}) == Ledger()
    assert hash(Ledger({("server web", "alpha"): Resources()})) == hash(Ledger())
    assert len(UNDECIDED - UNDECIDED) == 0


@given(ledgers, ledgers)
def test_ledgers_add_and_subtract(a: Ledger, b: Ledger) -> None:
    assert a + b == b + a
    assert a - b + b == a
    assert (a + b).usages() == a.usages() + b.usages()
    assert hash(a + b) == hash(b + a)


@given(ledgers)
def test_usages_are_the_sums_of_the_rows(ledger: Ledger) -> None:
    for provider in ("alpha", "alpha/numa0", "beta"):
        assert ledger.usages()[provider] == ledger.on(provider).total()


@given(ledgers)
def test_folding_children_into_roots_changes_no_total(ledger: Ledger) -> None:
    assert ledger.roots().usages() == ledger.usages().roots()
    assert ledger.roots().total() == ledger.total()
    assert not any("/" in provider for provider in ledger.roots().providers)


@given(usages, usages)
def test_usages_add_and_subtract(a: Usages, b: Usages) -> None:
    assert a - b + b == a
    assert (a - b) == -(b - a)


def test_names_take_the_place_of_uuids_and_strangers_keep_theirs() -> None:
    read = Ledger({("c1", "p1"): SMALL, ("c2", "p2"): LARGE})
    named = read.named({"c1": "server web"}, {"p1": "alpha", "p2": "alpha/numa0"})
    assert named == Ledger({("server web", "alpha"): SMALL, ("c2", "alpha/numa0"): LARGE})
    assert read.named({"c1": "web", "c2": "web"}, {"p1": "a", "p2": "a"}) == Ledger({("web", "a"): SMALL + LARGE})


def test_classes_can_be_renamed_and_columns_follow() -> None:
    names = {"CUSTOM_STOCKTAKE_0_GOLD": "CUSTOM_GOLD"}
    held = Ledger({("web", "alpha"): Resources(VCPU=1, CUSTOM_STOCKTAKE_0_GOLD=2)})
    assert held.with_classes(names) == Ledger({("web", "alpha"): Resources(VCPU=1, CUSTOM_GOLD=2)})
    used = Usages({"alpha": Resources(CUSTOM_STOCKTAKE_0_GOLD=2), "beta": Resources()}, classes=list(names))
    rows = ("| host  | CUSTOM_GOLD |", "| alpha |           2 |", "| beta  |           0 |")
    assert used.with_classes(names).table() == "\n".join(rows)


def test_a_ledger_and_usages_are_never_equal() -> None:
    assert Ledger() != Usages()


def test_usages_remember_who_was_looked_at_without_it_mattering() -> None:
    looked = Usages({"alpha": SMALL, "beta": Resources()})
    assert looked == Usages({"alpha": SMALL})
    assert hash(looked) == hash(Usages({"alpha": SMALL}))
    assert looked.providers == ("alpha", "beta")
    assert (looked - looked).providers == ("alpha", "beta")
    assert looked.named({"beta": "b"}).providers == ("alpha", "b")


def test_a_ledger_draws_the_features_table() -> None:
    assert UNDECIDED.table() == (
        "| consumer         | host  | VCPU | MEMORY_MB | DISK_GB |\n"
        "| migration of web | alpha |    1 |       512 |       1 |\n"
        "| server web       | beta  |    2 |      1024 |       2 |"
    )


def test_usages_draw_changes_with_their_signs() -> None:
    before = Usages({"alpha": SMALL, "beta": LARGE})
    after = Usages({"alpha": LARGE, "beta": LARGE})
    assert (after - before).table(signed=True) == (
        "| host  | VCPU | MEMORY_MB | DISK_GB |\n"
        "| alpha |   +1 |      +512 |      +1 |\n"
        "| beta  |    0 |         0 |       0 |"
    )


def test_wanted_columns_come_first_and_others_follow() -> None:
    ledger = Ledger({("web", "alpha"): Resources(VCPU=1, CUSTOM_GOLD=2)}, classes=["DISK_GB", "VCPU"])
    assert ledger.table().splitlines()[0] == "| consumer | host  | DISK_GB | VCPU | CUSTOM_GOLD |"
    assert ledger == Ledger({("web", "alpha"): Resources(VCPU=1, CUSTOM_GOLD=2)})


def test_an_empty_ledger_still_draws_its_headings() -> None:
    assert Ledger(classes=["VCPU"]).table() == "| consumer | host | VCPU |"


def test_as_json() -> None:
    assert UNDECIDED.on("alpha").as_json() == [
        {"consumer": "migration of web", "provider": "alpha", "resources": {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}}
    ]
    assert Usages({"alpha": Resources(VCPU=1), "beta": Resources()}).as_json() == {"alpha": {"VCPU": 1}, "beta": {}}


def test_shows_its_rows_in_repr() -> None:
    assert repr(UNDECIDED.on("beta").of("server web")) == (
        "Ledger({('server web', 'beta'): Resources(VCPU=2, MEMORY_MB=1024, DISK_GB=2)})"
    )
