"""An audit for people: a table of the amounts, then each finding as a sentence with the command that shows it."""

from collections.abc import Sequence

from stocktake.support.accounting.findings import Finding, NotJudged
from stocktake.support.accounting.rendering import render as draw
from stocktake.support.inspection.auditing.report import Report, counted

HEADERS = ("", "rule", "server", "host", "expected", "found")


def render(report: Report) -> str:
    """Write an audit for a terminal or a mail; with an earlier audit, only new findings are drawn."""
    parts = [_headline(report)]
    if report.counting:
        parts += ["", draw(list(HEADERS), _rows(report.counting)), ""]
        parts += [_tell(number, finding) for number, finding in enumerate(report.counting, 1)]
    parts += [f"no longer found: {sentence}" for sentence in report.gone]
    parts += [f"known until {one.entry.until}: {one.finding.sentence}\n   {one.entry.reason}" for one in report.known]
    parts += [line for one in report.audited.not_judged for line in _unjudged(one)]
    return "\n".join([*parts, *report.notes])


def _headline(report: Report) -> str:
    findings, cloud = len(report.counting), f'cloud "{report.cloud}"'
    if report.earlier is None:
        said = f"{counted(findings, 'finding')} in {report.subject}" if findings else _in_order(report)
        return f"{cloud}: {said}"
    since = f"{report.earlier.ended:%Y-%m-%d %H:%M %Z}"
    before = len(report.findings) - findings
    new = f"{findings or 'no'} new {'finding' if findings == 1 else 'findings'} since {since}"
    return f"{cloud}: {new} in {report.subject}; {before or 'none'} of that time {'is' if before == 1 else 'are'} left"


def _in_order(report: Report) -> str:
    """Say that nothing is to be reported, and no more than that."""
    if not report.only and not report.known:
        return f"the accounts of {report.subject} agree"
    rules = f" of {', '.join(rule.value for rule in report.only)}" if report.only else ""
    return f"no findings{rules} in {report.subject}{' beside the known ones' if report.known else ''}"


def _rows(findings: Sequence[Finding]) -> list[list[str]]:
    return [
        [
            str(number),
            one.rule.value,
            one.server or one.consumer or "",
            one.host or "",
            str(one.expected),
            str(one.found),
        ]
        for number, one in enumerate(findings, 1)
    ]


def _tell(number: int, finding: Finding) -> str:
    """Print a finding with everything that an operator needs to investigate it."""
    doubt = f" ({finding.certainty.value}: {finding.doubt})" if finding.doubt else ""
    ids = {
        "consumer": finding.consumer,
        "resource provider": finding.provider,
        "volume": finding.volume,
        "accelerator request": finding.accelerator_request,
        "flavor": finding.flavor,
    }
    known = ", ".join(f"{what} {uuid}" for what, uuid in ids.items() if uuid)
    return f"{number}. {finding.sentence}{doubt}\n   {known}\n   shown by: {finding.command}"


def _unjudged(one: NotJudged) -> list[str]:
    """Say what could not be judged, and what would let it be judged."""
    return [f"not judged: {one}", *([f"   {one.remedy}"] if one.remedy else [])]
