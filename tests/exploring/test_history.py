"""Histories as scenarios: each operation is a phrase of the vocabulary, and the file passes `stocktake check`."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from stocktake.support.exploring.circumstances import CIRCUMSTANCES
from stocktake.support.exploring.graph import graph_of
from stocktake.support.exploring.history import History, as_feature
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.gherkin.command import problems
from stocktake.support.gherkin.text.formatting import laid_out, parsed
from stocktake.support.gherkin.text.reading import read_feature

from tests.exploring.histories import histories, history


@pytest.fixture(scope="module", autouse=True)
def vocabulary() -> None:
    load_vocabulary()


def test_reads_like_a_scenario_that_a_person_wrote() -> None:
    made = history("boot flavor=small host=alpha", "resize flavor=tuned", "revert", "shelve", "unshelve host=beta")
    assert as_feature(made, why="Found by exploring.") == textwrap.dedent(
        """\
        Feature: Accounts after boot, resize, revert, shelve, unshelve
          Found by exploring.

          Background:
            Given hosts "alpha" and "beta"
            And these flavors
              | flavor | VCPU | MEMORY_MB | DISK_GB | swap MB | extra specs      |
              | small  |    1 |       512 |       1 |       0 |                  |
              | tuned  |    1 |       512 |       1 |     512 | resources:VCPU=3 |

          Rule: Every consumer holds what it should, where it should

            Scenario: Allocations are right after boot, resize, revert, shelve, unshelve
              Given server "web" runs flavor "small" on host "alpha"
              And server "web" has an unconfirmed resize to flavor "tuned" on host "beta"
              And the resize of server "web" has been reverted
              And server "web" has been offloaded
              When server "web" is unshelved to host "beta"
              Then server "web" is ACTIVE on host "beta"
              And the allocations are
                | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
                | server web | beta |    1 |       512 |       1 |
        """
    )


@settings(max_examples=30)
@given(histories())
def test_every_history_passes_check(tmp_path_factory: pytest.TempPathFactory, made: History) -> None:
    file = tmp_path_factory.getbasetemp() / "found.feature"
    file.write_text(laid_out(parsed(as_feature(made, why="Found by exploring."))))
    assert [problem.as_line() for problem in problems(read_feature(Path(file)))] == []


@settings(max_examples=30)
@given(histories())
def test_a_scenario_says_every_operation_once(made: History) -> None:
    said = [step.given for step in made.steps[:-1]] + [made.steps[-1].when]
    text = as_feature(made, why="Found by exploring.")
    written = [line.strip().partition(" ")[2] for line in text.partition("Scenario:")[2].splitlines()[1:]]
    assert [line for line in written if " has become " not in line][: len(said)] == said


def test_what_was_not_awaited_is_awaited_before_more_depends_on_it() -> None:
    boots = ("boot flavor=small host=alpha", "boot flavor=small host=alpha")
    made = history(*boots, "request resize server=web flavor=large", "stop server=db", "confirm")
    assert [text for _, text in made.lines()][2:] == [
        'the resize of server "web" to flavor "large" has been requested',
        'server "db" is stopped',
        'server "web" has become VERIFY_RESIZE',
        'the resize of server "web" is confirmed',
    ]


def test_a_special_host_and_a_known_defect_are_tagged() -> None:
    slow = history("boot flavor=small host=beta", "begin live migration", circumstance="slow live migrations")
    text = as_feature(slow, why="")
    assert text.startswith("@lab\n")
    assert '    Given host "alpha"\n    And a host "beta" that live migrates slowly\n' in text
    assert slow.leased == ("alpha",)
    met = history("boot flavor=small host=alpha", "request resize flavor=large", "delete during move")
    assert "    @known-deleted-during-resize-keeps-source\n    Scenario:" in as_feature(met, why="")


def test_a_deleted_server_is_gone() -> None:
    for last in ("delete", "request deletion"):
        text = as_feature(history("boot flavor=small host=alpha", last), why="")
        assert 'Then server "web" is gone\n      And there are no allocations' in text


def test_disruptive_histories_are_tagged() -> None:
    boot = "boot flavor=small host=alpha"
    assert not as_feature(history(boot, "stop"), why="").startswith("@disruptive")
    for operation in ("host down", "disable"):
        assert as_feature(history(boot, operation), why="").startswith("@disruptive\n")


def test_every_operation_can_happen() -> None:
    pairs = {pair for name in CIRCUMSTANCES for pair in graph_of(name).pairs}
    assert {second for _, second in pairs} == set(OPERATIONS)
