"""A server's history on a time line: one lane per server, a block per status, labelled where there is room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from stocktake.support.reporting.model import Moment

LEFT, WIDTH, LANE, THICK = 70, 560, 34, 16
LETTER, MARGIN = 6.0, 6
AFTER = 0.08  # how far the last state is extended, as a share of the whole time
KINDS = {  # colour class by status; others are transitional
    "ACTIVE": "at",
    "ERROR": "ae",
    "SHUTOFF": "ao",
    "SHELVED_OFFLOADED": "ao",
    "VERIFY_RESIZE": "av",
    "deleted": "ad",
}


@dataclass(frozen=True)
class Lane:
    """One server's states, each with the time it ends."""

    server: str
    states: tuple[tuple[Moment, float], ...]


def lanes(history: Sequence[Moment], end: float) -> Iterator[Lane]:
    """The states of each server; readings that repeat the state before are left out."""
    for server in dict.fromkeys(each.server for each in history):
        own: list[Moment] = []
        for each in sorted((m for m in history if m.server == server), key=lambda m: m.seconds):
            if not own or (own[-1].status, own[-1].task_state, own[-1].host) != (
                each.status,
                each.task_state,
                each.host,
            ):
                own.append(each)
        ends = [each.seconds for each in own[1:]] + [end]
        yield Lane(server, tuple(zip(own, ends, strict=True)))


def draw(history: Sequence[Moment]) -> str:
    """The history as SVG; its table stands beside it."""
    start, last = min(m.seconds for m in history), max(m.seconds for m in history)
    span = max(last - start, 0.1)
    end = last + span * AFTER
    unit = WIDTH / (end - start)
    parts: list[str] = []
    top = 4
    for lane in lanes(history, end):
        parts.append(f'<text class="h" x="0" y="{top + 12}">{escape(lane.server[:11])}</text>')
        for moment, until in lane.states:
            parts.extend(block(moment, LEFT + (moment.seconds - start) * unit, (until - moment.seconds) * unit, top))
        top += LANE
    for share in (0.0, 0.5, 1.0):
        anchor = ("start", "middle", "end")[round(share * 2)]
        x = LEFT + (last - start) * unit * share
        parts.append(f'<text x="{x:.0f}" y="{top + 8}" text-anchor="{anchor}">{start + span * share:.1f} s</text>')
    size = f'width="{LEFT + WIDTH}" height="{top + 12}" viewBox="0,0,{LEFT + WIDTH},{top + 12}"'
    return (
        f'<svg class="pic line" {size} role="img" aria-label="Time line, as in the table below">{"".join(parts)}</svg>'
    )


def block(moment: Moment, x: float, width: float, top: int) -> Iterator[str]:
    """One state: its block, its status inside, its task and host beneath."""
    width = max(2.0, width)
    of = KINDS.get(moment.status, "ab")
    beneath = " ".join(filter(None, (moment.task_state, moment.host and f"on {moment.host}")))
    shape = f"M{x:.1f},{top}h{max(1.0, width - 1):.1f}v{THICK}h-{max(1.0, width - 1):.1f}z"
    yield f'<path class="{of}" d="{shape}"><title>{escape(f"{moment.status} {beneath}")}</title></path>'
    room = int((width - MARGIN) / LETTER)
    if room >= len(moment.status):
        yield f'<text class="i" x="{x + 3:.1f}" y="{top + 12}">{escape(moment.status)}</text>'
    if beneath and room >= len(beneath):
        yield f'<text x="{x + 1:.1f}" y="{top + 27}">{escape(beneath)}</text>'
