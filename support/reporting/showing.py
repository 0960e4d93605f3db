"""How single things are shown: strips of pictures, time lines, steps with their arguments marked, numbers and times.

Everything here is called by the templates. Only SVG of ours and the marks around arguments are markup.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape

from support.reporting import timeline
from support.reporting.ledgers import Cell, Ledger, claimed_and_found, over_time
from support.reporting.model import Done, Moment, Result, Scenario, Step
from support.reporting.outcomes import OUTCOMES, WORDS, noun
from support.reporting.pictures import Pictures

FILTERS = {outcome: outcome.replace(" ", "-") for outcome in OUTCOMES}  # as classes and in data attributes
QUOTED = re.compile(r'"[^"]*"')
NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*")
UNQUOTED = re.compile(r'="([\w.#-]+)"')
VERSION = re.compile(r"[0-9]+[.][0-9]+")
BUG_TAG = re.compile(r"@bug-([0-9]+)")
MANY_FRAMES = 12  # pictures of a strip; earlier ones are left out
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


def strip(scenario: Scenario, result: Result) -> Strip | None:
    """The pictures of a run of a scenario, equal neighbours once; None when no ledger was attached."""
    taken: list[tuple[str, str, Ledger]] = []
    for label, caption, done in labelled(scenario, result):
        for ledger in done.evidence.ledgers:
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
    for steps, caption, ledger in taken:
        svg = compact(drawing.draw(ledger, "Allocations, as in the table below"))
        frames.append(Frame(steps, caption, svg, bool(ledger.wrong or ledger.wrong_changes)))
    rows = tuple(tuple(row) for row in over_time(ledgers))
    return Strip(tuple(frames), tuple(drawing.legend), rows, left_out)


def labelled(scenario: Scenario, result: Result) -> Iterator[tuple[str, str, Done]]:
    """What was done with its label and caption: own steps by number, the background's and hooks by name."""
    before = len(scenario.background)
    steps = (*scenario.background, *scenario.steps)
    for hook in result.hooks:
        if hook.hook == "set-up":
            yield hook.hook, "", hook
    for number, done in enumerate(result.done):
        step = steps[number] if number < len(steps) else None
        caption = f"{step.keyword} {step.text}" if step else ""
        yield str(number - before + 1) if number >= before else "Background", caption, done
    for hook in result.hooks:
        if hook.hook != "set-up":
            yield hook.hook, "", hook


def spanned(first: str, last: str) -> str:
    """The label of a picture that stayed the same: "2", then "2 to 4"."""
    begin = first.partition(" to ")[0]
    return begin if begin == last else f"{begin} to {last}"


def claimed(result: Result) -> list[tuple[list[str], list[list[Cell]]]]:
    """The wrong tables: as found, each wrong cell with what was claimed."""
    ledgers = [ledger for done in (*result.done, *result.hooks) for ledger in done.evidence.ledgers]
    wrong = [ledger for ledger in ledgers if ledger.wrong or ledger.wrong_changes]
    return [table for table in map(claimed_and_found, wrong[-2:]) if table]


def history(result: Result) -> list[Moment]:
    """Every state of every server, in order."""
    found = [moment for done in (*result.done, *result.hooks) for moment in done.evidence.history]
    return sorted(dict.fromkeys(found), key=lambda moment: moment.seconds)


def drawn_history(moments: Sequence[Moment]) -> Markup:
    """The time line."""
    return compact(timeline.draw(moments))


def compact(svg: str) -> Markup:
    """SVG inside of HTML needs fewer quotation marks; the text in it is escaped already."""
    return Markup(UNQUOTED.sub(r"=\1", svg).replace("/>", " />"))  # noqa: S704 - drawn by us, texts escaped


def marked(step: Step, done: Done | None = None) -> Markup:
    """A step's text with its arguments marked: as they were matched, else what is quoted."""
    spans = done.arguments if done and done.arguments else [found.span() for found in QUOTED.finditer(step.text)]
    parts, at = [], 0
    for start, end in spans:
        parts.append(escape(step.text[at:start]) + Markup("<i>") + escape(step.text[start:end]) + Markup("</i>"))
        at = end
    return Markup("").join([*parts, escape(step.text[at:])])


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


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def paragraphs(text: str) -> list[str]:
    """A description's paragraphs."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def fact_text(value: object) -> str:
    """A value of the cloud's description: a pair of versions is a range, a list is a list."""
    if isinstance(value, list | tuple):
        parts = [fact_text(each) for each in value]
        versions = all(VERSION.fullmatch(part) for part in parts)
        return " to ".join(parts) if versions and parts == [parts[0], parts[-1]] else ", ".join(parts)
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
    "is_number": is_number,
    "took": took,
    "when": when,
    "bug_of": bug_of,
    "first_line": first_line,
    "paragraphs": paragraphs,
    "noun": noun,
    "words": WORDS,
    "filters": FILTERS,
    "outcomes": OUTCOMES,
}
