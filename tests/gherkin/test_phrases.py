"""Phrases are strict, know where they were declared and what a step gives them, and refuse what editors cannot read."""

from pathlib import Path

import pytest
from stocktake.support.gherkin.phrases import Phrase, PhraseError, PhraseParser, Place

N = "@parameter(name='n', regexp='[0-9]+')\ndef n(t): ...\n"


def test_a_phrase_knows_everything_a_report_needs(declare):
    vocabulary = declare('''
@parameter(name="server", regexp="[a-z]+", meaning="small letters")
@parameter(name="amount", regexp="[0-9]+")
def number(text):
    return int(text) if text.isdigit() else text

@given('server "{server}" has {amount} VCPU', target_fixture="it")
@when('server "{server}" gets {amount} VCPU')
def has(server, amount):
    """Have it."""
''')
    when, given = vocabulary.phrases
    assert (given.kind, given.text, given.function.__name__) == ("given", 'server "{server}" has {amount} VCPU', "has")
    assert (given.target_fixture, when.target_fixture) == ("it", None)
    assert (given.place.line, when.place.line) == (8, 9)
    assert given.place.file.name == "declared_1.py"
    assert given.noun == "declared_1"
    assert given.documentation == "Have it."
    assert [(p.name, p.meaning) for p in given.parameters] == [("server", "small letters"), ("amount", "")]

    [match] = vocabulary.matching("given", 'server "web" has 12 VCPU')
    assert match.phrase is given
    assert [(a.parameter.name, a.text, a.start, a.end) for a in match.arguments] == [
        ("server", "web", 8, 11),
        ("amount", "12", 17, 19),
    ]
    assert [a.value for a in match.arguments] == ["web", 12]
    assert PhraseParser(given).parse_arguments('server "web" has 12 VCPU') == {"server": "web", "amount": 12}


@pytest.mark.parametrize(
    "text",
    [
        'Server "web" is evacuated',
        'server "Web" is evacuated',
        'server "web" is evacuated ',
        'server "web"  is evacuated',
        'server "web" is evacuated\n',
        'server "a" fails and server "b" is evacuated',
        'server "" is evacuated',
        "server web is evacuated",
        'the server "web" is evacuated',
    ],
)
def test_a_step_says_a_phrase_letter_for_letter_or_not_at_all(small, text):
    assert small.matching("when", 'server "web" is evacuated')
    assert small.matching("when", text) == ()


def test_a_phrase_belongs_to_its_keyword(small):
    assert small.matching("when", 'server "web" is deleted')
    assert not small.matching("given", 'server "web" is deleted')


def test_a_phrase_that_begins_with_a_parameter_is_found(declare):
    vocabulary = declare('''
@parameter(name="server", regexp="[a-z]+")
def server(text):
    return text

@when("{server} boots")
def boots(server):
    """Boot."""
''')
    assert [a.text for m in vocabulary.matching("when", "web boots") for a in m.arguments] == ["web"]


def test_signs_in_a_phrase_mean_themselves(declare):
    vocabulary = declare('''
@when("it costs $5 [or more]? +1^2")
def costs():
    """Cost."""
''')
    assert vocabulary.matching("when", "it costs $5 [or more]? +1^2")
    assert not vocabulary.matching("when", "it costs $5 o +1^2")


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("@given('a {server}')\ndef f(server): ...", 2, "{server} is not declared: add @parameter(name='server'"),
        ("@given('a (b)')\ndef f(): ...", 2, "contains '(', which editors read as an expression"),
        ("@given('a/b')\ndef f(): ...", 2, "contains '/'"),
        ("@given('a * b')\ndef f(): ...", 2, "contains '*'"),
        ("@given('a | b')\ndef f(): ...", 2, "contains '|'"),
        ("@given('a \\\\ b')\ndef f(): ...", 2, "contains '\\\\'"),
        (N + "@given('{n} is done.')\ndef f(n): ...", 4, "has a full stop beside parameters"),
        (N + "@given('{n:d} VCPU')\ndef f(n): ...", 4, "needs plain names in braces"),
        ("@given('{} VCPU')\ndef f(n): ...", 2, "needs plain names in braces"),
        ("@given('a { b')\ndef f(n): ...", 2, "needs plain names in braces"),
        (N + "@given('{n} and {n}')\ndef f(n): ...", 4, "uses one parameter twice"),
        ("@given('a  b')\ndef f(): ...", 2, "single spaces"),
        ("@given('')\ndef f(): ...", 2, "must have words"),
        ("@given(' a')\ndef f(): ...", 2, "none around"),
        ("\n@given(\n  'a',\n)\n@when('a {x}')\ndef f(): ...", 6, "{x} is not declared"),
        ("@parameter(name='n', regexp=r'\\d+')\ndef n(t): ...", 2, "contains a backslash, which editors cannot read"),
        ("@parameter(name='n', regexp='[')\ndef n(t): ...", 2, "is not valid: unterminated character set"),
        ("@parameter(name='n', regexp='[0-9]*')\ndef n(t): ...", 2, "matches an empty text: write + instead of *"),
        ("@parameter(name='a b', regexp='x')\ndef n(t): ...", 2, "cannot be called 'a b'"),
        ("@parameter(name='datatable', regexp='x')\ndef n(t): ...", 2, "cannot be called 'datatable'"),
        (N + N, 4, "parameter 'n' is already declared at"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_is_declared(declare, source, line, says):
    with pytest.raises(PhraseError) as refusal:
        declare(source)
    message = str(refusal.value)
    assert f"declared_1.py:{line}: " in message
    assert says in message
    assert "\n" not in message


def test_a_module_that_is_imported_again_replaces_its_phrases(declare):
    vocabulary = declare("@given('a')\ndef f(): ...\n@given('b')\n@when('b')\ndef g(): ...")
    for phrase in vocabulary.phrases:
        vocabulary.add(phrase.kind, phrase.text, phrase.function, phrase.place, None)
    assert len(vocabulary.phrases) == 3
    assert len(vocabulary.matching("given", "a")) == 1


def test_a_phrase_declared_after_a_search_is_found(declare):
    vocabulary = declare("@given('a')\ndef f(): ...")
    assert vocabulary.matching("given", "b") == ()
    vocabulary.add("given", "b", test_a_phrase_declared_after_a_search_is_found, Place(Path("b.py"), 1), None)
    assert vocabulary.matching("given", "b")


def test_tables_and_documents_are_required_optional_or_refused(small):
    def phrase(text: str) -> Phrase:
        return next(phrase for phrase in small.phrases if phrase.text == text)

    assert (phrase("these flavors").table, phrase("these flavors").document) == ("required", "refused")
    assert (phrase("the log may be shown").table, phrase("the log may be shown").document) == ("optional", "optional")
    assert phrase("the request is sent").document == "required"


def test_a_conftest_speaks_for_its_own_folder():
    def say():
        """Say."""

    phrase = Phrase("given", "a", say, Place(Path("/home/features/conftest.py"), 3))
    assert phrase.visible_from(Path("/home/features/deep/a.feature"))
    assert not phrase.visible_from(Path("/home/others/a.feature"))
    assert Phrase("given", "a", say, Place(Path("/home/steps/a.py"), 3)).visible_from(Path("/home/others/a.feature"))
