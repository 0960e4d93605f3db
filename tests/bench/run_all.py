"""Measure everything in README's table "Performance" again, row by row.

    python tests/bench/run_all.py [WORD ...]

Runs the command of each row and prints what README says before what the command prints. With WORDs, only commands that
contain one of them are run. The machine should have nothing else to do. Exit status 1 when a command failed.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## Performance\n(.*?)^## ", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`(tests/bench/[^`]+)`")


@dataclass
class Measurement:
    """A command, and the rows of README that state what it printed: what was measured, and the figure."""

    command: str
    stated: list[tuple[str, str]] = field(default_factory=list)


def measurements(readme: str) -> Iterator[Measurement]:
    """Yield the measurements of the section "Performance". A row without a command belongs to the one before it.

    Raises ValueError if there is no such section, or the first row names no command.
    """
    section = SECTION.search(readme)
    if section is None:
        raise ValueError('README has no section "Performance"')
    current: Measurement | None = None
    table = [line for line in section[1].splitlines() if line.startswith("| ")]
    for line in table[2:]:  # below its head
        what, figure, command = (cell.strip() for cell in line.strip("|").split(" | "))
        if found := COMMAND.search(command):
            if current is not None:
                yield current
            current = Measurement(found[1])
        if current is None:
            raise ValueError(f"README names no command for {what}")
        current.stated.append((what, figure))
    if current is not None:
        yield current


def main() -> int:
    """Run the commands, and print what they print."""
    words = sys.argv[1:]
    failed = []
    for measurement in measurements((ROOT / "README.md").read_text()):
        if words and not any(word in measurement.command for word in words):
            continue
        print(f"\n$ python {measurement.command}", flush=True)
        for what, figure in measurement.stated:
            print(f"  README: {what}: {figure}", flush=True)
        if subprocess.run([sys.executable, *shlex.split(measurement.command)], cwd=ROOT, check=False).returncode:
            failed.append(measurement.command)
    for command in failed:
        print(f"failed: python {command}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
