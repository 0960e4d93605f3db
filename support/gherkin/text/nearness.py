"""What was probably meant by a step that matches no phrase.

Four readings are tried, the most likely first: the right words in another form (case, quotes, spaces, a final stop);
one or two misspelt words; the right words with an argument of the wrong shape; and finally anything similar.
"""

import difflib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from stocktake.support.gherkin.phrases import KINDS, PLACEHOLDER, Kind, Parameter, Phrase, Vocabulary

QUOTED = re.compile(r"[\"'“”]([^\"'“”]*)[\"'“”]")
SIMILAR_WORD, SIMILAR_SENTENCE = 0.7, 0.6  # difflib's ratio from which a word or sentence is suggested
MEANT = 0.75  # and from which a sentence is hardly similar by chance


def explained(kind: Kind, text: str, vocabulary: Vocabulary, path: Path | None = None) -> str:
    """One sentence: no `kind` phrase matches `text`, and what would."""
    said = f"no step matches: {kind.title()} {text}"
    for other in KINDS:
        if other != kind and vocabulary.matching(other, text, path):
            return f"{said} - it begins with {other.title()}"
    visible = [phrase for phrase in vocabulary.phrases if path is None or phrase.visible_from(path)]
    own = [phrase for phrase in visible if phrase.kind == kind]
    phrases = own + [phrase for phrase in visible if phrase.kind != kind]
    text = " ".join(text.split())
    meant = _written_otherwise(kind, text, phrases) or _misspelt(kind, text, phrases)
    if meant is None and (misshapen := _misshapen(text, own)) is not None:
        return f"{misshapen}, in: {kind.title()} {text}"
    meant = meant or _alike(kind, text, own) or _alike(kind, text, phrases)
    return f"{said} - did you mean: {meant}" if meant else f'{said} - "stocktake steps" lists all steps'


def resembles(text: str, vocabulary: Vocabulary, path: Path | None = None) -> bool:
    """Whether `text` (without its keyword) matches a phrase, or was probably meant to."""
    if any(vocabulary.matching(kind, text, path) for kind in KINDS):
        return True
    visible = [phrase for phrase in vocabulary.phrases if path is None or phrase.visible_from(path)]
    phrases = [phrase for phrase in visible if len(QUOTED.findall(text)) == phrase.text.count('"') // 2]
    text = " ".join(text.split())
    if _written_otherwise("given", text, phrases) or _misspelt("given", text, phrases):
        return True
    return any(_likeness(_masked_like(phrase, text), _masked(phrase)) >= MEANT for phrase in phrases)


def _written_otherwise(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    for phrase in phrases:
        values = _loosely(phrase, text)
        if values is not None and _fit(phrase, values):
            return _spoken(phrase, kind, values)
    return None


def _misspelt(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    best: tuple[float, Phrase] | None = None
    for phrase in phrases:
        wanted, words = _masked(phrase).split(), _masked_like(phrase, text).split()
        if len(wanted) != len(words):
            continue
        likeness = min(map(_likeness, words, wanted))
        if SIMILAR_WORD <= likeness < 1 and (best is None or likeness > best[0]):
            best = likeness, phrase
    return _spoken(best[1], kind, _values(best[1], text)) if best else None


def _misshapen(text: str, phrases: Sequence[Phrase]) -> str | None:
    """The argument with the wrong shape, for the phrase with the fewest such arguments."""
    found: list[tuple[int, str]] = []
    for phrase in phrases:
        values = _loosely(phrase, text)
        if values is not None:
            odd = [(p, v) for p, v in zip(phrase.parameters, values, strict=True) if not p.shape.fullmatch(v)]
            found.append((len(odd), f'"{odd[0][1]}" is not a valid {odd[0][0].name}{_shape_in_words(*odd[0])}'))
    return min(found, key=lambda each: each[0])[1] if found else None


def _alike(kind: Kind, text: str, phrases: Sequence[Phrase]) -> str | None:
    likeness = [(_likeness(_masked_like(phrase, text), _masked(phrase)), phrase) for phrase in phrases]
    best = max(likeness, key=lambda each: each[0], default=(0.0, None))
    if best[1] is None or best[0] < SIMILAR_SENTENCE:
        return None
    return _spoken(best[1], kind, _values(best[1], text))


def _loosely(phrase: Phrase, text: str) -> tuple[str, ...] | None:
    found = _loose(phrase).fullmatch(text)
    return found.groups() if found else None


@cache
def _loose(phrase: Phrase) -> re.Pattern[str]:
    """The phrase, regardless of case, quotes, final stop and the shape of its arguments."""
    parts = PLACEHOLDER.split(re.sub(r'"({[^{}]*})"', r"\1", phrase.text))
    quote = r"[\"'“”]?"
    pattern = "".join(f"{quote}([^\"'“”]+?){quote}" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(pattern + "[.:;,!]?", re.IGNORECASE)


@cache
def _masked(phrase: Phrase) -> str:
    """A phrase without its arguments: quoted ones empty, bare ones a star."""
    return _bare(PLACEHOLDER.sub("*", re.sub(r'"{[^{}]*}"', '""', phrase.text)))


def _masked_like(phrase: Phrase, text: str) -> str:
    """A step without its arguments, likewise; a word counts as a bare argument if it has the shape of one in the
    phrase."""
    bare = [p.shape for p in phrase.parameters if f'"{{{p.name}}}"' not in phrase.text]
    words = QUOTED.sub('""', text).split()
    return _bare(" ".join("*" if any(shape.fullmatch(word) for shape in bare) else word for word in words))


def _bare(text: str) -> str:
    return text.lower().rstrip(".:;,!")


def _likeness(one: str, other: str) -> float:
    if "*" in (one, other):
        return 1.0
    matcher = difflib.SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR_SENTENCE else 0.0


def _values(phrase: Phrase, text: str) -> tuple[str, ...]:
    """The quoted arguments of `text`, if `phrase` has no others."""
    return tuple(QUOTED.findall(text)) if phrase.text.count('"{') == len(phrase.parameters) else ()


def _fit(phrase: Phrase, values: Sequence[str]) -> bool:
    return len(values) == len(phrase.parameters) and all(
        parameter.shape.fullmatch(value) for parameter, value in zip(phrase.parameters, values, strict=True)
    )


def _spoken(phrase: Phrase, kind: Kind, values: Sequence[str]) -> str:
    """The phrase with the step's arguments if they all fit, else as declared."""
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
