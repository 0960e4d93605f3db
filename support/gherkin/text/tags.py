"""The tags of a feature: what a scenario needs, what it disrupts or why it is known to fail, never what it is about."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from stocktake.support.gherkin.text import ids
from stocktake.support.known import DEFECTS, TAG


@dataclass(frozen=True)
class TagKind:
    """A family of tags: its shape, an example and what it says about a scenario."""

    shape: re.Pattern[str]
    example: str
    meaning: str


GRAMMAR = (
    TagKind(re.compile(r"disruptive"), "disruptive", "stops hosts or changes settings that others would notice"),
    TagKind(
        re.compile(r"whole-cloud"), "whole-cloud", "changes what concerns every host, so no other scenario may run"
    ),
    TagKind(re.compile(r"lab"), "lab", "needs what only the embedded cloud offers"),
    TagKind(
        re.compile(r"(one|two|three|four|five|six)-hosts?"), "two-hosts", "needs that many hosts of its own, all free"
    ),
    TagKind(
        re.compile(r"microversion-[1-9][0-9]*\.[0-9]+"), "microversion-2.95", "needs that compute microversion or newer"
    ),
    TagKind(
        re.compile(r"placement-[1-9][0-9]*\.[0-9]+"), "placement-1.30", "needs that placement microversion or newer"
    ),
    TagKind(re.compile(r"bug-[0-9]+"), "bug-1234567", "guards against that Launchpad bug"),
    TagKind(ids.ID, ids.EXAMPLE, "names the scenario for good, whatever its title and file"),
    TagKind(
        re.compile(r"known-[a-z0-9]+(-[a-z0-9]+)*"),
        "known-evacuated-share-of-deleted-service",
        "fails where the cloud has that known defect",
    ),
)

# Marks that would skip, repeat or excuse a scenario without a reason in the report.
PYTEST_OWN = frozenset(
    {"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst", "trylast", "xdist_group"}
)


def follows_grammar(tag: str) -> bool:
    """Whether `tag` (without @) belongs to a family of the grammar."""
    return any(kind.shape.fullmatch(tag) for kind in GRAMMAR)


def marker_names(lines: Iterable[str]) -> frozenset[str]:
    """The tags that lines of pytest's `markers` setting declare, pytest's own left out.

    `name: text` and `name(arguments): text` declare the tag @name, as pytest reads them. Tags of other tools may
    contain those characters, and `severity:critical: text` or `issue(42): text` declare them as they are written: the
    first word of the line.
    """
    words = [line.split(maxsplit=1)[0].removesuffix(":") for line in lines if line.strip()]
    return frozenset({*words, *(re.split(r"[:(]", word, maxsplit=1)[0] for word in words)}) - PYTEST_OWN


def unknown_to_pytest(tag: str) -> bool:
    """Whether pytest's `markers` setting has no way to declare `tag` as one name."""
    return ":" in tag or "(" in tag


def objection(tag: str, declared: Iterable[str]) -> str | None:
    """What is wrong with `tag` (without @) when neither the grammar nor `declared` has it, else None."""
    declared = list(declared)
    if tag.startswith(TAG) and tag.removeprefix(TAG) not in DEFECTS and tag not in declared:
        near = difflib.get_close_matches(tag.removeprefix(TAG), DEFECTS, n=1, cutoff=0.6)
        every = ", ".join(f"@{TAG}{name}" for name in DEFECTS)
        hint = f"did you mean @{TAG}{near[0]}" if near else f"known defects are {every}"
        return f"the tag @{tag} names a defect that is not known - {hint}"
    if follows_grammar(tag) or tag in declared:
        return None
    if ids.ALMOST.fullmatch(tag):
        return f"the tag @{tag} is not an id: write id- and six of the digits 0 to 9 and a to f, as in @{ids.EXAMPLE}"
    if tag in PYTEST_OWN:
        return f"the tag @{tag} would hide the scenario without a reason: say what it needs, for example @two-hosts"
    examples = [kind.example for kind in GRAMMAR]
    near = difflib.get_close_matches(tag, [*examples, *declared], n=1, cutoff=0.6)
    near = near or [example for example in examples if example.partition("-")[0] == tag.partition("-")[0]]
    hint = f"did you mean @{near[0]}?" if near else f"Stocktake has {', '.join(f'@{name}' for name in examples)}."
    return f'the tag @{tag} is not declared - {hint} To use it, add "{tag}: its meaning" to pytest\'s markers setting'
