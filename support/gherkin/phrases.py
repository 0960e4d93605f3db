"""Given, when and then: the phrases of features, with each {parameter} declared once by name, shape and meaning.

    @parameter(name="server", regexp="[a-z][a-z0-9-]*")
    def server(text: str) -> str: ...

    @when('server "{server}" is evacuated')
    def evacuate(server: str) -> None: ...

A phrase is one plain string. It matches a step only as a whole, letter for letter, and only if every parameter
has its declared shape. The form is the one the official Cucumber editor extension indexes; what it cannot read
(see `UNREADABLE`) is refused here, when the module is imported, with the file and the line.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import pytest
import pytest_bdd
from pytest_bdd.parsers import StepParser
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin.own_fixtures import with_own_fixtures
from stocktake.support.gherkin.text.problems import shown

Kind = Literal["given", "when", "then"]
Argued = Literal["required", "optional", "refused"]
Needs = Iterable[str] | Callable[..., Iterable[str]]
"""What a cloud must offer for a phrase: names of capabilities, and microversions as `compute 2.56`; where that depends
on the phrase's arguments, a function that takes one or more of them, by name, as the step says them."""
KINDS: tuple[Kind, ...] = get_args(Kind)
HOST_PARAMETERS = frozenset({"host", "other"})  # parameters that always name a host that the scenario needs
INTRODUCED = frozenset({"special", "storage"})
"""The parameters that name what the step itself adds, and what stands in tables where hosts do: a host, storage."""

UNREADABLE = re.compile(r"[()/*|\\]")  # these have a special meaning in Cucumber Expressions
PLACEHOLDER = re.compile(r"{([^{}]*)}")
STRAY_BRACE = re.compile(r"[{}]")

Step = TypeVar("Step", bound=Callable[..., Any])
Convert = TypeVar("Convert", bound=Callable[[str], Any])


# UsageError is the only error that pytest prints as a sentence; it is final only for type checkers.
class PhraseError(FeatureError, pytest.UsageError):  # type: ignore[misc]
    """The vocabulary itself is faulty; pytest prints the sentence and exits with status 4."""


@dataclass(frozen=True)
class Place:
    """Where in the Python something is declared."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"

    @classmethod
    def of_caller(cls, depth: int = 2) -> "Place":
        """The line that called the function that calls this one (`depth` frames up)."""
        frame = sys._getframe(depth)
        return cls(Path(frame.f_code.co_filename), frame.f_lineno)


@dataclass(frozen=True)
class Parameter:
    """A parameter in braces: its shape, its conversion, and whether it names a host to be leased.

    `meaning` describes the shape to authors of features ("small letters, digits and hyphens"); may be empty.
    """

    name: str
    regexp: str
    convert: Callable[[str], Any]
    is_host: bool
    place: Place
    meaning: str = ""

    @cached_property
    def shape(self) -> re.Pattern[str]:
        """The compiled shape."""
        return re.compile(self.regexp)


@dataclass(frozen=True)
class Argument:
    """The text a step gives for one parameter, and where in the step it stands (offsets from 0, end exclusive)."""

    parameter: Parameter
    text: str
    start: int
    end: int

    @property
    def value(self) -> Any:
        """The text converted; raises what the converter raises (ValueError or FeatureError)."""
        return self.parameter.convert(self.text)


@dataclass(frozen=True, eq=False)
class Phrase:
    """One sentence that a feature may use, and the function that implements it."""

    kind: Kind
    text: str
    function: Callable[..., Any]
    place: Place
    parameters: tuple[Parameter, ...] = ()
    target_fixture: str | None = None
    foreign: StepParser | None = field(default=None, repr=False)  # declared with pytest-bdd's own decorators
    needs: Needs = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The regular expression a step must match from end to end; one named group per parameter."""
        known = {parameter.name: parameter for parameter in self.parameters}
        parts = PLACEHOLDER.split(self.text)  # literal, name, literal, name, ... literal
        return re.compile(
            "".join(f"(?P<{part}>{known[part].regexp})" if n % 2 else re.escape(part) for n, part in enumerate(parts))
        )

    def match(self, text: str) -> tuple[Argument, ...] | None:
        """The arguments in `text`, in order of appearance, or None when it does not match this phrase."""
        if self.foreign is not None:
            return () if self.foreign.is_matching(text) else None
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        return tuple(Argument(p, found[p.name], *found.span(p.name)) for p in self.parameters)

    @cached_property
    def table(self) -> Argued:
        """Whether a data table is required, optional or refused below the step."""
        return self._argued("datatable")

    @cached_property
    def document(self) -> Argued:
        """Whether a doc string is required, optional or refused below the step."""
        return self._argued("docstring")

    def _argued(self, name: str) -> Argued:
        argument = inspect.signature(self.function).parameters.get(name)
        if argument is None:
            return "refused"
        return "required" if argument.default is argument.empty else "optional"

    def needs_for(self, arguments: Mapping[str, str]) -> frozenset[str]:
        """What a cloud must offer for this phrase with these arguments, given by name as written in the step."""
        if not callable(self.needs):
            return frozenset(self.needs)
        return frozenset(self.needs(**{name: arguments[name] for name in inspect.signature(self.needs).parameters}))

    @property
    def is_async(self) -> bool:
        """True for a coroutine function, which pytest-bdd would call and never await."""
        function = inspect.unwrap(self.function)
        return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)

    @property
    def noun(self) -> str:
        """The chapter of the vocabulary: the last part of the module's name."""
        return str(self.function.__module__).rpartition(".")[2]

    @property
    def documentation(self) -> str:
        """The docstring, unindented; may be empty."""
        return inspect.getdoc(self.function) or ""

    def visible_from(self, path: Path) -> bool:
        """Whether a feature at `path` may use it: a conftest.py applies only to its own folder."""
        return self.place.file.name != "conftest.py" or path.is_relative_to(self.place.file.parent)


@dataclass(frozen=True)
class Match:
    """A step that matches a phrase."""

    phrase: Phrase
    arguments: tuple[Argument, ...]

    @property
    def needs(self) -> frozenset[str]:
        """What a cloud must offer for the step."""
        return self.phrase.needs_for({argument.parameter.name: argument.text for argument in self.arguments})


class Vocabulary:
    """All phrases and parameters imported so far, found by the text of a step."""

    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self._phrases: dict[tuple[Place, Kind, str], Phrase] = {}
        self._by_first_word: dict[tuple[Kind, str], list[Phrase]] = {}
        self._found: dict[tuple[Kind, str], tuple[Match, ...]] = {}

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase of Stocktake, in the order of declaration."""
        return tuple(self._phrases.values())

    def declare(self, parameter: Parameter) -> None:
        """Add a parameter; PhraseError when an editor cannot read it or it is already declared elsewhere."""
        where, name = parameter.place, parameter.name
        if not name.isidentifier() or name in ("datatable", "docstring", "request"):
            raise PhraseError(f"{where}: a parameter cannot be called {name!r}: write a short noun such as server")
        if "\\" in parameter.regexp:
            raise PhraseError(
                f"{where}: the regexp of parameter {name!r} contains a backslash, which editors cannot read: "
                "write [0-9]+ for digits, [.] for a full stop"
            )
        try:
            fits_nothing = re.compile(f"(?P<{name}>{parameter.regexp})").fullmatch("") is not None
        except re.error as error:
            raise PhraseError(f"{where}: the regexp of parameter {name!r} is not valid: {error}") from None
        if fits_nothing:
            raise PhraseError(f"{where}: the regexp of parameter {name!r} matches an empty text: write + instead of *")
        before = self.parameters.get(name)
        if before and before.place != where:
            raise PhraseError(f"{where}: parameter {name!r} is already declared at {before.place}: declare it once")
        self.parameters[name] = parameter

    def add(
        self,
        kind: Kind,
        text: str,
        function: Callable[..., Any],
        place: Place,
        target: str | None,
        needs: Needs = (),
    ) -> Phrase:
        """Add a phrase; PhraseError when it is not readable or uses an undeclared parameter."""
        names = checked_names(text, place)
        for name in names:
            if name not in self.parameters:
                raise PhraseError(
                    f"{place}: {{{name}}} is not declared: add @parameter(name={name!r}, regexp=...) "
                    f"before this phrase is imported; declared are {', '.join(sorted(self.parameters)) or 'none'}"
                )
        phrase = Phrase(kind, text, function, place, tuple(self.parameters[n] for n in names), target, needs=needs)
        self._phrases[place, kind, text] = phrase
        self._by_first_word.clear()
        self._found.clear()
        return phrase

    def matching(self, kind: Kind, text: str, path: Path | None = None) -> tuple[Match, ...]:
        """Every phrase of `kind` that matches `text`, limited to those that a feature at `path` can see."""
        found = self._found.get((kind, text))
        if found is None:
            found = self._found[kind, text] = tuple(self._search(kind, text)) or tuple(foreign_matches(kind, text))
        if path is None:
            return found
        return tuple(match for match in found if match.phrase.visible_from(path))

    def _search(self, kind: Kind, text: str) -> Iterator[Match]:
        if not self._by_first_word:
            for phrase in self.phrases:
                self._by_first_word.setdefault((phrase.kind, first_word(phrase.text)), []).append(phrase)
        for start in {first_word(text), ""}:
            for phrase in self._by_first_word.get((kind, start), ()):
                arguments = phrase.match(text)
                if arguments is not None:
                    yield Match(phrase, arguments)


def first_word(text: str) -> str:
    """The first word when it is literal, else the empty text (a phrase that begins with a parameter)."""
    word = text.partition(" ")[0]
    return "" if "{" in word else word


def checked_names(text: str, place: Place) -> tuple[str, ...]:
    """The parameters of a phrase in order; PhraseError when an editor could not read the phrase."""
    said = f"{place}: the phrase {text!r}"
    names = tuple(PLACEHOLDER.findall(text))
    rest = PLACEHOLDER.sub("", text)
    if not text or text != " ".join(text.split()):
        raise PhraseError(f"{said} must have words with single spaces between them, none around")
    if (odd := UNREADABLE.search(text)) is not None:
        raise PhraseError(f"{said} contains {odd[0]!r}, which editors read as an expression: leave it out")
    if names and "." in rest:
        raise PhraseError(f"{said} has a full stop beside parameters, which editors cannot match: leave it out")
    if STRAY_BRACE.search(rest) or not all(name.isidentifier() for name in names):
        raise PhraseError(f"{said} needs plain names in braces, such as {{server}}: types are declared by @parameter")
    if len(set(names)) != len(names):
        raise PhraseError(f"{said} uses one parameter twice: declare a second name for the second one, such as other")
    return names


def foreign_matches(kind: Kind, text: str) -> Iterator[Match]:
    """Matches among step definitions with pytest-bdd's own decorators, for example in a user's conftest.py."""
    contexts: Iterable[StepFunctionContext] = list(step_function_context_registry.values())
    for context in contexts:
        if context.type not in (None, kind) or isinstance(context.parser, PhraseParser):
            continue
        code = inspect.unwrap(context.step_func).__code__
        place = Place(Path(code.co_filename), code.co_firstlineno)
        phrase = Phrase(kind, context.parser.name, context.step_func, place, foreign=context.parser)
        if phrase.match(text) is not None:
            yield Match(phrase, ())


class PhraseParser(StepParser):
    """Lets pytest-bdd match and convert exactly as `Phrase` does."""

    def __init__(self, phrase: Phrase):
        super().__init__(phrase.text)
        self.phrase = phrase

    def is_matching(self, name: str) -> bool:
        """Whether the step text `name` matches the phrase."""
        return self.phrase.match(name) is not None

    def parse_arguments(self, name: str) -> dict[str, Any] | None:
        """The converted arguments by name, or None when the step does not match."""
        arguments = self.phrase.match(name)
        return None if arguments is None else {a.parameter.name: a.value for a in arguments}


VOCABULARY = Vocabulary()


def parameter(*, name: str, regexp: str, role: bool = False, meaning: str = "") -> Callable[[Convert], Convert]:
    """Declare the shape of {name} in a step; the decorated function converts it.

    `regexp` must match the whole text of the argument, case included; `meaning` describes it in words.
    `role=True` says that the text names a host the scenario must hold, as the names `host` and `other` always do.
    The function raises ValueError for a text that has the right shape but is not valid, such as a month 13.
    """
    place = Place.of_caller()

    def declare(convert: Convert) -> Convert:
        VOCABULARY.declare(Parameter(name, regexp, convert, role or name in HOST_PARAMETERS, place, meaning))
        return convert

    return declare


def given(text: str, *, target_fixture: str | None = None, needs: Needs = ()) -> Callable[[Step], Step]:
    """Declare the phrase `Given text`; the returned value becomes the fixture `target_fixture` from then on.

    `needs` declares what a cloud must offer for it.
    """
    return _phrase("given", text, target_fixture, needs)


def when(text: str, *, target_fixture: str | None = None, needs: Needs = ()) -> Callable[[Step], Step]:
    """Declare the phrase `When text`; `target_fixture` and `needs` as in `given`."""
    return _phrase("when", text, target_fixture, needs)


def then(text: str, *, target_fixture: str | None = None, needs: Needs = ()) -> Callable[[Step], Step]:
    """Declare the phrase `Then text`; `target_fixture` and `needs` as in `given`."""
    return _phrase("then", text, target_fixture, needs)


def _phrase(kind: Kind, text: str, target_fixture: str | None, needs: Needs) -> Callable[[Step], Step]:
    place = Place.of_caller(3)
    decorators: Mapping[Kind, Callable[..., Any]] = {
        "given": pytest_bdd.given,
        "when": pytest_bdd.when,
        "then": pytest_bdd.then,
    }

    def decorate(function: Step) -> Step:
        phrase = VOCABULARY.add(kind, text, function, place, target_fixture, needs)
        # stacklevel 2: the step becomes a fixture of the module that uses this decorator, not of this one.
        step = decorators[kind](PhraseParser(phrase), target_fixture=target_fixture, stacklevel=2)
        step(with_own_fixtures(function))
        return function

    return decorate
