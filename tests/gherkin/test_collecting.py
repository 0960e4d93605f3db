"""pytest on feature files, in a process of its own, as a reader of the README uses it."""

import re

import pytest
from stocktake.support.gherkin.collecting import resolve_arguments, resolve_line_argument

BOOT = """\
Feature: Boot

  Background:
    Given hosts "alpha" and "beta"

  # bug 7

  @disruptive
  Scenario: A server is charged
    When server "web" is booted from flavor "small" on host "alpha"
    Then there are no allocations

  @declared
  Scenario Outline: A <size> server is charged
    When server "web" is booted from flavor "<size>" on host "alpha"
    Then there are no allocations

    Examples: Common
      | size  |
      | small |
      | large |

    @lab
    Examples: Rare
      | size |
      | huge |

  Rule: Law

    Scenario: One example
      Then there are no allocations

    Scenario: Another example
      Then there are no allocations
"""

BAD = """\
Feature: Bad

  Scenario: Wrong
    When server "web" is evacuted
    Then the allocations are
"""


@pytest.fixture
def booting(project):
    project.write("features/boot.feature", BOOT)
    return project


def collected(result):
    return [line for line in result.stdout.splitlines() if "::" in line]


ALL = [
    "features/boot.feature::A server is charged",
    "features/boot.feature::A <size> server is charged[small]",
    "features/boot.feature::A <size> server is charged[large]",
    "features/boot.feature::A <size> server is charged[huge]",
    "features/boot.feature::One example",
    "features/boot.feature::Another example",
]


def test_features_run_and_are_named_after_their_scenarios(booting):
    result = booting.pytest("-v", "--junitxml=junit.xml", "-o", "junit_family=xunit1")
    assert result.returncode == 0, result.stdout
    assert [line.split(" PASSED")[0] for line in result.stdout.splitlines() if " PASSED " in line] == ALL
    junit = (booting.folder / "junit.xml").read_text()
    assert 'name="A server is charged" file="features/boot.feature" line="8"' in junit  # pytest counts lines from 0


OUTLINE = "features/boot.feature::A <size> server is charged"


@pytest.mark.parametrize(
    ("argument", "resolved"),
    [
        ("features/boot.feature:6", ALL[:1]),  # a comment on top of it
        ("features/boot.feature:8", ALL[:1]),  # its tag
        ("features/boot.feature:12", ALL[:1]),
        ("features/boot.feature:15", [OUTLINE]),
        ("features/boot.feature:19", [OUTLINE]),  # the header of its rows
        ("features/boot.feature:21", [f"{OUTLINE}[large]"]),
        ("features/boot.feature:26", [f"{OUTLINE}[huge]"]),
        ("features/boot.feature:28", ALL[4:]),  # the rule
        ("features/boot.feature:1", ["features/boot.feature"]),
        ("features/boot.feature:4", ["features/boot.feature"]),  # the background
        (ALL[4], [ALL[4]]),
        (f"{OUTLINE}[large]", [f"{OUTLINE}[large]"]),
        ("features/boot.feature", ["features/boot.feature"]),
        ("features", ["features"]),
        ("tests/test_a.py::test_a[x:3]", ["tests/test_a.py::test_a[x:3]"]),
    ],
)
def test_what_stands_at_a_line(booting, argument, resolved):
    assert resolve_line_argument(argument, booting.folder) == resolved
    assert (
        resolve_arguments([argument, *resolved], booting.folder) == resolved
    )  # twice is once, and once resolved stays


def test_lines_of_a_broken_file_mean_the_file(project):
    project.write("bad.feature", "Feature: F\n blah: x\n Scenario: S\n  Given x\n  blah\n")
    assert resolve_line_argument("bad.feature:3", project.folder) == ["bad.feature"]


def test_rows_that_pytest_names_otherwise_mean_the_outline(project):
    project.write(
        "a.feature",
        "Feature: F\n Scenario Outline: S\n  Given <a><b>\n  Examples:\n"
        "   |a|b|\n   |é|c|\n   |x-y|z|\n   |x|y-z|\n   |q|\\\\n|\n",
    )
    assert [resolve_line_argument(f"a.feature:{n}", project.folder) for n in (6, 7, 8)] == [["a.feature::S"]] * 3


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["features/boot.feature:21"], [ALL[2]]),
        (["-k", "large or another"], [ALL[2], ALL[5]]),
        (["-m", "disruptive or lab"], [ALL[0], ALL[3]]),
        (["-m", "declared"], ALL[1:4]),
    ],
)
def test_pytests_own_selection(booting, arguments, names):
    result = booting.pytest("--co", "-q", *arguments)
    assert collected(result) == names


def test_a_line_with_xdist(booting):
    result = booting.pytest("features/boot.feature:10", "-n", "2", "-v")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert f"PASSED {ALL[0]}" in result.stdout.replace("[100%] ", "")


def test_last_failed_and_a_traceback_at_the_step(booting):
    booting.write("features/fails.feature", 'Feature: F\n\n  Scenario: Fails\n    Then it says "no"\n')
    booting.write(
        "small_vocabulary.py",
        (booting.folder / "small_vocabulary.py").read_text().replace('"""Say."""', 'raise AssertionError("said no")'),
    )
    assert booting.pytest("-q").returncode == 1
    result = booting.pytest("-q", "--lf")
    assert "1 failed" in result.stdout
    assert "FAILED features/fails.feature::Fails - AssertionError: said no" in result.stdout


def test_a_folder_outside_any_project(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "mine.feature").write_text(
        "Feature: Mine\n\n  Scenario: It works\n    Then there are no allocations\n"
    )
    assert "1 passed" in project.pytest(str(elsewhere)).stdout
    assert "1 passed" in project.pytest(f"{elsewhere}/mine.feature:4").stdout
    assert "1 passed" in project.pytest("mine.feature:4", folder=elsewhere).stdout


def test_errors_of_all_files_are_told_line_by_line_and_nothing_runs(booting):
    booting.write("features/bad.feature", BAD)
    booting.write("features/broken.feature", "Feature: Broken\n Scenario: S\n  Given x\n  blah\n")
    booting.write("features/empty.feature", "")
    expected = [
        'features/bad.feature:4: no step matches: When server "web" is evacuted - '
        'did you mean: server "web" is evacuated',
        "features/bad.feature:5: a table is missing under: Then the allocations are",
        "features/broken.feature:4: this line is neither a title nor a step: blah - "
        "steps begin with Given, When, Then, And, But",
        "features/empty.feature:1: the file is empty: it begins with Feature: and a title",
    ]
    for workers in ([], ["-n", "2"]):
        result = booting.pytest("-q", *workers)
        assert result.returncode == pytest.ExitCode.INTERRUPTED
        told = [line for line in result.stdout.splitlines() if re.match(r"features/\w+[.]feature:\d", line)]
        # A worker that collects late may tell a finding once more before xdist stops it.
        assert list(dict.fromkeys(told)) == expected
        assert "passed" not in result.stdout
        assert "Traceback" not in result.stdout + result.stderr


HALF_BAD = """\
Feature: Half bad

  Scenario: Sound
    Then there are no allocations

  Scenario Outline: Wrong for <server>
    When server "<server>" is evacuted

    Examples:
      | server |
      | one    |
      | two    |

  Rule: Law

    Background:
      Given these flvaors

    Scenario: Wrong by its background
      Then there are no allocations
"""


def test_each_scenario_and_row_that_is_refused_is_an_error_of_its_own(project):
    project.write("half.feature", HALF_BAD)
    for workers in ([], ["-n", "2"]):
        result = project.pytest("-q", *workers, "--continue-on-collection-errors")
        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert "1 passed, 3 errors" in result.stdout
        named = re.findall("^ERROR half.feature::(.*?)(?: - .*)?$", result.stdout, re.MULTILINE)
        assert named == ["Wrong for <server>[one]", "Wrong for <server>[two]", "Wrong by its background"]


def test_a_sound_scenario_beside_a_refused_one_can_be_run_alone(project):
    project.write("half.feature", HALF_BAD)
    result = project.pytest("half.feature:3")
    assert "1 passed" in result.stdout
    assert result.returncode == 0
    result = project.pytest("half.feature:12")
    assert "1 error" in result.stdout
    assert result.returncode == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one-process", "xdist"])
def test_a_file_outside_of_the_project_has_its_name_and_its_say(booting, tmp_path_factory, workers):
    outside = tmp_path_factory.mktemp("outside") / "half.feature"
    outside.write_text(HALF_BAD)
    result = booting.pytest(str(outside), "features", "-q", *workers)
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    assert f"ERROR {outside}::Wrong by its background" in result.stdout
    assert "passed" not in result.stdout
    result = booting.pytest(f"{outside}::Sound", "features/boot.feature", "-v", *workers)
    assert f"{outside}::Sound" in result.stdout
    assert "7 passed" in result.stdout


def test_no_scenario_is_run_instead_of_one_of_the_same_name(project):
    twice = "  Scenario: Twice\n    Then there are no allocations\n\n"
    project.write("twice.feature", f"Feature: F\n\n{twice}{twice}")
    result = project.pytest("--continue-on-collection-errors")
    assert "2 errors" in result.stdout
    assert "passed" not in result.stdout


def test_what_pytest_bdd_could_not_read_keeps_the_file_from_running(project):
    project.write(
        "a.feature",
        "Feature: F\n\n  Scenario: S\n    And there are no allocations\n\n"
        "  Scenario: T\n    Then there are no allocations\n",
    )
    result = project.pytest("--continue-on-collection-errors")
    assert "a.feature:4: And has no step before it: begin with Given, When or Then" in result.stdout
    assert "Traceback" not in result.stdout
    assert "passed" not in result.stdout


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("features/absent.feature:3", "features/absent.feature:3: there is no file features/absent.feature"),
        ("features/boot.feature:999", "features/boot.feature:999: features/boot.feature has 34 lines"),
        ("features/boot.feature:0", "features/boot.feature:0: features/boot.feature has 34 lines"),
        (
            "features/boot.feature::A server is chrged",
            'features/boot.feature has no scenario "A server is chrged" - did you mean "A server is charged"',
        ),
    ],
)
def test_what_is_not_there_is_a_usage_error(booting, argument, sentence):
    result = booting.pytest(argument)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.strip() == f"ERROR: {sentence}"


def test_a_fault_in_the_vocabulary_is_one_sentence(project):
    project.write(
        "small_vocabulary.py",
        "from stocktake.support.gherkin.phrases import given\n\n@given('a {thing}')\ndef f(): ...\n",
    )
    result = project.pytest()
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.strip().startswith("ERROR: small_vocabulary.py:3: {thing} is not declared")
    assert "Traceback" not in result.stderr


def test_steps_of_a_conftest_and_of_pytest_bdd_itself_are_known_in_their_folder(project):
    project.write(
        "features/mine/conftest.py",
        "import pytest_bdd\nfrom stocktake.support.gherkin.phrases import then\n\n"
        "@then('it is mine')\ndef mine(): ...\n\n"
        "@pytest_bdd.then(pytest_bdd.parsers.parse('there are {n:d} of mine'))\ndef many(n): assert n == 3\n",
    )
    project.write(
        "features/mine/a.feature", "Feature: A\n\n  Scenario: S\n    Then it is mine\n    And there are 3 of mine\n"
    )
    assert "1 passed" in project.pytest().stdout
    project.write("features/b.feature", "Feature: B\n\n  Scenario: S\n    Then it is mine\n")
    result = project.pytest()
    assert "features/b.feature:4: no step matches: Then it is mine" in result.stdout


def test_target_fixture_and_converted_arguments_reach_the_steps(project):
    project.write(
        "small_vocabulary.py",
        """
from stocktake.support.gherkin.phrases import given, parameter, then, when

@parameter(name="amount", regexp="[0-9]+")
@parameter(name="other_amount", regexp="[0-9]+")
def amount(text):
    return int(text)

@given("{amount} plus {other_amount}", target_fixture="total")
@when("{amount} more of {other_amount}", target_fixture="total")
def total(amount, other_amount):
    yield amount + other_amount

@then("the total is {amount}")
def check(total, amount, request):
    assert total == amount
""",
    )
    steps = "    Given 1 plus 2\n    Then the total is 3\n    When 20 more of 3\n    Then the total is 23\n"
    project.write("features/a.feature", f"Feature: A\n\n  Scenario: S\n{steps}")
    result = project.pytest()
    assert "1 passed" in result.stdout, result.stdout


def test_tags_are_declared_when_they_are_met(booting):
    result = booting.pytest("--markers")
    assert "@pytest.mark.microversion-2.95: needs that compute microversion or newer" in result.stdout


OF_OTHER_TOOLS = ("TEST_OPS-123", "severity:critical", "issue(42)", "allure.label.owner:operations", "wip")


def test_tags_of_other_tools_are_accepted_when_they_are_declared(project):
    lines = "".join(f"    {tag}: what it means: to us\n" for tag in OF_OTHER_TOOLS)
    project.write("pytest.ini", f"[pytest]\naddopts = --strict-markers\nmarkers =\n{lines}")
    above = " ".join(f"@{tag}" for tag in OF_OTHER_TOOLS)
    scenarios = f"  {above}\n  Scenario: S\n    Then there are no allocations\n"
    scenarios += (
        f'\n  Scenario Outline: O <n>\n    Then it says "<n>"\n\n    {above}\n    Examples:\n      | n |\n      | 1 |\n'
    )
    project.write("features/a.feature", f"Feature: A\n\n{scenarios}")
    assert "2 passed" in project.pytest("-W", "error").stdout
    for tag in OF_OTHER_TOOLS:
        option = "-k" if ":" in tag else "-m"  # pytest holds -m to names that its settings can declare
        result = project.pytest(option, tag.partition("(")[0], "-n", "2")
        wanted = "2 passed" if "(" not in tag else "no tests"
        assert wanted in result.stdout, (tag, result.stdout, result.stderr)


def test_an_undeclared_tag_is_refused_with_what_to_declare(project):
    project.write(
        "features/a.feature", "Feature: A\n\n  @severity:high\n  Scenario: S\n    Then there are no allocations\n"
    )
    shown = project.pytest().stdout
    assert "features/a.feature:3: the tag @severity:high is not declared - " in shown
    assert 'To use it, add "severity:high: its meaning" to pytest\'s markers setting' in shown


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one-process", "xdist"])
def test_a_step_that_is_read_as_prose_stops_the_run(project, workers):
    first = '    Given\thosts "alpha" and "beta"\n'
    project.write("features/a.feature", f"Feature: A\n\n  Scenario: S\n{first}    Then there are no allocations\n")
    project.write("features/b.feature", "Feature: B\n\n  Scenario: T\n    Then there are no allocations\n")
    result = project.pytest(*workers)
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    assert "features/a.feature:4: Gherkin reads this line as part of the description, so it is not run" in result.stdout
    assert " passed" not in result.stdout
