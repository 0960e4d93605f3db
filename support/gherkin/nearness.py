"""What someone meant by a step that no phrase says.

Four readings are tried, the surest first: the right words written otherwise (case, quotes, spaces, a final stop);
one or two misspelt words; the right words around an argument of the wrong shape; and at last whatever looks alike.
"""

import difflib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from support.gherkin.phrases import KINDS, PLACEHOLDER, Kind, Parameter, Phrase, Vocabulary

QUOTED = re.compile(r"[\"'“”]([^\"'“”]*)[\"'“”]")
SIMILAR_WORD, SIMILAR_SENTENCE = 0.7, 0.6  # difflib's ratio from which a word, a sentence is worth suggesting


def explained(kind: Kind, text: str, vocabulary: Vocabulary, path: Path | None = None) -> str:
    """One sentence: no `kind` phrase says `text`, and what would be right."""
    said = f"no step says: {kind.title()} {text}"
    for other in KINDS:
        if other != kind and vocabulary.matching(other, text, path):
            return f"{said} - it is said with {other.title()}"
    visible = [phrase for phrase in vocabulary.phrases if path is None or phrase.visible_from(path)]
    phrases = sorted(visible, key=lambda phrase: phrase.kind != kind)
    text = " ".join(text.split())
    meant = _written_otherwise(kind, text, phrases) or _misspelt(kind, text, phrases)
    if meant is None and (misshapen := _misshapen(text, phrases)) is not None:
        return f"{misshapen}, in: {kind.title()} {text}"
    meant = meant or _alike(kind, text, phrases)
    return f"{said} - did you mean: {meant}" if meant else f'{said} - "stocktake steps" lists what can be said'


def _written_otherwise(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    for phrase in phrases:
        values = _loosely(phrase, text)
        if values is not None and _fit(phrase, values):
            return _spoken(phrase, kind, values)
    return None


def _misspelt(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    words = _masked(text).split()
    best: tuple[float, Phrase] | None = None
    for phrase in phrases:
        wanted = _masked(phrase.text).split()
        if len(wanted) != len(words):
            continue
        likeness = min(map(_alikeness, words, wanted))
        if SIMILAR_WORD <= likeness < 1 and (best is None or likeness > best[0]):
            best = likeness, phrase
    return _spoken(best[1], kind, _values(best[1], text)) if best else None


def _misshapen(text: str, phrases: Sequence[Phrase]) -> str | None:
    """The argument of the wrong shape, of the phrase that has fewest such."""
    found: list[tuple[int, str]] = []
    for phrase in phrases:
        values = _loosely(phrase, text)
        if values is not None:
            odd = [(p, v) for p, v in zip(phrase.parameters, values, strict=True) if not p.shape.fullmatch(v)]
            found.append((len(odd), f'"{odd[0][1]}" is no {odd[0][0].name}{_shape_in_words(*odd[0])}'))
    return min(found, key=lambda each: each[0])[1] if found else None


def _alike(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    masked = {_masked(phrase.text): phrase for phrase in reversed(phrases)}  # of equals, the one of this kind stays
    near = difflib.get_close_matches(_masked(text), masked, n=1, cutoff=SIMILAR_SENTENCE)
    return _spoken(masked[near[0]], kind, _values(masked[near[0]], text)) if near else None


def _loosely(phrase: Phrase, text: str) -> tuple[str, ...] | None:
    found = _loose(phrase).fullmatch(text)
    return found.groups() if found else None


@cache
def _loose(phrase: Phrase) -> re.Pattern[str]:
    """The phrase whatever its case, quotes, final stop and the shape of its arguments."""
    parts = PLACEHOLDER.split(re.sub(r'"({[^{}]*})"', r"\1", phrase.text))
    quote = r"[\"'“”]?"
    pattern = "".join(f"{quote}([^\"'“”]+?){quote}" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(pattern + "[.:;,!]?", re.IGNORECASE)


def _masked(text: str) -> str:
    """A step or a phrase with what it is about left out: quoted arguments empty, bare parameters a star."""
    return QUOTED.sub('""', PLACEHOLDER.sub("*", text.replace('"{', '"').replace('}"', '"'))).lower()


def _alikeness(word: str, wanted: str) -> float:
    return 1.0 if "*" in (word, wanted) else difflib.SequenceMatcher(None, word, wanted).ratio()


def _values(phrase: Phrase, text: str) -> tuple[str, ...]:
    """The quoted arguments of `text`, if `phrase` has no others."""
    return tuple(QUOTED.findall(text)) if phrase.text.count('"{') == len(phrase.parameters) else ()


def _fit(phrase: Phrase, values: Sequence[str]) -> bool:
    return len(values) == len(phrase.parameters) and all(
        parameter.shape.fullmatch(value) for parameter, value in zip(phrase.parameters, values, strict=True)
    )


def _spoken(phrase: Phrase, kind: Kind, values: Sequence[str]) -> str:
    """The phrase with the step's own arguments when they fit one by one, else as it is declared."""
    keyword = "" if phrase.kind == kind else f"{phrase.kind.title()} "
    if not _fit(phrase, values):
        return keyword + phrase.text
    remaining = iter(values)
    return keyword + PLACEHOLDER.sub(lambda _: next(remaining), phrase.text)


def _shape_in_words(parameter: Parameter, value: str) -> str:
    meaning = f" ({parameter.meaning})" if parameter.meaning else ""
    spaced = re.sub(r"[\s_]+", "-", value.lower()), re.sub(r"[\s-]+", "_", value.upper())
    for other in (value.upper(), value.lower(), *spaced):
        if parameter.shape.fullmatch(other):
            return f"{meaning} - did you mean: {other}"
    return f"{meaning}, which is written as {parameter.regexp}"
