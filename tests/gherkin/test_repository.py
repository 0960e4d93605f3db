"""The repository's own vocabulary and features keep every rule that `stocktake check` knows."""

from pathlib import Path

import pytest
from stocktake.support.gherkin import command
from stocktake.support.gherkin.catalogue import catalogue, features_in, load_vocabulary, vocabulary_problems
from stocktake.support.gherkin.phrases import Vocabulary
from stocktake.support.gherkin.text.formatting import formatted
from stocktake.support.gherkin.text.problems import Problem
from stocktake.support.gherkin.text.reading import parsed, read_feature

FEATURES = Path(__file__).parents[2] / "features"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def test_every_feature_passes_check(vocabulary):
    problems: list[Problem] = []
    for path in features_in([FEATURES]):
        problems += command.problems(read_feature(path))
    assert [problem.as_line(with_rule=True) for problem in problems] == []


def test_every_phrase_is_documented_named_and_declared_once(vocabulary):
    assert vocabulary_problems(vocabulary) == []


def test_every_phrase_is_used_by_a_feature(vocabulary):
    chapters = catalogue(vocabulary, features_in([FEATURES]))
    steps = [step for chapter in chapters for step in chapter["steps"]]
    assert [f"{step['place']}: {step['sentence']}" for step in steps if not step["features"]] == []


def test_every_example_says_a_phrase(vocabulary):
    """An example is Gherkin that could be pasted into a scenario."""
    wrong = []
    for chapter in catalogue(vocabulary):
        for step in chapter["steps"]:
            feature = parsed(Path("example.feature"), f"Feature: F\n Scenario: S\n{step['example']}\n".encode())
            wrong += [f"{step['place']}: {problem.sentence}" for problem in feature.problems]
            for said in [said for scenario in feature.scenarios for said in scenario.steps]:
                if not vocabulary.matching(said.kind, said.text):
                    wrong.append(f"{step['place']}: no step says {said.text}")
    assert wrong == []


def test_the_template_of_a_new_feature_passes_check(vocabulary):
    text = command.TEMPLATE.format(title="Rebuild")
    assert command.problems(parsed(FEATURES / "rebuild.feature", text.encode())) == []
    assert formatted(text) == text
