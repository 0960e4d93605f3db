"""One finding about one line of a feature file, and how its location is written."""

from dataclasses import dataclass
from pathlib import Path


def shown(path: Path | str, folder: Path | None = None) -> str:
    """The shortest form of `path` relative to `folder` (default: the current one)."""
    path, folder = Path(path), folder or Path.cwd()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in line `line` (from 1) of `path`; `rule` names the violated rule, `sentence` says what to
    write."""

    path: Path
    line: int
    rule: str
    sentence: str

    def as_line(self, *, with_rule: bool = False) -> str:
        """`FILE:LINE: sentence`, or `FILE:LINE: rule: sentence`; always one line."""
        place = f"{shown(self.path)}:{self.line}"
        sentence = self.sentence.replace("\n", " ")
        return f"{place}: {self.rule}: {sentence}" if with_rule else f"{place}: {sentence}"
