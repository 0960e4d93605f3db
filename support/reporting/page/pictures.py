"""Pictures: the allocations as bars, a strip of them for a scenario, and a server's history on a time line.

Hosts are listed on the left, with a bar per resource class against the host's capacity, and blocks by consumer. All
frames of a strip share their scales, so a block that moves keeps its size. Where capacity is more than five times the
peak usage, the bar shows only its beginning and has a break near its end; the numbers beside it are always complete.
Migrations are hatched, and wrong bars are framed and labelled, so nothing depends on colour alone. Positions are in SVG
units (px).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from stocktake.support.reporting.ledgers import Ledger, classes, consumers, number

BAR, ROW, HEAD, GAP = 84, 15, 17, 5
THICK = 9
LETTER = 5.75  # width of a label's letter
ZOOM = 5  # capacity beyond so many times the peak is cut off
FILLED = 0.6  # how much of a bar that is cut off the peak fills
BREAK, TAIL = 4, 8  # the gap in a bar that is cut off, and the piece after it
LONGEST = 14  # letters of a label
SERVERS, MIGRATIONS = 6, 2  # available colours

STYLE = (
    ".pic{font:9.5px ui-monospace,monospace;fill:#333}.pic .h{font-weight:700;font-size:11px}.pic .l{text-anchor:end}"
    ".pic .k{fill:#e4e4de}.pic .s0{fill:#2b6cb0}.pic .s1{fill:#1f8a70}.pic .s2{fill:#7a5195}.pic .s3{fill:#4d7c0f}"
    ".pic .s4{fill:#0e7490}.pic .s5{fill:#a2415f}.pic .m0{fill:#d97706}.pic .m1{fill:#b45309}.pic .z{fill:#9a9a94}"
    ".pic .x{fill:url(#hatch)}.pic .w{fill:none;stroke:#b3261e;stroke-width:1.5}"
    ".pic text.wn{fill:#b3261e;font-weight:700}"
)
HATCH = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0h2v5h-2z" fill="#fff" fill-opacity=".55"/></pattern></defs>'
)


@dataclass(frozen=True)
class Palette:
    """Which consumer has which colour; the same in every frame of a strip."""

    of: Mapping[str, str]

    @classmethod
    def for_consumers(cls, names: Iterable[str]) -> "Palette":
        """Servers s0, s1...; migrations m0, m1, which are also hatched."""
        chosen: dict[str, str] = {}
        servers = migrations = 0
        for name in names:
            if name.startswith("migration"):
                chosen[name] = f"m{migrations % MIGRATIONS}"
                migrations += 1
            else:
                chosen[name] = f"s{servers % SERVERS}"
                servers += 1
        return cls(chosen)


@dataclass(frozen=True)
class Scale:
    """How long one unit of a resource class is, and how much of the capacity is shown."""

    unit: float
    shown: float

    @classmethod
    def of(cls, name: str, ledgers: Sequence[Ledger]) -> "Scale":
        """A scale that fits all `ledgers`."""
        pairs = [(each, provider) for each in ledgers for provider in each.providers]
        capacity = max((each.capacity.get(p, {}).get(name, 0) for each, p in pairs), default=0)
        wanted = [sum_expected(each, p, name) for each, p in pairs]
        peak = max([each.used(p, name) for each, p in pairs] + wanted, default=0)
        shown = peak / FILLED if 0 < peak * ZOOM < capacity else max(peak, capacity, 1)
        return cls(BAR / shown, shown)


def sum_expected(ledger: Ledger, provider: str, name: str) -> int:
    """The expected total of a class on a provider."""
    return sum(a.get(name, 0) for (_, where), a in (ledger.expected or {}).items() if where == provider)


class Pictures:
    """Draws any of `ledgers` on their common scales, hosts and colours."""

    def __init__(self, ledgers: Sequence[Ledger]):
        self.ledgers = ledgers
        self.palette = Palette.for_consumers(consumers(ledgers))
        self._classes = classes(ledgers)
        self._scales = {name: Scale.of(name, ledgers) for name in self._classes}
        self._left = round(max((len(short(name)) for name in self._classes), default=0) * LETTER) + 6
        self._providers = tuple(dict.fromkeys(p for each in ledgers for p in each.providers))
        told = [self._told(e, p, c) for e in ledgers for p in self._providers for c in self._classes]
        self.width = self._left + BAR + 6 + round(max(map(len, told), default=0) * LETTER)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Consumer and its class of colour; others last, if any frame has them."""
        found = list(self.palette.of.items())
        if any(e.others(p, c) for e in self.ledgers for p in e.providers for c in self._classes):
            found.append(("others", "z"))
        return found

    def draw(self, ledger: Ledger, label: str, stage: str = "", *, first: bool = True) -> str:
        """One frame as SVG; `label` is its name for screen readers.

        Names and empty bars, which all frames share, are drawn in the first frame and reused in the others when
        `stage` gives them an id.
        """
        shapes: dict[str, list[str]] = {}
        texts: list[str] = []
        for top, provider, name in self._bars():
            self._bar(ledger, provider, name, top, shapes, texts)
        paths = "".join(f'<path class="{of}" d="{"".join(parts)}"/>' for of, parts in shapes.items())
        height = len(self._providers) * (HEAD + GAP + ROW * len(self._classes))
        size = f'width="{self.width}" height="{height}" viewBox="0,0,{self.width},{height}"'
        shared = self._stage(ledger, stage) if first else f'<use href="#{stage}"/>'
        return f'<svg class="pic" {size} role="img" aria-label="{escape(label)}">{shared}{paths}{"".join(texts)}</svg>'

    def _bars(self) -> Iterator[tuple[int, str, str]]:
        """The position of each bar: top, provider, class."""
        top = 0
        for provider in self._providers:
            top += HEAD
            for name in self._classes:
                yield top, provider, name
                top += ROW
            top += GAP

    def _stage(self, ledger: Ledger, stage: str) -> str:
        """Names of hosts and classes, and the empty bars."""
        tracks, texts, told = [], [], set()
        for top, provider, name in self._bars():
            scale, capacity = self._scales[name], ledger.capacity.get(provider, {}).get(name, 0)
            tracks.append(track(self._left, top, capacity or scale.shown, scale))
            if provider not in told:
                texts.append(f'<text class="h" x="0" y="{top - HEAD + 11}">{escape(provider)}</text>')
                told.add(provider)
            texts.append(f'<text class="l" x="{self._left - 5}" y="{top + THICK - 1}">{escape(short(name))}</text>')
        of = f' id="{stage}"' if stage else ""
        return f'<g{of}><path class="k" d="{"".join(tracks)}"/>{"".join(texts)}</g>'

    def _bar(
        self, ledger: Ledger, provider: str, name: str, top: int, shapes: dict[str, list[str]], texts: list[str]
    ) -> None:
        scale = self._scales[name]
        at = float(self._left)
        holders = [(who, a.get(name, 0)) for (who, where), a in ledger.held.items() if where == provider]
        for who, amount in [*holders, ("others", ledger.others(provider, name))]:
            if amount:
                length = max(2.0, amount * scale.unit)
                of = self.palette.of.get(who, "z") if who != "others" else "z"
                block = rectangle(at, top, length - 0.5, THICK)
                shapes.setdefault(of, []).append(block)
                if of.startswith("m"):
                    shapes.setdefault("x", []).append(block)
                at += length
        wrong = bool(wrong_bar(ledger, provider, name))
        if wrong:
            shapes.setdefault("w", []).append(rectangle(self._left - 2, top - 2, BAR + 4, THICK + 4))
        of_text = ' class="wn"' if wrong else ""
        told = self._told(ledger, provider, name)
        texts.append(f'<text{of_text} x="{self._left + BAR + 6}" y="{top + THICK - 1}">{told}</text>')

    @staticmethod
    def _told(ledger: Ledger, provider: str, name: str) -> str:
        """The text beside a bar: usage and capacity, or what is wrong."""
        wrong, capacity = wrong_bar(ledger, provider, name), ledger.capacity.get(provider, {}).get(name, 0)
        if wrong:
            return f"\N{MULTIPLICATION SIGN} {wrong}"
        return number(ledger.used(provider, name)) + (f"/{number(capacity)}" if capacity else "")


def wrong_bar(ledger: Ledger, provider: str, name: str) -> str:
    """The text of a wrong bar, "2 not 1"; empty for one that is as expected."""
    change = ledger.wrong_changes.get((provider, name))
    if change:
        return f"{number(change[0], '+')} not {number(change[1], '+')}"
    if any(where == provider and of == name for _, where, of in ledger.wrong):
        found = sum(a.get(name, 0) for (_, where), a in ledger.held.items() if where == provider)
        return f"{number(found)} not {number(sum_expected(ledger, provider, name))}"
    return ""


def short(text: str) -> str:
    """A label that fits; the table beside the picture contains the full text."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def rectangle(x: float, y: float, width: float, height: float) -> str:
    """Path data of a rectangle."""
    return f"M{x:.4g},{y:.4g}h{width:.4g}v{height:.4g}h-{width:.4g}z"


def track(x: int, y: int, capacity: float, scale: Scale) -> str:
    """The bar behind the blocks, as long as the capacity; broken near its end if it is cut off."""
    if capacity <= scale.shown:
        return rectangle(x, y, capacity * scale.unit, THICK)
    length, slant = BAR - BREAK - TAIL, 3
    begin = f"M{x},{y}h{length + slant}l-{slant},{THICK}h-{length}z"
    return begin + f"M{x + length + slant + BREAK},{y}h{TAIL - slant}v{THICK}h-{TAIL}z"


def standalone(ledger: Ledger) -> str:
    """A ledger as a complete SVG document, for readers without Stocktake's style sheet."""
    drawn = Pictures([ledger]).draw(ledger, ledger.title or "allocations")
    inside = f"<style>{STYLE}</style>{HATCH}"
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", f">{inside}", 1)
