"""A picture of what a search has covered: a square for each pair of operations, in SVG."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from stocktake.support.exploring.coverage import Coverage
from stocktake.support.exploring.operations import OPERATIONS

SQUARE, MARGIN, SIZE = 16, 170, 11  # pixels
IMPOSSIBLE, MISSING, SHADES = "#f2f2f2", "#ffffff", ("#cfe3f5", "#8fbce3", "#4f90c9", "#1f5f99")
"""The colours: from a pair that cannot be to one that was seen often."""
FRAME = ' stroke="#b00020"'
"""Of a pair that is missing."""


def drawn(coverage: Coverage) -> str:
    """Return the picture: rows are what came first, columns what came directly after it.

    Each square says in words what it shows, for those who point at it and for those who do not see it.
    """
    side = MARGIN + SQUARE * len(OPERATIONS) + SQUARE
    title = f"{len(coverage.pairs)} of {len(coverage.possible_pairs)} possible pairs of operations were seen"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side + 2 * SQUARE}" role="img" '
        f'font-family="sans-serif" font-size="{SIZE}">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="white"/>',
        *_names(),
        *_squares(coverage),
        *_legend(side),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _names() -> Iterator[str]:
    for number, name in enumerate(map(escape, OPERATIONS)):
        place = MARGIN + SQUARE * number + SIZE
        yield f'<text x="{MARGIN - 6}" y="{place}" text-anchor="end">{name}</text>'
        yield f'<text transform="translate({place} {MARGIN - 6}) rotate(-90)">{name}</text>'


def _squares(coverage: Coverage) -> Iterator[str]:
    for row, first in enumerate(OPERATIONS):
        for column, second in enumerate(OPERATIONS):
            seen = coverage.cell(first, second)
            said = "not possible" if seen is None else f"{seen} times"
            border = FRAME if seen == 0 else ""
            yield (
                f'<rect x="{MARGIN + SQUARE * column}" y="{MARGIN + SQUARE * row}" width="{SQUARE - 1}" '
                f'height="{SQUARE - 1}" fill="{_colour(seen)}"{border}>'
                f"<title>{escape(first)}, then {escape(second)}: {said}</title></rect>"
            )


def _colour(seen: int | None) -> str:
    """Return the colour of a number of times: each shade stands for twice as many as the one before."""
    if seen is None:
        return IMPOSSIBLE
    return SHADES[min(seen.bit_length(), len(SHADES)) - 1] if seen else MISSING


def _legend(side: int) -> Iterator[str]:
    shades = [(SHADES[0], "once"), (SHADES[1], "2 or 3 times"), (SHADES[2], "4 to 7 times"), (SHADES[3], "more often")]
    for number, (colour, text) in enumerate([(IMPOSSIBLE, "not possible"), (MISSING, "not seen"), *shades]):
        x, border = MARGIN + 110 * number, FRAME if colour == MISSING else ""
        yield f'<rect x="{x}" y="{side}" width="{SQUARE - 1}" height="{SQUARE - 1}" fill="{colour}"{border}/>'
        yield f'<text x="{x + SQUARE + 4}" y="{side + SIZE + 1}">{escape(text)}</text>'
