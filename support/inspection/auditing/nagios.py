"""An audit as the answer of a Nagios plugin: one line with performance data, and an exit status.

As https://www.monitoring-plugins.org/doc/guidelines.html has them.
"""

from collections import Counter
from enum import IntEnum

from stocktake.support.accounting.findings import Certainty
from stocktake.support.inspection.auditing.report import Report, counted

NAME = "STOCKTAKE"
RULES_NAMED = 3


class State(IntEnum):
    """The states of a service, which are also the exit statuses."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def state(report: Report) -> State:
    """Return CRITICAL for a certain finding that counts, WARNING if all that count are doubted, else OK."""
    certainties = {finding.certainty for finding in report.counting}
    if Certainty.CERTAIN in certainties:
        return State.CRITICAL
    return State.WARNING if certainties else State.OK


def render(report: Report) -> str:
    """Write the line: the rules that found most, then what else an operator may want to draw as a graph."""
    data = {
        "findings": len(report.findings),
        "new": len(report.counting),
        "known": len(report.known),
        "not_judged": len(report.audited.not_judged),
        **report.audited.read,
        "requests": report.requests,
    }
    shown = " ".join(f"{name}={value};;;0" for name, value in data.items())
    return f"{_line(state(report), _said(report))} | {shown} time={report.seconds:.1f}s;;;0"


def unknown(problem: str) -> str:
    """Write the line of an audit that could not be made."""
    return _line(State.UNKNOWN, problem)


def _said(report: Report) -> str:
    rules = Counter(finding.rule.value for finding in report.counting).most_common()
    named = [f"{count} {rule}" for rule, count in rules[:RULES_NAMED]]
    others = sum(count for _rule, count in rules[RULES_NAMED:])
    listed = ", ".join([*named, *([f"{others} others"] if others else [])])
    new = "new " if report.earlier is not None else ""
    found = f"{counted(len(report.counting), f'{new}finding')} ({listed})" if listed else f"no {new}findings"
    return f'{found} in {report.subject} of cloud "{report.cloud}"'


def _line(state: State, text: str) -> str:
    """Keep to one line, in which "|" begins the performance data."""
    return f"{NAME} {state.name}: {' '.join(text.split()).replace('|', '/')}"
