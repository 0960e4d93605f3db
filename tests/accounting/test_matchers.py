"""The matchers' text is their purpose: two tables, differences marked in the second."""

import pytest
from hamcrest import assert_that
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.matchers import ledger_equals, usages_equal
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_allocations, read_usages

SMALL = Resources(VCPU=1, MEMORY_MB=512, DISK_GB=1)
HEADINGS = ["consumer", "host", "VCPU", "MEMORY_MB", "DISK_GB"]
EXPECTED = read_allocations(
    [HEADINGS, ["server web", "beta", "2", "1024", "2"], ["migration of web", "alpha", "1", "512", "1"]]
)


def failure(found: Ledger | Usages, matcher: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_that(found, matcher)
    return str(caught.value)


def test_accepts_the_same_rows_in_any_order_and_ignores_zeros() -> None:
    found = Ledger({("migration of web", "alpha"): SMALL, ("server web", "beta"): SMALL * 2, ("x", "y"): Resources()})
    assert_that(found, ledger_equals(EXPECTED))


def test_a_wrong_row_a_missing_row_and_an_unexpected_row_are_told_apart() -> None:
    found = Ledger({("server web", "beta"): SMALL + Resources(VCPU=1), ("server web", "alpha"): SMALL})
    assert failure(found, ledger_equals(EXPECTED)) == (
        "\nExpected: Placement allocations\n"
        "      | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |\n"
        "      | server web       | beta  |    2 |      1024 |       2 |\n"
        "      | migration of web | alpha |    1 |       512 |       1 |\n"
        "     but: Placement says\n"
        "      | consumer         | host  |      VCPU |      MEMORY_MB |   DISK_GB |            |\n"
        "      | server web       | beta  |         2 | 512 (not 1024) | 1 (not 2) |            |\n"
        "      | migration of web | alpha | 0 (not 1) |    0 (not 512) | 0 (not 1) | missing    |\n"
        "      | server web       | alpha |         1 |            512 |         1 | unexpected |\n"
    )


def test_a_class_nobody_expected_is_shown_and_wrong() -> None:
    expected = read_usages([["host", "VCPU"], ["alpha", "1"]])
    assert failure(Usages({"alpha": Resources(VCPU=1, CUSTOM_GOLD=2)}), usages_equal(expected)).endswith(
        "     but: Placement says\n      | host  | VCPU | CUSTOM_GOLD |\n      | alpha |    1 |   2 (not 0) |\n"
    )


def test_usages_are_drawn_as_changes_when_they_are() -> None:
    expected = read_usages([["host", "VCPU", "MEMORY_MB"], ["alpha", "+1", "+512"], ["beta", "0", "0"]])
    found = Usages(
        {"alpha": Resources(VCPU=1, MEMORY_MB=512), "beta": Resources(MEMORY_MB=-4), "gamma": Resources(VCPU=1)}
    )
    assert failure(found, usages_equal(expected, signed=True)) == (
        "\nExpected: Placement usages to have changed by\n"
        "      | host  | VCPU | MEMORY_MB |\n"
        "      | alpha |   +1 |      +512 |\n"
        "      | beta  |    0 |         0 |\n"
        "     but: Placement says\n"
        "      | host  | VCPU |  MEMORY_MB |            |\n"
        "      | alpha |   +1 |       +512 |            |\n"
        "      | beta  |    0 | -4 (not 0) |            |\n"
        "      | gamma |   +1 |          0 | unexpected |\n"
    )


def test_nothing_expected_and_nothing_found_are_said_in_words() -> None:
    assert "Placement allocations\n      no rows\n" in failure(EXPECTED, ledger_equals(Ledger()))
    assert "no rows" in str(ledger_equals(Ledger()))


def test_something_that_is_no_ledger_is_not_compared() -> None:
    assert failure(Usages(), ledger_equals(EXPECTED)).endswith("but: was <Usages({})>\n")


rows = st.dictionaries(
    st.tuples(st.sampled_from(["web", "db"]), st.sampled_from(["alpha", "beta"])),
    st.dictionaries(st.sampled_from(["VCPU", "CUSTOM_A"]), st.integers(0, 2)).map(Resources),
)


@given(rows.map(Ledger), rows.map(Ledger))
def test_marks_something_exactly_when_it_does_not_match(expected: Ledger, found: Ledger) -> None:
    matcher = ledger_equals(expected)
    assert matcher.matches(found) == (expected == found)
    if expected != found:
        message = failure(found, matcher)
        assert "(not " in message or "unexpected" in message
        assert all(len(line) <= 100 for line in message.splitlines())


@given(rows.map(Ledger), rows.map(Ledger))
def test_says_nothing_is_wrong_where_nothing_is(expected: Ledger, found: Ledger) -> None:
    if expected == found:
        return
    table = failure(found, ledger_equals(expected)).partition("but: ")[2]
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        differs = found[cells[0], cells[1]] != expected[cells[0], cells[1]]
        assert differs == ("(not " in line or "unexpected" in line)
