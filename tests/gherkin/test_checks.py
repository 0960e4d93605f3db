"""Everything that keeps a feature from being carried out, found at its line before anything runs."""

import pytest
from stocktake.support.gherkin.checks import errors
from stocktake.support.gherkin.text.reading import read_feature

GOOD = """\
@two-hosts @disruptive
Feature: Good

  Background:
    Given hosts "alpha" and "beta"

  Rule: A law

    @microversion-2.95 @declared
    Scenario Outline: <server> is deleted
      Given these flavors
        | flavor   |
        | <flavor> |
      When server "<server>" is deleted
      Then there are no allocations

      @bug-1234567
      Examples: Some
        | server | flavor |
        | web    | small  |
        | db     | large  |
"""


def scenario(*steps: str) -> str:
    return "\n".join(["Feature: F", "  Scenario: S", *(f"    {step}" for step in steps)])


def test_a_good_feature_has_no_errors(found):
    assert found(GOOD, tags=("declared",)) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            ['When server "web" is evacuted'],
            '3: undefined: no step matches: When server "web" is evacuted - did you mean',
        ),
        (["Given two of us"], '3: ambiguous: 2 phrases match: Given two of us - "two of us" ('),
        (['Then it says "a" or nothing'], None),
        (["When nothing is awaited"], "3: async: the step at "),
        (["Given it is month 13"], '3: argument: "13" is not a valid month: months run from 1 to 12'),
        (["Given it is month 12"], None),
        (["Given these flavors"], "3: table-missing: a table is missing under: Given these flavors"),
        (
            ["Then there are no allocations", "| a |"],
            "4: table-unwanted: this step takes no table: Then there",
        ),
        (
            ["When the request is sent"],
            "3: doc-string-missing: a doc string is missing under: When the request is sent",
        ),
        (["When the request is sent", '"""', "x", '"""'], None),
        (
            ["Then there are no allocations", '"""', "x", '"""'],
            "4: doc-string-unwanted: this step takes no doc string: Then there are no allocations",
        ),
        (["Then the log may be shown"], None),
        (["Then the log may be shown", "| a |"], None),
        (["Then the log may be shown", '"""', "x", '"""'], None),
        (["And there are no allocations"], "3: keyword: And has no step before it: begin with Given, When or Then"),
        (["* there are no allocations"], "3: keyword: * has no step before it"),
        (["Then there are no allocations", "And there are no allocations", "* there are no allocations"], None),
        ([], '2: no-steps: scenario "S" has no steps, so it verifies nothing'),
        (
            ['Givven hosts "alpha" and "beta"', "Then there are no allocations"],
            "3: keyword: Gherkin reads this line as part of the description, so it is not run: write Given",
        ),
        (
            ['when server "web" is deleted', "Then there are no allocations"],
            "3: keyword: Gherkin reads this line as part of the description, so it is not run: write When",
        ),
        (["A sentence", "when it says what it is", "Then there are no allocations"], None),
        (['Then it says "<word>"'], None),
    ],
)
def test_steps(found, steps, expected):
    problems = found(scenario(*steps))
    if expected is None:
        assert problems == []
    else:
        assert problems[0].startswith(expected), problems
        if expected.split(": ")[1] not in ("keyword", "no-steps"):
            assert len(problems) == 1


def test_what_a_misspelt_title_swallows_is_told(found):
    text = """\
Feature: F
  Why: because.

  # comment
  Scenaro: A
    Given hosts "alpha" and "beta"

  Scenario: B
    Then there are no allocations
"""
    assert found(text) == [
        "5: keyword: Scenaro: is not a keyword, so what follows is not run: write Scenario:",
        "6: keyword: Gherkin reads this line as part of the description, so it is not run: write a Scenario: above it",
    ]


def test_every_problem_is_reported_and_none_twice(found):
    problems = found(
        """\
@nonsense
Feature: F
  Background:
    Given these flavors

  Scenario: A
    When pigs fly

  Scenario: B
    When pigs fly
"""
    )
    assert [p.partition(": ")[0] for p in problems] == ["1", "4", "7", "10"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "the scenario has no name"),
        ("a::b", 'the name "a::b" contains ::, which FILE::NAME[ROW] needs'),
        ("a [b]", "contains [, which"),
        ("a/b", "contains /, which"),
        ("__init__", "special meaning in pytest"),
        ("pytestmark", "special meaning in pytest"),
        ("setup_module", "special meaning in pytest"),
    ],
)
def test_names(found, name, expected):
    [problem] = found(f"Feature: F\n  Scenario: {name}\n    Then there are no allocations\n")
    assert problem.startswith("2: name: ")
    assert expected in problem


def test_a_repeated_name_even_in_another_rule(found):
    then = "\n    Then there are no allocations\n"
    problems = found(f"Feature: F\n  Scenario: A{then}  Rule: R\n  Scenario: A{then}  Rule: Q\n  Scenario: A{then}")
    assert problems == [
        '5: repeated-name: the scenario in line 2 is also named "A": rename one',
        '8: repeated-name: the scenario in line 2 is also named "A": rename one',
    ]


def test_a_feature_without_scenarios(found):
    assert found("# c\nFeature: F\n  Rule: R\n") == [
        "2: no-scenario: the feature has no scenario, so it verifies nothing"
    ]


OUTLINE = """\
Feature: F
  Scenario Outline: S <name>
    Given these flavors
      | flavor   |
      | <flavor> |
    When the request is sent
      \"\"\"
      <body>
      \"\"\"
    Then it says "<word>"

    Examples:
"""


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["| name | flavor | body | word |", "| a | b | c | d |"], []),
        (["| name | flavor | body |", "| a | b | c |"], ["10: placeholder: <word> has no column"]),
        (["| name | flavor | word |", "| a | b | c |"], ["7: placeholder: <body> has no column"]),
        (["| name | body | word |", "| a | b | c |"], ["5: placeholder: <flavor> has no column"]),
        (["| flavor | body | word |", "| a | b | c |"], ["2: placeholder: <name> has no column"]),
        (["| name | flavor | body | word |"], ["12: examples: these Examples have no row"]),
        ([], ["12: examples: these Examples have no row"]),
        (
            ["| name | flavor | body | word |", "| a | b | c | d |", "| a | b | c | d |"],
            ["15: examples: this row repeats the row of line 14"],
        ),
        (
            ["| name | flavor | body | word | word |", "| a | b | c | d | d |"],
            ["12: examples: the column word occurs 2 times"],
        ),
    ],
)
def test_outlines(found, rows, expected):
    problems = found(OUTLINE + "\n".join(f"      {row}" for row in rows))
    assert len(problems) == len(expected)
    for problem, start in zip(problems, expected, strict=True):
        assert problem.startswith(start)


def test_a_row_that_breaks_a_step_is_reported_with_its_own_words(found):
    problems = found(GOOD.replace("| db     |", "| D B    |"), tags=("declared",))
    assert problems == [
        '14: undefined: "D B" is not a valid server (small letters, digits and hyphens) - did you mean: d-b, '
        'in: When server "D B" is deleted'
    ]


def test_an_outline_without_examples(found):
    [problem] = found("Feature: F\n  Scenario Outline: S\n    Then there are no allocations\n")
    assert problem.startswith('2: examples: the outline "S" has no Examples')


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("disruptiv", "the tag @disruptiv is not declared - did you mean @disruptive"),
        ("2-hosts", "did you mean @two-hosts"),
        ("microversion_2.95", "did you mean @microversion-2.95"),
        ("microversion-2", "did you mean @microversion-2.95"),
        ("bug-abc", "did you mean @bug-1234567"),
        ("xylophone", "Stocktake has @disruptive, "),
        ("skip", "would hide the scenario without a reason"),
        ("xfail", "would hide the scenario without a reason"),
        ("declred", "did you mean @declared"),
    ],
)
@pytest.mark.parametrize("above", ["Feature:", "  Rule:", "    Scenario Outline:", "      Examples:"])
def test_tags(found, tag, says, above):
    text = GOOD.replace(above, f"  @lab @{tag}\n{above}")
    line = text[: text.index(f"@{tag}\n")].count("\n") + 1
    [problem] = found(text, tags=("declared",))
    assert problem.startswith(f"{line}: tag: ")
    assert says in problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1: the file is empty: it begins with Feature: and a title"),
        (b"\n \n", "1: the file is empty"),
        (b"# only this\n", "1: the file has no Feature: it begins with Feature: and a title"),
        (b"Feature: \xe4\n", "1: byte 0xe4 is not UTF-8: save the file as UTF-8"),
        (b"Feature: F\n  Scenario: S\n    Given \xff\n", "3: byte 0xff is not UTF-8"),
        (
            b"Feture: F\n Scenario: S\n  Given x\n",
            "1: the file begins with Feature: and a title, not with: Feture: F - did",
        ),
        (b"Scenario: S\n  Given x\n", "1: the file begins with Feature: and a title, not with: Scenario: S"),
        (b"Feature: F\n Scenario: S\n  Given x\nFeature: G\n", "4: a file contains one Feature: move this one"),
        (
            b"Feature: F\n Scenario: S\n  Given x\n Background:\n",
            "4: a Feature or Rule has at most one Background",
        ),
        (
            b"Feature: F\n Scenario: S\n  Given x\n  Whne y\n",
            "4: this line does not begin with a keyword: Whne y - did you mean: When",
        ),
        (
            b"Feature: F\n Scenario: S\n  Given x\n Scenaro: T\n",
            "4: this line does not begin with a keyword: Scenaro: T - did you mean: S",
        ),
        (
            b"Feature: F\n Scenario: S\n  Given x\n  blah blah\n",
            "4: this line is neither a title nor a step: blah blah",
        ),
        (
            b"Feature: F\n Scenario: S\n  Given x\n  | a | b |\n  | c |\n",
            "5: this row does not have as many cells as the first",
        ),
        (b"Feature: F\n | a |\n Scenario: S\n", None),
        (b"Feature: F\n Scenario: S\n  | a |\n  Given x\n", None),
        (b'Feature: F\n Scenario: S\n  Given x\n  """\n  a\n', "5: the file ends inside a doc string"),
        (b"Feature: F\n Scenario: S\n  Given x\n @lab\n", "4: the file ends after a tag"),
        (b"Feature: F\n Scenario: S\n  Given x\n @lab\n  When y\n", "5: steps belong in a Background or Scenario"),
        (b"@a b\nFeature: F\n Scenario: S\n  Given x\n", "1: a tag is one word"),
        (b"# language: xx\nFeature: F\n", "1: Language not supported: xx: remove the language line for English"),
        (b"Feature: F\n Scenario: S\n  Given x\n  Examples:\n   | a |\n  When y\n", "6: steps belong in"),
        (
            b"Feature: F\n Background:\n  Given x\n  Examples:\n",
            "4: Examples belong below the steps of a Scenario Outline",
        ),
    ],
)
def test_what_is_no_gherkin(tmp_path, content, expected):
    path = tmp_path / "bad.feature"
    path.write_bytes(content)
    problems = read_feature(path).problems
    if expected is None:
        assert problems == () or all("\n" not in problem.sentence for problem in problems)
    else:
        assert f"{problems[0].line}: {problems[0].sentence}".startswith(expected)
        assert len(problems) == 1 or content.count(b"\n") > 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Funktion: F\n Szenario: S\n  Angenommen x\n  Wnen y\n", "5: this line does not begin with a keyword: Wnen y"),
        ("Funktion: F\n Szenario: S\n  Angenommen x\n  Wnen y\n", "did you mean: Wenn"),
        ("Funktion: F\n Szenario: S\n  Angenommen x\n  blah\n", "steps begin with Angenommen, Wenn, Dann, Und, Aber"),
        ("Funktoin: F\n Szenario: S\n", "2: the file begins with Funktionalität: and a title, not with: Funktoin: F"),
        ("Funktion: F\n Szenario: S\n  Angenommen x\n Funktion: G\n", "5: a file contains one Feature"),
    ],
)
def test_syntax_errors_speak_the_language_of_the_file(tmp_path, text, expected):
    path = tmp_path / "bad.feature"
    path.write_text(f"# language: de\n{text}")
    problem = read_feature(path).problems[0]
    assert expected in f"{problem.line}: {problem.sentence}"


def test_all_syntax_errors_are_told(tmp_path):
    path = tmp_path / "bad.feature"
    path.write_text("Feature: F\n Scenario: S\n  Given x\n  Whne y\n  blah\n  Tehn z\n")
    assert [problem.line for problem in read_feature(path).problems] == [4, 5, 6]


def test_a_file_that_cannot_be_read(tmp_path):
    [problem] = read_feature(tmp_path / "absent.feature").problems
    assert problem.sentence == "the file cannot be read: No such file or directory"


def test_a_byte_order_mark_and_foreign_line_ends_do_not_matter(tmp_path, small):
    path = tmp_path / "windows.feature"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert errors(read_feature(path), small, ("declared",)) == []
