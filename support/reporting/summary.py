"""A run as Markdown, for the summary page of a CI job: the verdict, the totals, what failed, what is missing."""

import re
from collections.abc import Iterator, Sequence

from stocktake.support.reporting.comparison import KINDS, Comparison
from stocktake.support.reporting.outcomes import FAILED, OUTCOMES, PASSED, UNVERIFIED, WORDS, noun
from stocktake.support.reporting.page.showing import attempt, first_line, took
from stocktake.support.reporting.page.views import Attempted, Report

FEW = 5  # scenarios of one rule
MOST = 30  # failures shown in full; job pages have limits
LONGEST = 4_000  # characters of one failure
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def markdown(report: Report, changes: Sequence[Comparison] = ()) -> str:
    """The whole summary."""
    parts = [
        verdict(report),
        broken(report),
        repeated(report),
        known(report),
        missing(report),
        *map(changed, changes),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def plain(text: str) -> str:
    """Text on one line, escaped for Markdown and HTML."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def fenced(text: str) -> Iterator[str]:
    """Text as a block of code, its fence longer than any in it."""
    text = text if len(text) <= LONGEST else text[:LONGEST] + "\n[shortened]"
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 3)
    yield from (fence + "text", *text.splitlines(), fence)


def verdict(report: Report) -> Iterator[str]:
    """The headline and the totals, cloud by cloud."""
    yield f"## {plain(report.headline)}"
    yield ""
    if report.rest and report.runs:
        yield ", ".join(told for _, told in report.rest) + "."
        yield ""
    if not report.runs:
        yield f"{noun(len(report.scenarios), 'scenario')} in {noun(len(report.features), 'feature')}, not run."
        return
    shown = [o for o in OUTCOMES if o in (PASSED, FAILED, UNVERIFIED) or any(run.totals[o] for run in report.runs)]
    yield "| cloud | " + " | ".join(WORDS[outcome] for outcome in shown) + " | scenarios | time |"
    yield "| --- |" + " ---: |" * (len(shown) + 2)
    for run in report.runs:
        cells = [str(run.totals[outcome]) for outcome in shown]
        time = took(run.finished - run.started) if run.finished else "interrupted"
        yield f"| {plain(run.cloud)} | " + " | ".join(cells) + f" | {run.totals.total()} | {time} |"
    for file, line, what in report.unreadable:
        yield ""
        yield f"**{plain(file)}:{line}** could not be used: {plain(what)}"


def broken(report: Report) -> Iterator[str]:
    """What failed, folder by folder: the rule, the scenario, what was found."""
    if not report.failures:
        return
    yield from ("", "### Failures")
    for each in report.failures[:MOST]:
        yield ""
        yield f"**{plain(each.scenario.rule or each.feature.name)}**  "
        yield f"{place(each, several=report.several)}"
        if each.result.message:
            yield ""
            yield from fenced(each.result.message)
    if len(report.failures) > MOST:
        yield from ("", f"and {len(report.failures) - MOST} more.")


def place(failure: Attempted, *, several: bool) -> str:
    """The scenario, its location, and the cloud."""
    scenario = failure.scenario
    on = f" on {plain(failure.cloud)}" if several else ""
    return f"{plain(scenario.name)} ({plain(scenario.uri)}:{scenario.line}){on}"


def repeated(report: Report) -> Iterator[str]:
    """What passed, but not at the first attempt, and why it failed before."""
    if not report.passed_later:
        return
    yield from ("", "### What passed only at a later attempt", "")
    for each in report.passed_later[:MOST]:
        why = plain(first_line(each.result.earlier[-1]))
        yield f"- {place(each, several=report.several)}: passed at {attempt(each.result)}; before: {why}"
    if len(report.passed_later) > MOST:
        yield f"- and {len(report.passed_later) - MOST} more."


def missing(report: Report) -> Iterator[str]:
    """What could not be verified, why, and what to set."""
    if not report.gaps:
        return
    yield from (
        "",
        "### What could not be verified",
        "",
        "| scenarios | reason | to verify them |",
        "| ---: | --- | --- |",
    )
    for gap in report.gaps:
        yield f"| {len(gap.where)} | {plain(gap.reason)} | {plain(gap.remedy)} |"


def known(report: Report) -> Iterator[str]:
    """What fails because of a known defect, and the address of its report."""
    if not report.defects:
        return
    yield from ("", "### What is known to fail", "", "| scenarios | because | see |", "| ---: | --- | --- |")
    for defect in report.defects:
        yield f"| {len(defect.where)} | {plain(defect.reason)} | {plain(defect.remedy)} |"


def changed(changes: Comparison) -> Iterator[str]:
    """What differs from the run before, or between two clouds."""
    yield from ("", f"### {plain(changes.title)}", "")
    if not changes.rules:
        yield "Nothing changed."
    for kind, meaning in KINDS.items():
        if changes.count(kind):
            yield f"- **{noun(changes.count(kind), 'scenario')} {kind}** ({meaning})"
            for rule in changes.of_kind(kind):
                names = "; ".join(plain(change.scenario.name) for change in rule.changes[:FEW])
                more = f" and {len(rule.changes) - FEW} more" if len(rule.changes) > FEW else ""
                yield f"  - {plain(rule.rule)}: {names}{more}"
