"""Gherkin's keywords in the language of a file, and which of them a line was probably meant to begin with.

The keywords are those of gherkin-official, which has some eighty languages; a file selects one by `# language: de`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from gherkin.dialect import DIALECTS

STEPS = ("given", "when", "then", "and", "but")
TITLES = ("feature", "rule", "background", "scenario", "scenarioOutline", "examples")
ANY_STEP = "* "  # begins a step in every language
NEAR_TITLE, NEAR_STEP, NEAR_SHORT = 0.75, 0.7, 0.5  # difflib's ratio; SHORT: of words without a space behind them
LANGUAGE = re.compile(r"^[^\S\n]*#[^\S\n]*language[^\S\n]*:[^\S\n]*([a-zA-Z_-]+)", re.MULTILINE)
COLONS = re.compile(r"\s*[:\ufe13\ufe55\uff1a\ua789]")  # colons of other scripts, which Gherkin does not accept
LIST_MARK = re.compile(r"(?:[-+*>\u2022\u2023\u25aa\u00b7\u2013\u2014]|\(?[0-9]{1,3}[.)])\s+")
MARK_UP = "*_`"
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # Unicode's categories of control, format and separator characters

RIGHT = 2.0  # a similarity above all others

Dialect = dict[str, list[str]]


@dataclass(frozen=True)
class Beginning:
    """How a line begins: `keyword` is the one meant, `rest` the text behind it, `how` it was written.

    "right": a keyword of the language; "misspelt": similar, or in another case; "foreign": of another language.
    `marked` says that it has a list mark; `odd` is the first character that Gherkin does not accept there.
    """

    keyword: str
    rest: str
    how: str
    marked: bool
    odd: str


@cache
def dialect(language: str) -> Dialect:
    """The keywords of a language by kind; English ones for a language that does not exist."""
    known = cast("dict[str, Any]", DIALECTS)
    return cast("Dialect", known.get(language, known["en"]))


def language_of(text: str) -> str:
    """The language that a feature's text selects; "en" by default."""
    found = LANGUAGE.search(text)
    return found[1] if found else "en"


@cache
def step_keywords(language: str) -> tuple[str, ...]:
    """The step keywords, longest first, each with the space that belongs to it; without the star."""
    words = {word for kind in STEPS for word in dialect(language)[kind]} - {ANY_STEP}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def title_keywords(language: str) -> tuple[str, ...]:
    """The title keywords, without the colon."""
    return tuple(word.strip() for kind in TITLES for word in dialect(language)[kind])


@cache
def outline_keywords() -> frozenset[str]:
    """The keywords of scenario outlines in all languages."""
    return frozenset(word for language in DIALECTS for word in dialect(language)["scenarioOutline"])


@cache
def steps_begin_with(language: str) -> str:
    """The step keywords to suggest, one of each kind: "Given, When, Then, And, But"."""
    return ", ".join(next(word for word in dialect(language)[kind] if word != ANY_STEP).strip() for kind in STEPS)


@cache
def first_title(language: str, kind: str) -> str:
    """The title keyword to suggest for a kind such as "scenario"."""
    words = dialect(language)[kind]
    return words[-1 if kind == "scenario" else 0].strip()  # a scenario's first word is often the one for "example"


def nearest_keyword(line: str, language: str = "en") -> str | None:
    """The keyword that `line` begins with or nearly begins with; for a title the colon counts."""
    return nearest_title(line, language) or _nearest_word(line, language)


def nearest_title(line: str, language: str) -> str | None:
    """The title keyword before the first colon of `line`, or the nearest one."""
    title, colon, _ = with_plain_colon(line).partition(":")
    if not colon:
        return None
    known = {word.casefold(): word for word in reversed(title_keywords(language))}
    near = difflib.get_close_matches(title.strip().casefold(), known, n=1, cutoff=NEAR_TITLE)
    return known[near[0]] if near else None


def _nearest_word(line: str, language: str) -> str | None:
    word = line.partition(" ")[0].rstrip(":,").casefold()
    words = (*step_keywords(language), *title_keywords(language))
    known = {each.strip().casefold(): each.strip() for each in reversed(words) if " " not in each.strip()}
    near = difflib.get_close_matches(word, known, n=1, cutoff=NEAR_STEP)
    return known[near[0]] if near else None


def with_plain_colon(line: str) -> str:
    """`line` with its first colon, in any script, as Gherkin expects it: directly after the word."""
    return COLONS.sub(":", line, count=1)


def visible(text: str) -> str:
    """`text` with a plain space for every character that is displayed as a space or not at all."""
    return "".join(" " if each.isspace() or unicodedata.category(each) in UNSEEN else each for each in text).strip()


def beginnings(line: str, language: str) -> Iterator[Beginning]:
    """Every way to read `line` as a step of this language, or else of another, the most likely first."""
    plain = visible(line)
    bare = _unmarked(plain)
    marked = bare != plain
    seen = {"\t": "a tab"}
    odd = next((seen.get(c, f"U+{ord(c):04X}") for c in line.strip(" ") if visible(c) != c and c != " "), "")
    likely = [(_likeness(keyword, bare), keyword) for keyword in step_keywords(language)]
    found = sorted((each for each in likely if each[0]), key=lambda each: -each[0])
    for likeness, keyword in found:
        how = "right" if likeness == RIGHT else "misspelt"
        yield Beginning(keyword.strip(), _behind(keyword, bare), how, marked, odd)
    for keyword, other in _all_step_keywords() if not found or found[0][0] < 1 else ():
        if bare.startswith(keyword) and other != language:
            yield Beginning(keyword.strip(), bare[len(keyword) :].strip(), "foreign", marked, odd)


@cache
def _all_step_keywords() -> tuple[tuple[str, str], ...]:
    """Every step keyword with a language that has it, English first."""
    found: dict[str, str] = {}
    for language in ("en", *DIALECTS):
        for keyword in step_keywords(language):
            found.setdefault(keyword, language)
    return tuple(found.items())


def _unmarked(line: str) -> str:
    """`line` without list marks, and without mark-up around its first word."""
    while mark := LIST_MARK.match(line):
        line = line[mark.end() :]
    if line[:1] in MARK_UP:
        word, space, rest = line.partition(" ")
        line = word.strip(MARK_UP) + space + rest
    return line


def _likeness(keyword: str, line: str) -> float:
    """How similar the beginning of `line` is to `keyword`: RIGHT, a ratio up to 1 (differs only in case), or 0 for not
    at all."""
    if line.startswith(keyword):
        return RIGHT
    if keyword.endswith(" "):
        start, enough = " ".join(line.split(" ")[: keyword.count(" ")]).rstrip(":,.;"), NEAR_STEP
    else:
        start, enough = line[: len(keyword)], NEAR_SHORT
    likeness = difflib.SequenceMatcher(None, keyword.strip().casefold(), start.casefold()).ratio()
    return likeness if likeness >= enough else 0.0


def _behind(keyword: str, line: str) -> str:
    """The text after `keyword`, or after what was meant as the keyword."""
    if not keyword.endswith(" ") or line.startswith(keyword):
        return line[len(keyword) :].strip()
    return " ".join(line.split(" ")[keyword.count(" ") :]).strip()
