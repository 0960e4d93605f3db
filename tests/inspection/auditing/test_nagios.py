"""The answer of a Nagios plugin: its state, its words, and performance data that can be read again."""

import re

import pytest
from stocktake.support.accounting.findings import Rule
from stocktake.support.inspection.auditing.nagios import State, render, state, unknown

DATUM = re.compile(r"([a-z_]+)=([0-9.]+)(s?);;;0")  # label, value, unit; no thresholds; least value


def test_states_are_numbered_as_the_guidelines_number_them():
    assert [int(one) for one in State] == [0, 1, 2, 3]


def test_line_says_what_was_found(report, finding):
    found = [finding(rule, f"s-{number}") for number, rule in enumerate(list(Rule)[:5])]
    found += [finding(Rule.FAILED_BOOT, f"s-{number}") for number in (7, 8)]
    assert render(report(*found)).partition(" | ")[0] == (
        "STOCKTAKE CRITICAL: 7 findings (2 failed-boot, 1 usage-differs-from-allocations, 1 capacity-exceeded, "
        '3 others) in 5 resource providers, 20 servers of cloud "staging"'
    )


def test_performance_data(report, finding, unseen):
    line = render(report(finding(), not_judged=(unseen,)))
    data = line.partition(" | ")[2].split(" ")
    read = {match[1]: match[2] + match[3] for match in map(DATUM.fullmatch, data) if match}
    assert len(read) == len(data)
    assert (read["findings"], read["new"], read["known"], read["not_judged"]) == ("1", "1", "0", "1")
    assert (read["providers"], read["servers"], read["migrations"]) == ("5", "20", "3")
    assert (read["requests"], read["time"]) == ("99", "12.3s")


@pytest.mark.parametrize(
    ("doubts", "expected"),
    [([], State.OK), (["a cell is down"], State.WARNING), ([None], State.CRITICAL), (["x", None], State.CRITICAL)],
)
def test_state_is_as_bad_as_the_surest_finding(report, finding, doubts, expected):
    found = [finding(consumer=f"s-{number}", doubt=doubt) for number, doubt in enumerate(doubts)]
    assert state(report(*found)) is expected


def test_any_text_is_one_line_without_performance_data():
    assert unknown("it is\n  down | really") == "STOCKTAKE UNKNOWN: it is down / really"
