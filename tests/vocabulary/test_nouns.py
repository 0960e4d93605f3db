"""Every noun of the vocabulary is specified: what its steps do, and what they say when something is wrong."""

from pathlib import Path

import pytest
from stocktake.support.gherkin import command
from stocktake.support.gherkin.catalogue import features_in, load_vocabulary
from stocktake.support.gherkin.phrases import KINDS
from stocktake.support.gherkin.text.elements import ScenarioText
from stocktake.support.gherkin.text.reading import parsed, read_feature

HERE = Path(__file__).parent
OURS = [phrase for phrase in load_vocabulary().phrases if phrase.function.__module__.startswith("stocktake.steps.")]
NOUNS = sorted({phrase.noun for phrase in OURS})
WRONG = ("its last step fails and says", "it is unverified because", "it is refused before it runs because")
NEVER_WRONG = {"periodics", "services"}  # they name nothing but a role, and any role may be named


def quoted(scenario: ScenarioText) -> list[str]:
    """The texts of the steps that a scenario quotes."""
    [document] = [step.document for step in scenario.steps if step.text == "a scenario says"]
    steps = "\n".join(line for line in document.splitlines() if not line.startswith("@"))
    return [step.text for step in parsed(HERE, f"Feature: F\nScenario: S\n{steps}\n".encode()).scenarios[0].steps]


def test_each_noun_has_a_feature_and_each_feature_a_noun():
    assert sorted(path.stem for path in HERE.glob("*.feature")) == NOUNS


@pytest.mark.parametrize("noun", NOUNS)
def test_a_feature_specifies_its_own_noun(noun):
    vocabulary = load_vocabulary()
    scenarios = read_feature(HERE / f"{noun}.feature").scenarios
    wrong = [scenario.name for scenario in scenarios if any(step.text in WRONG for step in scenario.steps)]
    assert bool(wrong) != (noun in NEVER_WRONG)
    for scenario in scenarios:
        matches = [match for text in quoted(scenario) for kind in KINDS for match in vocabulary.matching(kind, text)]
        refused = any(step.text.startswith("it is refused") for step in scenario.steps)
        assert refused or noun in {match.phrase.noun for match in matches}, scenario.name


def test_the_features_are_written_as_all_are():
    files = features_in([HERE])
    assert [problem.as_line() for file in files for problem in command.problems(read_feature(file))] == []
