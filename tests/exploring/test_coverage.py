"""Coverage: the chains of operations that were seen, of those that the model allows, and the states of servers."""

from xml.etree import ElementTree

from stocktake.support.exploring.coverage import of_histories
from stocktake.support.exploring.graph import graph_of
from stocktake.support.exploring.operations import OPERATIONS
from stocktake.support.exploring.picture import drawn

from tests.exploring.histories import history

BOOT = "boot flavor=small host=alpha"
RESIZE = "resize flavor=large"


def test_counts_what_follows_directly() -> None:
    coverage = of_histories([history(BOOT, RESIZE, "revert"), history(BOOT, RESIZE)])
    assert (coverage.histories, coverage.operations.total()) == (2, 5)
    assert coverage.pairs == {("boot", "resize"): 2, ("resize", "revert"): 1}
    assert coverage.triples == {("boot", "resize", "revert"): 1}
    assert coverage.share_of_pairs == 2 / len(graph_of("plain").pairs)


def test_knows_what_is_possible() -> None:
    pairs, triples = graph_of("plain").pairs, graph_of("plain").triples
    assert ("resize", "confirm") in pairs
    assert ("evacuate", "resize") not in pairs  # with one host to choose for both, none is left
    assert ("request resize", "request deletion") not in pairs  # the second is awaited
    assert ("host down", "evacuate", "host back") in triples
    assert {triple[:2] for triple in triples} | {triple[1:] for triple in triples} == pairs


def test_what_is_possible_depends_on_the_circumstances_that_there_were() -> None:
    assert ("soft delete", "restore") not in graph_of("plain").pairs
    plain, both = (
        of_histories([history(BOOT, "stop"), *more])
        for more in ((), (history(BOOT, "soft delete", circumstance="soft delete"),))
    )
    assert plain.possible_pairs == graph_of("plain").pairs
    assert both.possible_pairs == graph_of("plain").pairs | graph_of("soft delete").pairs


def test_the_table_tells_what_is_missing_from_what_cannot_be() -> None:
    coverage = of_histories([history(BOOT, RESIZE, "confirm")])
    names = list(OPERATIONS)
    row = next(line for line in coverage.table().splitlines() if "| resize  " in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert cells[names.index("confirm")] == "1"
    assert cells[names.index("revert")] == "0"
    assert cells[names.index("evacuate")] == ""


def test_states_are_counted_with_what_is_special_about_their_hosts() -> None:
    coverage = of_histories([history(BOOT, "cold migrate", "host down host=alpha", "periodic")])
    assert coverage.states == {
        "ACTIVE": 1,
        "VERIFY_RESIZE, migration undecided": 1,
        "VERIFY_RESIZE, migration undecided, the source down": 2,
    }
    evacuated = of_histories([history(BOOT, "host down host=alpha", "evacuate")])
    assert evacuated.states["ACTIVE, charged on a dead host"] == 1
    assert "| plain        |         1 |" in evacuated.table_of_states()


def test_the_picture_shows_every_pair_in_words_as_well() -> None:
    picture = drawn(of_histories([history(BOOT, RESIZE, "confirm")]))
    squares = [each.text for each in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}title")]
    assert len(squares) == 1 + len(OPERATIONS) ** 2
    assert "boot, then resize: 1 times" in squares
    assert "resize, then revert: 0 times" in squares
    assert "evacuate, then resize: not possible" in squares
