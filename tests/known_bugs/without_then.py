"""Feature files with all their Then steps removed: what is left must fail by the audit alone, or not at all."""

from collections.abc import Iterable
from pathlib import Path

THEN = "Then "
GOES_ON = ("And ", "But ", "* ", "|", '"""', "```")
"""How lines begin that belong to the steps before them."""


def without_then(text: str) -> str:
    """Return the text of a feature file without its Then steps, their tables and their And steps."""
    kept, dropping = [], False
    for line in text.splitlines(keepends=True):
        words = line.strip()
        dropping = words.startswith(THEN) or (dropping and words.startswith(GOES_ON))
        if not dropping:
            kept.append(line)
    return "".join(kept)


def copies_without_then(files: Iterable[Path], folder: Path) -> list[Path]:
    """Write such copies of feature files into a folder and return their paths."""
    copies = []
    for file in files:
        copy = folder / file.name
        copy.write_text(without_then(file.read_text()))
        copies.append(copy)
    return copies
