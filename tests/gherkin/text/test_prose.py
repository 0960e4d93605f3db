"""A line that was meant as a step or a title is never taken for prose in silence, and honest prose is left alone."""

import pytest
from gherkin.dialect import DIALECTS

STEP = 'hosts "alpha" and "beta"'
NOT_DONE = "Gherkin reads this line as part of the description, so it is not run"
SPACES = [
    "\t",
    "\u00a0",
    "\u3000",
    "\u2003",
    "\u202f",
    "\u1680",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\x0b",
    "\x1f",
    "\x85",
    "\u2028",
]


def scenario(line: str, language: str = "en") -> str:
    """A scenario in `language` whose description is `line`."""
    words = DIALECTS[language]
    then = next(word for word in words["then"] if word != "* ")
    titles = f"{words['feature'][0]}: F\n  {words['scenario'][0]}: S\n"
    return f"# language: {language}\n{titles}    {line}\n    {then}two of us\n"


def keyword_problems(found, text):
    return [problem for problem in found(text) if ": keyword: " in problem]


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_a_keyword_with_another_space_behind_it(found, space):
    [problem] = keyword_problems(found, scenario(f"Given{space}{STEP}"))
    assert problem.startswith(f"4: keyword: {NOT_DONE}: write one plain space after Given")
    [problem] = keyword_problems(found, scenario(f"When{space}something that the vocabulary lacks"))
    assert problem.startswith(f"4: keyword: {NOT_DONE}")


def test_the_odd_space_is_named(found):
    assert "not a tab" in keyword_problems(found, scenario(f"Given\t{STEP}"))[0]
    assert "not U+00A0" in keyword_problems(found, scenario(f"Given\u00a0{STEP}"))[0]


@pytest.mark.parametrize("mark", ["- ", "-\t", "+ ", "> ", "1. ", "2) ", "\u2022 ", "\u2013 ", "- - ", "**", "_", "`"])
def test_a_list_mark_before_the_keyword(found, mark):
    [problem] = keyword_problems(found, scenario(f"{mark}Given{mark.strip() if mark in '**_`' else ''} {STEP}"))
    assert problem == f"4: keyword: {NOT_DONE}: write Given without a list mark before it"


def test_a_star_in_the_description_of_a_feature(found):
    problems = found(f"Feature: F\n  * given {STEP}\n  Scenario: S\n    Then there are no allocations\n")
    assert problems == [f"2: keyword: {NOT_DONE}: write Given"]


@pytest.mark.parametrize(
    "line",
    [
        'Gven hostss "alpha" and "beta"',
        "given " + STEP,
        "GIVEN " + STEP,
        "Given: " + STEP,
        "- given " + STEP,
        'Whne serverr "web" is evacuted',
        'Gvien server "web" runs the flavor "small" on host "alpha"',
    ],
)
def test_a_misspelt_keyword_even_of_a_misspelt_phrase(found, line):
    [problem] = keyword_problems(found, scenario(line))
    assert problem.startswith(f"4: keyword: {NOT_DONE}: write ")


def test_a_phrase_without_any_keyword(found):
    assert keyword_problems(found, scenario(STEP)) == [
        f"4: keyword: {NOT_DONE}: begin it with Given, When, Then, And, But"
    ]


@pytest.mark.parametrize("language", sorted(DIALECTS))
def test_every_keyword_of_every_language(found, language):
    for kind in ("given", "when", "then", "and", "but"):
        for keyword in set(DIALECTS[language][kind]) - {"* "}:
            if keyword.endswith(" "):
                line = keyword.rstrip(" ") + "\u00a0" + STEP
                problems = found(scenario(line, language))  # of a shorter keyword it may be a step, which says nothing
                assert any(problem.startswith("4: ") for problem in problems), (language, keyword)
            assert keyword_problems(found, scenario(f"- {keyword}{STEP}", language)), (language, keyword)


@pytest.mark.parametrize(
    ("language", "line", "remedy"),
    [
        ("de", f"Angenomen {STEP}", "write Angenommen"),
        ("de", f"angenommen {STEP}", "write Angenommen"),
        ("fr", f"Sachan que {STEP}", "write Sachant que"),
        ("ja", f"前題{STEP}", "write 前提"),
        ("de", f"Given {STEP}", "Given is a keyword of another language; write Angenommen, Wenn, Dann, Und, Aber"),
        ("en", f"Angenommen {STEP}", "Angenommen is a keyword of another language; write Given, When, Then, And, But"),
    ],
)
def test_a_misspelt_or_foreign_keyword_in_any_language(found, language, line, remedy):
    assert keyword_problems(found, scenario(line, language)) == [f"4: keyword: {NOT_DONE}: {remedy}"]


@pytest.mark.parametrize(
    ("language", "title", "keyword"),
    [
        ("en", "Scenaro: A", "Scenario"),
        ("en", "Scenario : A", "Scenario"),
        ("en", "Scenario\uff1a A", "Scenario"),
        ("en", "scenario: A", "Scenario"),
        ("en", "Szenario: A", "Scenario"),
        ("de", "Szenari: A", "Szenario"),
        ("fr", "Plan du scenario : A", "Plan du scénario"),
        ("zh-CN", "场景\uff1aA", "场景"),
    ],
)
def test_a_title_that_is_not_one(found, language, title, keyword):
    text = f"# language: {language}\n{DIALECTS[language]['feature'][0]}: F\n  {title}\n"
    [problem] = keyword_problems(found, text)
    assert problem.startswith("3: keyword: ")
    assert problem.endswith(f"is not a keyword, so what follows is not run: write {keyword}:")


def test_a_background_below_a_scenario_says_where_it_stands(found):
    problems = keyword_problems(
        found, "Feature: F\n  Scenario: S\n    Background:\n    Then there are no allocations\n"
    )
    assert problems == [
        f"3: keyword: Background: is not allowed here: {NOT_DONE}, and neither is what follows".replace(
            "Gherkin", "Gherkin"
        )
    ]


@pytest.mark.parametrize("above", ["Feature: F", "Feature: F\n  Rule: R", "Feature: F\n  Scenario: S"])
@pytest.mark.parametrize(
    "line",
    [
        "Given enough time, every host is charged.",
        "When a host fails, its servers stay on its account until it returns",
        "Then, and only then, the source is released.",
        "And nobody else notices.",
        "the host that runs the server pays",
        "Then what is charged is what Placement says it is",
        "Thanks to the periodic nothing is left.",
        "Why: because.",
        "See also: https://docs.openstack.org/nova/latest",
        "- the server holds its flavor",
        "1. given that nothing fails, the server is ACTIVE",
        "In no case is a host charged twice",
        "A server is charged once",
        "Andere Hosts bleiben, wie sie sind",
        "it says what it is",
    ],
)
def test_honest_prose(found, above, line):
    if above.endswith("Scenario: S") and line.split(" ")[0] in ("Given", "When", "Then", "And"):
        pytest.skip("there this is a step, for Gherkin as well")
    rest = "" if above.endswith("S") else "  Scenario: S\n"
    assert keyword_problems(found, f"{above}\n    {line}\n{rest}    Then there are no allocations\n") == []


def test_steps_below_examples_are_found_when_they_say_a_phrase(found):
    above = 'Feature: F\n  Scenario Outline: S <n>\n    Then it says "<n>"\n    Examples: E\n'
    rows = "      | n |\n      | 1 |\n"
    assert [problem[:10] for problem in found(f"{above}      - Given {STEP}\n{rows}")] == ["5: keyword"]
    assert found(f"{above}      - Given how things are, these are enough\n{rows}") == []
