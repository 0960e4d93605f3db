"""Metrics: both parsers of prometheus_client understand them, and names and values are what conventions ask for."""

import re
from datetime import date

import pytest
from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics
from stocktake.support.accounting.findings import Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.inspection.auditing.known import Entry, Known
from stocktake.support.inspection.auditing.openmetrics import render

PARSERS = {"OpenMetrics": openmetrics, "Prometheus": prometheus}


def families(text, parser=openmetrics):
    return {family.name: family for family in parser.text_string_to_metric_families(f"{text}\n")}


def values(text, name, label):
    """Return the values of a metric by one of its labels, those that are 0 left out."""
    return {one.labels[label]: one.value for one in families(text)[f"stocktake_audit_{name}"].samples if one.value}


@pytest.fixture
def text(report, finding, unseen):
    less = finding(Rule.MISSING, "s-4", expected=Resources(VCPU=1), found=Resources())
    more = finding(Rule.AMOUNTS, "s-5", expected=Resources(VCPU=1), found=Resources(VCPU=4, DISK_GB=7))
    entry = Entry("known.yaml: entry 1", {}, "moving", date(2027, 1, 31))
    known = (Known(finding(Rule.DOUBLED), entry),)
    return render(report(finding(), finding(consumer="s-2"), less, more, known=known, not_judged=(unseen,)))


@pytest.mark.parametrize("parser", PARSERS.values(), ids=PARSERS)
def test_it_is_parsed_and_consists_of_gauges_with_help(text, parser):
    parsed = families(text, parser)
    assert len(parsed) == 9
    assert {family.type for family in parsed.values()} == {"gauge"}
    assert all(family.documentation.endswith(".") for family in parsed.values())


def test_every_sample_is_of_a_family_and_of_the_cloud(text):
    for name, family in families(text).items():
        for sample in family.samples:
            assert sample.name == name
            assert sample.labels["cloud"] == "staging"


def test_names_follow_the_conventions_of_prometheus(text):
    for name, family in families(text).items():
        assert re.fullmatch(r"stocktake_audit_[a-z]+(_[a-z]+)*", name)
        assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_info"))
        assert family.unit == ("seconds" if name.endswith("_seconds") else "")


def test_findings_are_counted_by_rule_and_rules_without_any_are_0(text):
    samples = families(text)["stocktake_audit_findings"].samples
    assert {one.labels["rule"] for one in samples} == {rule.value for rule in Rule}
    assert values(text, "findings", "rule") == {"other-host": 2, "missing-allocation": 1, "unexplained-amounts": 1}
    assert values(text, "new_findings", "rule") == values(text, "findings", "rule")
    assert values(text, "known_findings", "rule") == {"doubled-allocation": 1}


def test_excess_is_added_up_in_the_unit_of_its_class(text):
    samples = families(text)["stocktake_audit_excess_amount"].samples
    assert {(one.labels["rule"], one.labels["resource_class"]): one.value for one in samples} == {
        ("missing-allocation", "VCPU"): 0,
        ("other-host", "MEMORY_MB"): 1024,
        ("other-host", "VCPU"): 4,
        ("unexplained-amounts", "DISK_GB"): 7,
        ("unexplained-amounts", "VCPU"): 3,
    }


def test_what_was_read_sent_and_not_judged_is_told(text):
    assert values(text, "read_objects", "kind") == {"providers": 5, "servers": 20, "migrations": 3}
    assert values(text, "not_judged", "reason") == {"cell-down": 1}
    assert len(families(text)["stocktake_audit_not_judged"].samples) == len(Reason)
    assert values(text, "requests", "cloud") == {"staging": 99}
    assert values(text, "duration_seconds", "cloud") == {"staging": 12.34}
    assert values(text, "end_timestamp_seconds", "cloud") == {"staging": 1795919400}


def test_any_name_of_a_cloud_is_escaped(report):
    (sample,) = families(render(report(cloud='a "b"\\\n')))["stocktake_audit_requests"].samples
    assert sample.labels["cloud"] == 'a "b"\\\n'


def test_it_ends_as_openmetrics_must(text):
    assert text.endswith("\n# EOF")
