"""How single items are shown: strips of pictures, time lines, steps with their arguments marked, numbers and times.

Everything here is called by the templates. Only Stocktake's SVG and the marks around arguments are markup.
"""

import base64
import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from markupsafe import Markup
from stocktake.support.reporting.ledgers import Cell, Ledger, claimed_and_found, number, over_time
from stocktake.support.reporting.model import Done, Moment, Result, Scenario, Step, Table
from stocktake.support.reporting.outcomes import OUTCOMES, WORDS, noun
from stocktake.support.reporting.page import timeline
from stocktake.support.reporting.page.pictures import Pictures

FILTERS = {outcome: outcome.replace(" ", "-") for outcome in OUTCOMES}  # as classes and in data attributes
QUOTED = re.compile(r'"[^"]*"')
NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*")
VERSION = re.compile(r"[0-9]+[.][0-9]+")
READING = re.compile(r"\b(GET|HEAD)\b")
ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth")
CHECKED_WORDS = {  # by the name of the check
    "usages": "usages after every step",
    "periodic": "nothing changed by the periodic task",
    "clean-up": "everything cleaned up",
}
CHECK_LABELS = {"checked": "Also checked", "failed": "Failed", "unverified": "Not checked"}  # by outcome
BUG_TAG = re.compile(r"@bug-([0-9]+)")
FEW = 3  # wrong cells in one line
MANY_FRAMES = 12  # pictures of a strip; earlier ones are omitted
TENTHS_BELOW = 10  # seconds


@dataclass(frozen=True)
class Frame:
    """One picture of a strip: which steps it was taken after, and what it shows."""

    steps: str
    caption: str
    svg: Markup
    wrong: bool


@dataclass(frozen=True)
class Strip:
    """The pictures of one scenario, their legend and their table."""

    frames: tuple[Frame, ...]
    legend: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0


def strip(scenario: Scenario, result: Result, nth: int = 0) -> Strip | None:
    """The pictures of the `nth` run of a scenario, equal neighbours once; None when no ledger was attached."""
    taken: list[tuple[str, str, Ledger]] = []
    for label, caption, done in labelled(scenario, result):
        for ledger in done.evidence.ledgers[-1:]:  # the state at the end of the step
            if taken and taken[-1][2].state == ledger.state:
                first, words, _ = taken[-1]
                taken[-1] = (spanned(first, label), words, ledger)
            else:
                taken.append((label, caption, ledger))
    if not taken:
        return None
    left_out, taken = max(0, len(taken) - MANY_FRAMES), taken[-MANY_FRAMES:]
    ledgers = [ledger for _, _, ledger in taken]
    drawing = Pictures(ledgers)
    frames = []
    for n, (steps, caption, ledger) in enumerate(taken):
        svg = drawing.draw(ledger, "allocations", f"{scenario.anchor}.{nth}", first=n == 0)
        wrong = bool(ledger.wrong or ledger.wrong_changes)
        frames.append(Frame(steps, caption, Markup(svg), wrong))  # noqa: S704 - drawn by us, its texts escaped
    rows = tuple(tuple(row) for row in over_time(ledgers))
    return Strip(tuple(frames), tuple(drawing.legend), rows, left_out)


def labelled(scenario: Scenario, result: Result) -> Iterator[tuple[str, str, Done]]:
    """The results with labels and captions: the scenario's own steps by number, the background's and hooks by name."""
    before = len(scenario.background)
    steps = (*scenario.background, *scenario.steps)
    for hook in result.hooks:
        if hook.hook == "set-up":
            yield hook.hook, "", hook
    for n, done in enumerate(result.done):
        step = steps[n] if n < len(steps) else None
        caption = f"{step.keyword} {step.text}" if step else ""
        yield str(n - before + 1) if n >= before else "Background", caption, done
    for hook in result.hooks:
        if hook.hook != "set-up":
            yield hook.hook, "", hook


def spanned(first: str, last: str) -> str:
    """The label of a picture that stayed the same: "2", then "2 to 4"."""
    begin = first.partition(" to ")[0]
    return begin if begin == last else f"{begin} to {last}"


def claimed(result: Result) -> list[tuple[list[str], list[list[Cell]]]]:
    """The wrong tables as found, with the expected amount in each wrong cell."""
    return [table for table in map(claimed_and_found, wrong_ledgers(result)[-2:]) if table]


def step_class(done: Done) -> str:
    """passed, failed, undefined, ambiguous, known; unverified for the step with the reason, else skipped."""
    named = {"PENDING": "known"} | ({"SKIPPED": "unverified"} if done.message else {})
    return named.get(done.status, done.status.lower())


def wrong_ledgers(result: Result) -> list[Ledger]:
    """The ledgers that are not as expected."""
    ledgers = (ledger for done in (*result.done, *result.hooks) for ledger in done.evidence.ledgers)
    return [ledger for ledger in ledgers if ledger.wrong or ledger.wrong_changes]


def history(result: Result) -> list[Moment]:
    """Every state of every server, in order."""
    found = [moment for done in (*result.done, *result.hooks) for moment in done.evidence.history]
    return sorted(dict.fromkeys(found), key=lambda moment: moment.seconds)


def drawn_history(moments: Sequence[Moment]) -> Markup:
    """The time line."""
    return Markup(timeline.draw(moments))  # noqa: S704 - drawn by us, its texts escaped


def marked(step: Step, done: Done | None = None) -> Markup:
    """A step's text with its arguments marked: those that were matched, else the quoted texts."""
    spans = done.arguments if done and done.arguments else [found.span() for found in QUOTED.finditer(step.text)]
    parts, at = [], 0
    for start, end in spans:
        parts.append(text(step.text[at:start]) + Markup("<i>") + text(step.text[start:end]) + Markup("</i>"))
        at = end
    return Markup("").join([*parts, text(step.text[at:])])


def shortened(words: str) -> str:
    """Requests without those that only read, for a scenario that passed on a large page."""
    lines = words.splitlines()
    kept = [line for line in lines if not READING.search(line)]
    if len(kept) == len(lines):
        return words
    return "\n".join([*kept, f"({noun(len(lines) - len(kept), 'reading')} omitted: see the message stream)"])


class Packing:
    """Evidence in folds: written in place, or, on a large page, compressed and unpacked when a fold is opened."""

    def __init__(self, *, inline: bool):
        self.inline = inline
        self._pieces: list[str] = []

    def __call__(self, html: Markup) -> Markup:
        """The evidence itself, or the placeholder into which it is unpacked."""
        if self.inline:
            return html
        if not html.strip():
            return Markup("")
        self._pieces.append(str(html).strip())
        return Markup("<div data-e={}></div>").format(len(self._pieces) - 1)

    @property
    def packed(self) -> str:
        """All pieces as base64 of gzipped JSON; empty when everything is written inline."""
        if not self._pieces:
            return ""
        data = gzip.compress(json.dumps(self._pieces, ensure_ascii=False).encode(), compresslevel=6, mtime=0)
        return base64.b64encode(data).decode("ascii")


@lru_cache(maxsize=10_000)
def text(words: str) -> Markup:
    """Escaped for the inside of an element, where quotation marks may stay."""
    return Markup(words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


@lru_cache(maxsize=1_000)
def data_table(rows: Table) -> Markup:
    """A step's table. Written here instead of in a template, like `cells`, because large pages have thousands of
    them."""
    head, *body = rows
    first = body[0] if body else head
    lines = ["<thead><tr>", *(f"<th{right(first[n])}>{text(each)}" for n, each in enumerate(head)), "<tbody>"]
    for row in body:
        lines += ["<tr>", *(f"<td{right(each)}>{text(each)}" for each in row)]
    return Markup("<div class=wide tabindex=0><table>" + "".join(lines) + "</table></div>")  # noqa: S704


def cells(row: Sequence[Cell], heads: int) -> Markup:
    """The cells of a row, the first `heads` of them headers; wrong ones show the expected amount."""
    parts = []
    for n, each in enumerate(row):
        if each.wanted:
            of = "wrong n" if each.number else "wrong"
            parts.append(f'<td class="{of}">{text(each.text)} <b>(not {text(each.wanted)})</b>')
        else:
            parts.append(f"<{'th' if n < heads else 'td'}{' class=n' if each.number else ''}>{text(each.text)}")
    return Markup("".join(parts))  # noqa: S704 - escaped by text()


def right(words: str) -> str:
    """The class of a cell with a number."""
    return " class=n" if is_number(words) else ""


@lru_cache(maxsize=10_000)
def is_number(text: str) -> bool:
    """Whether a cell is right-aligned."""
    return bool(NUMBER.fullmatch(text))


def took(seconds: float) -> str:
    """0.3 s, 12 s, 3 min 5 s."""
    if seconds < TENTHS_BELOW:
        return f"{seconds:.1f} s".replace("0.0 s", "0 s")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def when(seconds: float) -> str:
    """22 Nov 2026, 19:27 UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y, %H:%M UTC").lstrip("0") if seconds else ""


def bug_of(tag: str) -> str:
    """The address of the Launchpad bug a tag names; empty for other tags."""
    found = BUG_TAG.fullmatch(tag)
    return f"https://bugs.launchpad.net/bugs/{found[1]}" if found else ""


def in_short(result: Result) -> str:
    """A failure in one line: the first cells that are wrong, else the first line of its message."""
    wrong = [
        f"{who} on {where}: {name} {number(found)}, not {number(wanted)}"
        for ledger in wrong_ledgers(result)[-1:]
        for (who, where, name), (found, wanted) in ledger.wrong.items()
    ] + [
        f"{where}: {name} changed by {number(found, '+')}, not {number(wanted, '+')}"
        for ledger in wrong_ledgers(result)[-1:]
        for (where, name), (found, wanted) in ledger.wrong_changes.items()
    ]
    if wrong:
        more = f" and {len(wrong) - FEW} more" if len(wrong) > FEW else ""
        return "; ".join(wrong[:FEW]) + more
    return first_line(result.message)


def first_line(text: str) -> str:
    """The first line with anything in it."""
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


def attempt(result: Result) -> str:
    """The attempt that a result belongs to: "the second attempt"."""
    number = len(result.earlier) + 1
    return f"the {ORDINALS[number]} attempt" if number < len(ORDINALS) else f"attempt {number}"


def also_checked(result: Result) -> list[tuple[str, str]]:
    """The implicit checks, by what was checked, failed or could not be checked: (label, checks with reasons)."""
    found: dict[str, list[str]] = {label: [] for label in CHECK_LABELS.values()}
    for check in result.checks:
        words = CHECKED_WORDS.get(check.name, check.name) if check.outcome == "checked" else check.name
        label = CHECK_LABELS.get(check.outcome, check.outcome.capitalize())
        found.setdefault(label, []).append(f"{words} ({check.reason})" if check.reason else words)
    return [(label, ", ".join(parts)) for label, parts in found.items() if parts]


def paragraphs(text: str) -> list[str]:
    """A description's paragraphs."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def fact_text(value: object) -> str:
    """A value of the cloud's description: a pair of versions is a range, a list is a list."""
    if isinstance(value, list | tuple):
        parts = [fact_text(each) for each in value]
        is_range = len(parts) == len(("least", "most")) and all(VERSION.fullmatch(part) for part in parts)
        return (" to " if is_range else ", ").join(parts)
    return str(value)


def is_link(text: str) -> bool:
    """Whether an address may be linked to."""
    return text.startswith(("https://", "http://"))


FOR_TEMPLATES = {
    "fact_text": fact_text,
    "is_link": is_link,
    "strip": strip,
    "claimed": claimed,
    "history": history,
    "drawn_history": drawn_history,
    "labelled": labelled,
    "marked": marked,
    "shortened": shortened,
    "text": text,
    "data_table": data_table,
    "cells": cells,
    "is_number": is_number,
    "step_class": step_class,
    "took": took,
    "when": when,
    "bug_of": bug_of,
    "in_short": in_short,
    "first_line": first_line,
    "attempt": attempt,
    "also_checked": also_checked,
    "paragraphs": paragraphs,
    "noun": noun,
    "words": WORDS,
    "filters": FILTERS,
    "outcomes": OUTCOMES,
}
