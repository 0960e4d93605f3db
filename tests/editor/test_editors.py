"""The official Cucumber editor extension finds every definition and matches every step, to the line we match.

Checked on the repository itself: its steps/, its features/ and its .vscode/settings.json.
"""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.gherkin.text.reading import read_feature

REPOSITORY = Path(__file__).parents[2]
KEYWORDS = ("given", "when", "then")


def sources(pattern: str) -> list[dict[str, str]]:
    return [
        {"uri": str(path.relative_to(REPOSITORY)), "content": path.read_text()}
        for path in sorted(REPOSITORY.glob(pattern))
    ]


def steps() -> list[tuple[str, str]]:
    """Kind and text of every step of every feature, the rows of outlines filled in, once each."""
    found = {}
    for path in sorted(REPOSITORY.glob("features/**/*.feature")):
        feature = read_feature(path)
        for scenario in feature.scenarios:
            for _, row in scenario.contexts or [(0, {})]:
                for step in feature.steps_of(scenario):
                    found[step.kind, step.filled(row).text] = None
    return list(found)


def decorators() -> list[tuple[str, bool]]:
    """Each phrase's place in steps/, and whether its text is one plain string literal."""
    found = []
    for source in sources("steps/**/*.py"):
        lines = source["content"].splitlines()
        for node in ast.walk(ast.parse(source["content"])):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KEYWORDS:
                    text = call.args[0]
                    literal = isinstance(text, ast.Constant) and isinstance(text.value, str)
                    literal = literal and ast.get_source_segment("\n".join(lines), text)[1:-1] == text.value
                    found.append((f"{source['uri']}:{call.lineno}", literal))
    return found


@pytest.fixture(scope="module")
def seen(editor) -> dict[str, Any]:
    """What an editor sees of the repository."""
    return editor(
        python=sources("steps/**/*.py"),
        features=sources("features/**/*.feature"),
        steps=[text for _, text in steps()],
        beginnings=["ser", "the allo"],
        texts=[source["content"] for source in sources("features/**/*.feature")],
    )


def test_every_phrase_is_one_plain_string():
    """Python would join two literals and fill an f-string; an editor sees neither."""
    assert [place for place, literal in decorators() if not literal] == []


def test_every_definition_and_every_parameter_is_indexed(seen):
    assert seen["errors"] == []
    vocabulary = load_vocabulary()
    ours = [p for p in vocabulary.phrases if p.function.__module__.startswith("stocktake.steps.")]
    assert len(seen["definitions"]) == len(ours) == len(decorators())
    assert sorted(definition["expression"] for definition in seen["definitions"]) == sorted(p.text for p in ours)
    assert sorted(seen["parameters"]) == sorted(vocabulary.parameters)


def test_every_step_is_matched_and_none_is_ambiguous(seen):
    assert seen["underlined"] == []
    assert [step for step in seen["steps"] if len(step["expressions"]) != 1] == []


def test_go_to_definition_leads_where_we_go(seen):
    """An editor ignores keywords, so a sentence said with Given and with When may lead to both."""
    vocabulary = load_vocabulary()
    for (kind, text), step in zip(steps(), seen["steps"], strict=True):
        [match] = vocabulary.matching(kind, text)
        place = match.phrase.place
        lines = {int(each.rpartition(":")[2]) for each in step["places"]}
        assert {each.rpartition(":")[0] for each in step["places"]} == {str(place.file.relative_to(REPOSITORY))}, text
        assert any(abs(line - place.line) <= 1 for line in lines), (text, step["places"], str(place))


def test_completion_offers_phrases_with_the_values_of_existing_features(seen):
    assert any(offer.startswith('server "${1|') and "web" in offer for offer in seen["completions"]["ser"])
    assert "the allocations are" in seen["completions"]["the allo"]


def test_a_fault_would_be_seen(editor):
    """The proof can fail: a typed parameter, a joined literal and a misspelt step are all noticed."""
    content = (
        'from x import when\n@when("a {n:d}")\ndef f(): ...\n@when("b " "c")\ndef g(): ...\n@when("d")\ndef h(): ...\n'
    )
    feature = "Feature: F\n\n  Scenario: S\n    When dd\n"
    answer = editor(python=[{"uri": "a.py", "content": content}], features=[{"uri": "a.feature", "content": feature}])
    assert [definition["expression"] for definition in answer["definitions"]] == ["d"]
    assert len(answer["errors"]) == 1
    assert answer["underlined"] == ["a.feature:4: Undefined step: dd"]


def test_the_features_that_specify_the_vocabulary_are_matched_too(editor):
    python = [*sources("steps/**/*.py"), *sources("tests/vocabulary/conftest.py")]
    seen = editor(python=python, features=sources("tests/vocabulary/*.feature"))
    assert seen["underlined"] == []


def test_the_editors_settings_lead_to_our_steps_and_features():
    settings = json.loads((REPOSITORY / ".vscode" / "settings.json").read_text())
    for name, wanted in (("cucumber.glue", "steps/**/*.py"), ("cucumber.features", "features/**/*.feature")):
        found = {path for pattern in settings[name] for path in REPOSITORY.glob(pattern)}
        assert set(REPOSITORY.glob(wanted)) <= found
    extensions = json.loads((REPOSITORY / ".vscode" / "extensions.json").read_text())
    assert "CucumberOpen.cucumber-official" in extensions["recommendations"]
