"""The outcome of a scenario in one word, the same on the page, in the summary and on the terminal.

passed       every step passed, and so did the audit and the clean-up
failed       a step, the audit or the clean-up failed
undefined    a step matches no phrase, or several
known        it failed because of a known defect of the cloud's software (never shown as green)
unverified   it was skipped: the cloud lacks something, and the reason says what (never shown as green)
not run      it was not selected, not reached, or there was no run
"""

from collections.abc import Iterable, Mapping

PASSED, FAILED, UNDEFINED, KNOWN, UNVERIFIED, NOT_RUN = OUTCOMES = (
    "passed",
    "failed",
    "undefined",
    "known",
    "unverified",
    "not run",
)
WORDS = {
    PASSED: "verified",
    FAILED: "failed",
    UNDEFINED: "undefined",
    KNOWN: "known to fail",
    UNVERIFIED: "unverified",
    NOT_RUN: "not yet verified",
}
WORST_FIRST = (
    (FAILED, frozenset({"FAILED"})),
    (UNDEFINED, frozenset({"UNDEFINED", "AMBIGUOUS"})),
    (KNOWN, frozenset({"PENDING"})),
    (UNVERIFIED, frozenset({"SKIPPED"})),
    (NOT_RUN, frozenset({"UNKNOWN"})),
)
PREFIX, KNOWN_PREFIX = "unverified:", "known:"


def outcome_of(statuses: Iterable[str]) -> str:
    """The outcome of a scenario from the Cucumber statuses of its steps and hooks."""
    found = set(statuses)
    return next((outcome for outcome, of in WORST_FIRST if found & of), PASSED)


def reason_and_remedy(message: str) -> tuple[str, str]:
    """The parts of "unverified: REASON; REMEDY" or "known: SUMMARY; LINK"; any other text has no second part."""
    text = message.strip()
    if not text.startswith((PREFIX, KNOWN_PREFIX)):
        return text, ""
    reason, _, remedy = text.partition(":")[2].strip().partition("; ")
    return reason, remedy


def noun(count: int, word: str) -> str:
    """1 scenario, 2 scenarios."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def totals_line(totals: Mapping[str, int], later: int = 0) -> str:
    """One line of totals: "scenarios: 12 verified (1 only at a later attempt), 1 failed, 2 unverified"."""
    words = {**WORDS, PASSED: f"{WORDS[PASSED]} ({later} only at a later attempt)"} if later else WORDS
    parts = [f"{totals[outcome]} {words[outcome]}" for outcome in OUTCOMES if totals.get(outcome)]
    return "scenarios: " + (", ".join(parts) or "none")
