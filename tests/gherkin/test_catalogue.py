"""The vocabulary by noun: each sentence once, with what its docstring says, its parameters and where it is used."""

from pathlib import Path

import pytest
from stocktake.support.gherkin import catalogue
from stocktake.support.gherkin.catalogue import about, as_text, documented, phrases_said, vocabulary_problems


@pytest.fixture
def chapters(small, tmp_path):
    feature = tmp_path / "deletes.feature"
    feature.write_text(
        "Feature: F\n  Background:\n    Given these flavors\n  Scenario Outline: S\n"
        '    When server "<server>" is deleted\n    Examples:\n      | server |\n      | web |\n'
    )
    return catalogue.catalogue(small, [feature])


def step(chapters, sentence):
    [found] = [step for chapter in chapters for step in chapter["steps"] if step["sentence"] == sentence]
    return found


def test_an_entry(chapters):
    assert [chapter["noun"] for chapter in chapters] == ["small_vocabulary"]
    assert chapters[0]["about"].startswith("A vocabulary for the tests")
    entry = step(chapters, "these flavors")
    place = entry.pop("place")
    assert place.endswith("small_vocabulary.py:26")
    assert [Path(path).name for path in entry.pop("features")] == ["deletes.feature"]
    assert entry == {
        "sentence": "these flavors",
        "kinds": ["given"],
        "does": "Have these flavors.",
        "waits": "Waits for nothing.",
        "example": "Given these flavors\n  | flavor | VCPU |\n  | small  |    1 |",
        "table": "required",
        "document": "refused",
        "parameters": [],
    }


def test_parameters_and_use_by_an_outline(chapters):
    entry = step(chapters, 'server "{server}" is deleted')
    assert entry["parameters"] == [
        {"name": "server", "regexp": "[a-z][a-z0-9-]*", "meaning": "small letters, digits and hyphens"}
    ]
    assert [Path(path).name for path in entry["features"]] == ["deletes.feature"]
    assert step(chapters, 'server "{server}" is evacuated')["features"] == []


def test_one_sentence_with_two_keywords_is_one_step(declare):
    vocabulary = declare('@given("it is so")\n@when("it is so")\ndef so():\n    """Be so."""\n')
    [chapter] = catalogue.catalogue(vocabulary)
    assert [(entry["sentence"], entry["kinds"]) for entry in chapter["steps"]] == [("it is so", ["given", "when"])]


def test_only_what_speaks_of_all_words(chapters):
    found = about(chapters, ["server", "EVACUATED"])
    assert {entry["sentence"] for entry in found[0]["steps"]} == {
        'server "{server}" is evacuated',
        'server "{server}" has been evacuated to host "{host}"',
    }
    assert about(chapters, ["zebra"]) == []


def test_the_text_for_a_terminal(chapters):
    text = as_text(about(chapters, ["flavors", "have"]))
    assert text.startswith("SMALL_VOCABULARY\n  A vocabulary for the tests")
    assert (
        "\n\n  Given these flavors\n      Have these flavors.\n      Waits for nothing.\n"
        "        Given these flavors\n          | flavor | VCPU |\n          | small  |    1 |\n      used in "
    ) in text


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Do it.", ("Do it.", "", "")),
        (
            "Do it\nnow.\n\nWaits\nlong.\n\nThen more.\n\nExample:\n    When a\n",
            ("Do it now.", "Waits long. Then more.", "When a"),
        ),
        ("Do it.\n\nExample:\n    When a\n      | b |", ("Do it.", "", "When a\n  | b |")),
        ("", ("", "", "")),
    ],
)
def test_docstrings(docstring, expected):
    assert documented(docstring) == expected


def test_phrases_a_feature_says(small, read):
    said = phrases_said(small, read("Feature: F\n  Scenario: S\n    Given these flavors\n    When pigs fly\n"))
    assert [phrase.text for phrase in said] == ["these flavors"]


def test_faults_of_a_vocabulary(declare):
    vocabulary = declare('''
@given("a")
def _():
    """Be.

    Example:
        Given a
    """

@given("b")
def named():
    """Be without an example."""

@given("c")
async def late():
    """Be late.

    Example:
        Given c
    """

@given("a")
def again():
    """Be again.

    Example:
        Given a
    """
''')
    faults = [fault.partition("declared_1.py:")[2] for fault in vocabulary_problems(vocabulary)]
    assert [fault.partition(", ")[0] for fault in faults] == [
        "3: 'a' needs a function with a name: tracebacks show it",
        "11: 'b' needs a docstring that says what it does",
        "15: 'c' is async and would never be awaited",
        "3: given 'a' is declared twice",
        "23: given 'a' is declared twice",
    ]
