"""Tables as Gherkin writes them: what a feature says, a failure shows and a report prints look the same."""

import re
from collections.abc import Iterable, Sequence

_AMOUNT = re.compile(r"[+-]?\d+( \(not [+-]?\d+\))?")


def render(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Draw a Gherkin table, columns of numbers right-aligned, without indentation or a final newline.

    >>> print(render(["host", "VCPU"], [["alpha", "+1"], ["beta", "0"]]))
    | host  | VCPU |
    | alpha |   +1 |
    | beta  |    0 |
    """
    table = [[_escaped(cell) for cell in row] for row in (headers, *rows)]
    columns = list(zip(*table, strict=True))
    aligned = zip(*(_aligned(column) for column in columns), strict=True)
    return "\n".join(f"| {' | '.join(row)} |" for row in aligned)


def indented(text: str, by: int = 6) -> str:
    """Indent every line, by default as deep as a table stands in a scenario."""
    return "\n".join(" " * by + line for line in text.splitlines())


def _aligned(column: tuple[str, ...]) -> list[str]:
    width = max(map(len, column))
    filled = [cell for cell in column[1:] if cell]
    if filled and all(_AMOUNT.fullmatch(cell) for cell in filled):
        return [cell.rjust(width) for cell in column]
    return [cell.ljust(width) for cell in column]


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")
