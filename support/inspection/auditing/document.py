"""An audit as a JSON document, for programs; `schema.json` describes it."""

import json
from importlib.resources import files
from typing import Any

from stocktake.support.accounting.findings import Finding
from stocktake.support.inspection.auditing.earlier import VERSION, id_of
from stocktake.support.inspection.auditing.report import Report


def schema() -> str:
    """Return the JSON Schema (draft 2020-12) of the document."""
    return files(__package__).joinpath("schema.json").read_text()


def render(report: Report) -> str:
    """Write an audit as JSON."""
    earlier = report.earlier
    document = {
        "version": VERSION,
        "cloud": report.cloud,
        "ended": report.ended.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 1),
        "requests": report.requests,
        "read": report.audited.read,
        "only": [rule.value for rule in report.only],
        "findings": [{**_finding(one), "new": report.is_new(one)} for one in report.findings],
        "known": [
            {**_finding(one.finding), "reason": one.entry.reason, "until": one.entry.until.isoformat()}
            for one in report.known
        ],
        "not_judged": [one.as_json() for one in report.audited.not_judged],
        "since": earlier and earlier.ended.isoformat(timespec="seconds"),
        "gone": list(report.gone),
        "notes": list(report.notes),
    }
    return json.dumps(document, indent=2)


def _finding(finding: Finding) -> dict[str, Any]:
    return {"id": id_of(finding), **finding.as_json()}
