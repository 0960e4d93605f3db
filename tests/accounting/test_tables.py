"""Tables of features: read strictly, refused in one sentence that says where, drawn as Gherkin draws them."""

import re

import pytest
from gherkin.parser import Parser
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_allocations, read_flavors, read_rows, read_usages, render
from stocktake.support.errors import FeatureError

ALLOCATIONS = ["consumer", "host", "VCPU", "MEMORY_MB"]
FLAVORS = ["flavor", "VCPU", "MEMORY_MB", "DISK_GB"]


def test_reads_allocations() -> None:
    ledger = read_allocations(
        [ALLOCATIONS, ["server web", "alpha/numa0", "1", "512"], ["migration of web", "beta", "2", "0"]]
    )
    assert ledger == Ledger(
        {
            ("server web", "alpha/numa0"): Resources(VCPU=1, MEMORY_MB=512),
            ("migration of web", "beta"): Resources(VCPU=2),
        }
    )
    assert ledger.classes == ("VCPU", "MEMORY_MB")


def test_reads_usages_with_and_without_signs() -> None:
    usages = read_usages(
        [["host", "DISK_GB", "CUSTOM_GOLD"], ["alpha", "+1", "-2"], ["beta", "0", "3"], ["gamma", "0", "0"]]
    )
    assert usages == Usages({"alpha": Resources(DISK_GB=1, CUSTOM_GOLD=-2), "beta": Resources(CUSTOM_GOLD=3)})
    assert usages.providers == ("alpha", "beta", "gamma")
    assert usages.classes == ("DISK_GB", "CUSTOM_GOLD")


def test_reads_flavors_with_all_columns() -> None:
    headings = [*FLAVORS, "ephemeral GB", "swap MB", "extra specs"]
    specs = "resources:VCPU=0, hw:cpu_dedicated_mask=0,2-3,trait:CUSTOM_GOLD=required, hw:pmem=6GB,6GB"
    assert read_flavors(
        [headings, ["small", "1", "512", "1", "2", "100", specs], ["bare", "1", "1", "0", "0", "0", ""]]
    ) == [
        Flavor(
            "small",
            vcpus=1,
            ram=512,
            disk=1,
            ephemeral=2,
            swap=100,
            extra_specs={
                "resources:VCPU": "0",
                "hw:cpu_dedicated_mask": "0,2-3",
                "trait:CUSTOM_GOLD": "required",
                "hw:pmem": "6GB,6GB",
            },
        ),
        Flavor("bare", vcpus=1, ram=1, disk=0),
    ]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([], "the table of allocations is empty; its first row must name the columns"),
        ([ALLOCATIONS], "has headings and no rows"),
        ([["consumer", "VCPU"], ["web", "1"]], 'lacks the column "host"; it has "consumer", "VCPU"'),
        ([["consumer", "host"], ["web", "alpha"]], "names no resource class"),
        ([[*ALLOCATIONS, "VCPU"], ["web", "alpha", "1", "1", "1"]], 'has the column "VCPU" twice'),
        (
            [["consumer", "host", "VPCU"], ["web", "alpha", "1"]],
            '"VPCU", which is not a resource class; did you mean "VCPU"?',
        ),
        ([["consumer", "host", "memory_mb"], ["web", "alpha", "1"]], 'did you mean "MEMORY_MB"?'),
        ([["consumer", "host", "gold"], ["web", "alpha", "1"]], "other classes begin with CUSTOM_"),
        ([["consumer", "host", "CUSTOM_gold"], ["web", "alpha", "1"]], '"CUSTOM_gold", which is not a resource class'),
        (
            [["consumers", "host", "VCPU"], ["web", "alpha", "1"]],
            'unknown column "consumers"; did you mean "consumer"?',
        ),
        ([ALLOCATIONS, ["web", "alpha", "1"]], "row 1 has 3 cells where the heading has 4"),
        ([ALLOCATIONS, ["", "alpha", "1", "1"]], 'row 1, column "consumer" is empty'),
        ([ALLOCATIONS, ["web", "alpha", "two", "1"]], 'row 1, column "VCPU": "two" is not a whole number such as 512'),
        (
            [ALLOCATIONS, ["web", "alpha", "1", "512 MB"]],
            'column "MEMORY_MB": "512 MB" has a unit; write 512 in the unit',
        ),
        ([ALLOCATIONS, ["web", "alpha", "1.5", "1"]], '"1.5" is not a whole number'),
        ([ALLOCATIONS, ["web", "alpha", "1_0", "1"]], '"1_0" is not a whole number'),
        ([ALLOCATIONS, ["web", "alpha", "\u0661", "1"]], '"\u0661" is not a whole number'),
        ([ALLOCATIONS, ["web", "alpha", "+1", "1"]], '"+1" has a sign; amounts here are absolute'),
        ([ALLOCATIONS, ["web", "alpha", "", "1"]], 'column "VCPU" is empty; nothing is written 0'),
        (
            [ALLOCATIONS, ["web", "a", "1", "1"], ["web", "a", "2", "1"]],
            'row 2: "web" on host "a" is listed a second time',
        ),
    ],
)
def test_refuses_wrong_allocations(table: list[list[str]], sentence: str) -> None:
    with pytest.raises(FeatureError, match=re.escape(sentence)) as refusal:
        read_allocations(table)
    assert str(refusal.value).startswith("the table of allocations")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([["host", "VCPU"], ["alpha", "1"], ["alpha", "2"]], 'row 2: host "alpha" is listed a second time'),
        ([["host", "VCPU"], ["alpha", "+-1"]], '"+-1" is not a whole number'),
        ([["host", "VCPU"], ["alpha", "+2 GB"]], '"+2 GB" has a unit; write +2'),
        ([["Host", "VCPU"], ["alpha", "2"]], 'unknown column "Host"; did you mean "host"?'),
    ],
)
def test_refuses_wrong_usages(table: list[list[str]], sentence: str) -> None:
    with pytest.raises(FeatureError, match=re.escape(sentence)):
        read_usages(table)


def flavor_with(specs: str) -> list[list[str]]:
    return [[*FLAVORS, "extra specs"], ["small", "1", "512", "1", specs]]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            [[*FLAVORS, "extra_specs"], ["s", "1", "1", "1", ""]],
            'unknown column "extra_specs"; did you mean "extra specs"?',
        ),
        ([[*FLAVORS, "CUSTOM_GOLD"], ["s", "1", "1", "1", "1"]], 'unknown column "CUSTOM_GOLD"; it may have "flavor"'),
        ([FLAVORS, ["s", "1", "1", "1"], ["s", "1", "1", "1"]], 'row 2: flavor "s" is listed a second time'),
        (
            flavor_with("trait:CUSTOM_GOLD"),
            'column "extra specs": "trait:CUSTOM_GOLD" is not an extra spec; write it as key=value',
        ),
        (flavor_with("required"), '"required" is not an extra spec'),
        (flavor_with("a=1,"), '"" is not an extra spec'),
        (flavor_with("a=1, a=2"), 'the extra spec "a" is given twice'),
        (flavor_with("resources:VCPUS=1"), 'names no known resource class; did you mean "VCPU"?'),
        (flavor_with("resources_A:custom_gold=1"), "names of your own begin with CUSTOM_"),
        (flavor_with("trait:COMPUTE_VOLUME_EXTENT=required"), 'no known trait; did you mean "COMPUTE_VOLUME_EXTEND"?'),
    ],
)
def test_refuses_wrong_flavors(table: list[list[str]], sentence: str) -> None:
    with pytest.raises(FeatureError, match=re.escape(sentence)):
        read_flavors(table)


def test_reads_any_table_by_its_headings() -> None:
    assert read_rows([["host", " trait "], ["alpha", " CUSTOM_A "]], "the table of traits", ("host", "trait")) == [
        {"host": "alpha", "trait": "CUSTOM_A"}
    ]


cells = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=6)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)))
def test_what_is_drawn_is_gherkin_and_reads_back(table: list[list[str]]) -> None:
    document = "Feature: f\n  Scenario: s\n    Given a\n" + render(table[0], table[1:])
    step = Parser().parse(document)["feature"]["children"][0]["scenario"]["steps"][0]
    assert [[cell["value"] for cell in row["cells"]] for row in step["dataTable"]["rows"]] == table


def test_numbers_are_aligned_right_and_names_left() -> None:
    assert render(["host", "VCPU"], [["alpha", "2 (not 16)"], ["b", "+1"]]) == (
        "| host  |       VCPU |\n| alpha | 2 (not 16) |\n| b     |         +1 |"
    )
