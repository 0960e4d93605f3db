"""What came of a run on a cloud of some shape: reasons with their counts, and whether the doctor had said so."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sites

UNVERIFIED = "unverified: "
BAD = ("failure", "error")
MAY = re.compile(r"\bmay\b")
SUBJECTS = tuple(
    map(
        re.compile,
        (
            r"(?i)\bpolic(y|ies)\b",
            r"\bnot usable: ",
            r"\breclaim_instance_interval\b",
            r"\bno (block storage|accelerator) service\b",
            r"\bfigures count everybody's",
            r"\ballow_resize_to_same_host\b",
        ),
    )
)
"""What doctor and scenario may word differently: one names the rights that are missing, the other the first of them."""


@dataclass(frozen=True)
class Reason:
    """Why some scenarios were not verified, and whether the doctor had listed it: "yes", "may" or "no"."""

    count: int
    sentence: str
    predicted: str

    def __str__(self) -> str:
        return f"{self.count:4} x {self.sentence} [doctor: {self.predicted}]"


def bad(done: sites.Run) -> list[str]:
    """Scenarios that failed, each with what it said."""
    return [f"{name}: {verdict}" for name, verdict in done.verdicts.items() if verdict in BAD]


def reasons(done: sites.Run, doctor: str) -> list[Reason]:
    """The reasons of a run, the most frequent first."""
    counts = Counter(
        _general(verdict.removeprefix(UNVERIFIED))
        for verdict in done.verdicts.values()
        if verdict.startswith(UNVERIFIED)
    )
    lines = [_general(line) for line in _sentences(doctor)]
    return [Reason(count, sentence, _predicted(sentence, lines)) for sentence, count in counts.most_common()]


def _sentences(doctor: str) -> list[str]:
    """What the doctor lists below its tables, each reason with its remedy on one line."""
    lines: list[str] = []
    for line in doctor.splitlines():
        if lines and line.startswith("   ") and line.strip():
            lines[-1] += "; " + line.strip()
        else:
            lines.append(re.sub(r"^[0-9]+\. ", "", line.strip()))
    return lines


def _general(sentence: str) -> str:
    """A sentence without the names and numbers that differ from scenario to scenario."""
    sentence = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", sentence)
    sentence = re.sub(r"\bhost[0-9]+\b", "a host", sentence)
    sentence = re.sub(r'"[^"]*"(?= (on|runs|is|was|has|of|to|needs))', '"…"', sentence)
    return re.sub(r"\b[0-9][0-9.,]*\b", "N", sentence)


def _predicted(sentence: str, doctor: Sequence[str]) -> str:
    """Compare reason and remedy, and then the subject: the doctor may word the reason for a whole feature."""
    why, _, remedy = sentence.rpartition("; ")
    same = [line for line in doctor if (why and why in line) or (remedy and remedy in line)]
    subject = next((one for one in SUBJECTS if one.search(sentence)), None)
    found = same or [line for line in doctor if subject and subject.search(line)]
    if not found:
        return "no"
    return "may" if all(MAY.search(line) for line in found) else "yes"
