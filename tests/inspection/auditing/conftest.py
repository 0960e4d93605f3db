"""Findings, and reports of them."""

from datetime import UTC, datetime

import pytest
from stocktake.support.accounting.findings import Audited, Finding, NotJudged, Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.inspection.auditing.report import Report

READ = {"providers": 5, "servers": 20, "migrations": 3}


def make_finding(rule=Rule.OTHER_HOST, consumer="s-1", **more):
    facts = {"server": "web", "host": "alpha", "provider": "p-1", "found": Resources(VCPU=2, MEMORY_MB=512), **more}
    sentence = f'server "web" holds {facts["found"]} on host "alpha"'
    return Finding(
        rule, sentence, f"openstack resource provider allocation show {consumer}", consumer=consumer, **facts
    )


@pytest.fixture
def finding():
    """Makes findings."""
    return make_finding


@pytest.fixture
def report():
    """Makes reports of what is found, of a cloud that is called staging."""

    def make(*findings, not_judged=(), **more):
        facts = {"cloud": "staging", "ended": datetime(2026, 11, 29, 2, 30, tzinfo=UTC), "seconds": 12.34}
        facts |= {"requests": 99, "audited": Audited(dict(READ), findings, not_judged), "findings": findings}
        return Report(**{**facts, **more})

    return make


@pytest.fixture
def unseen():
    """Something that was not judged."""
    return NotJudged(Reason.CELL_DOWN, "a cell does not answer", "start its database", consumers=("s-9",))
