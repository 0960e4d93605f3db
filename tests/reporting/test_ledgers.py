"""Ledgers: what is wrong in them, as a table, over time."""

import pytest
from stocktake.support.reporting.ledgers import Cell, Ledger, claimed_and_found, claimed_by, classes, over_time

CAPACITY = {"VCPU": 8, "MEMORY_MB": 8192, "DISK_GB": 40}


def row(consumer, provider, vcpu, memory=512, **more):
    return {"consumer": consumer, "provider": provider, "resources": {"VCPU": vcpu, "MEMORY_MB": memory, **more}}


def ledger(*rows, **more):
    providers = [{"name": name, "capacity": CAPACITY} for name in ("alpha", "beta")]
    return Ledger.read({"title": "allocations", "providers": providers, "rows": list(rows)} | more)


def test_nothing_is_wrong_without_a_claim():
    assert ledger(row("server web", "alpha", 1)).wrong == {}


def test_zero_equals_absent():
    found = ledger(row("server web", "alpha", 1, DISK_GB=0), expected={"rows": [row("server web", "alpha", 1)]})
    assert found.wrong == {}
    assert ledger(row("server web", "alpha", 0, 0)).held == {}


def test_a_wrong_cell_a_missing_row_and_an_unexpected_row():
    found = ledger(
        row("server web", "alpha", 2),
        row("migration of web", "beta", 1),
        expected={"rows": [row("server web", "alpha", 1), row("server db", "alpha", 1)]},
    )
    assert found.wrong == {
        ("server web", "alpha", "VCPU"): (2, 1),
        ("server db", "alpha", "VCPU"): (0, 1),
        ("server db", "alpha", "MEMORY_MB"): (0, 512),
        ("migration of web", "beta", "VCPU"): (1, 0),
        ("migration of web", "beta", "MEMORY_MB"): (512, 0),
    }


def test_changes_are_signed_and_a_claimed_zero_is_a_claim():
    found = ledger(changes={"alpha": {"VCPU": 1}}, expected={"changes": {"alpha": {"VCPU": 0}, "beta": {"VCPU": 0}}})
    assert found.wrong_changes == {("alpha", "VCPU"): (1, 0)}
    head, body = claimed_and_found(found)
    assert head == ["host", "VCPU"]
    assert body == [[Cell("alpha", number=False), Cell("+1", "0")], [Cell("beta", number=False), Cell("0")]]


def test_others_hold_what_the_rows_do_not():
    found = ledger(row("server web", "alpha", 1), usages={"alpha": {"VCPU": 4, "MEMORY_MB": 512}})
    assert found.others("alpha", "VCPU") == 3
    assert found.others("alpha", "MEMORY_MB") == 0
    assert found.used("alpha", "VCPU") == 4
    assert found.others("beta", "VCPU") == 0


def test_a_provider_met_only_in_a_row_is_shown_too():
    assert ledger(row("server web", "alpha/numa0", 1)).providers == ("alpha", "beta", "alpha/numa0")


def test_classes_are_those_that_matter_in_a_fixed_order():
    assert classes([ledger()]) == ["VCPU", "MEMORY_MB", "DISK_GB"]
    assert classes([ledger(row("s", "alpha", 1, 0, CUSTOM_GPU=1, PCPU=2))]) == ["VCPU", "CUSTOM_GPU", "PCPU"]


def test_the_table_of_a_claim_marks_wrong_cells():
    head, body = claimed_and_found(
        ledger(row("server web", "alpha", 1, 1024), expected={"rows": [row("server web", "alpha", 2, 1024)]})
    )
    assert head == ["consumer", "host", "VCPU", "MEMORY_MB"]
    assert body == [[Cell("server web", number=False), Cell("alpha", number=False), Cell("1", "2"), Cell("1,024")]]


def test_a_ledger_without_a_claim_has_no_such_table():
    assert claimed_and_found(ledger(row("server web", "alpha", 1))) is None


def test_over_time_tells_who_held_what_when():
    body = over_time([ledger(row("server web", "alpha", 1, 0)), ledger(row("server web", "beta", 1, 0))])
    assert [[cell.text for cell in line] for line in body] == [
        ["server web", "alpha", "VCPU", "1", "0"],
        ["server web", "beta", "VCPU", "0", "1"],
    ]


def test_the_table_of_a_step_is_a_claim_where_the_ledger_has_none():
    table = [["consumer", "host", "VCPU", "MEMORY_MB"], ["server web", "alpha", "2", "512"]]
    found = claimed_by(ledger(row("server web", "alpha", 1)), "the allocations are", table)
    assert found.wrong == {("server web", "alpha", "VCPU"): (1, 2)}
    told = ledger(row("server web", "alpha", 1), expected={"rows": []})
    assert claimed_by(told, "the allocations are", table) is told


def test_a_tree_counts_as_one_host_unless_the_table_names_children():
    whole = ledger(row("server web", "alpha/numa0", 1), row("server web", "alpha/numa1", 1))
    table = [["consumer", "host", "VCPU", "MEMORY_MB"], ["server web", "alpha", "2", "1024"]]
    assert claimed_by(whole, "the allocations are", table).wrong == {}
    children = [table[0], ["server web", "alpha/numa0", "2", "1024"]]
    assert claimed_by(whole, "the allocations are", children) is whole


def test_a_table_of_changes_is_a_claim_about_usages_only():
    table = [["host", "VCPU"], ["alpha", "+1"], ["beta", "0"]]
    changed = ledger(changes={"alpha": {"VCPU": 1}, "beta": {"VCPU": 1}})
    found = claimed_by(changed, "the usages have changed by", table)
    assert found.wrong_changes == {("beta", "VCPU"): (1, 0)}
    assert claimed_by(changed, "the hypervisors tell", table) is changed


@pytest.mark.parametrize("table", [[], [["flavor"], ["small"]], [["consumer", "host", "VCPU"], ["a", "b", "much"]]])
def test_other_tables_claim_nothing(table):
    one = ledger(row("server web", "alpha", 1))
    assert claimed_by(one, "these flavors", table) is one


@pytest.mark.parametrize("data", [{"rows": [{}]}, {"rows": 5}, {"providers": [{"capacity": 1}]}])
def test_another_shape_is_refused(data):
    with pytest.raises((KeyError, TypeError, AttributeError)):
        Ledger.read(data)
