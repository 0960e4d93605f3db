"""Coverage: the chains of operations that were seen, of those that the model allows."""

from stocktake.support.exploring.coverage import of_histories, possible_pairs, possible_triples
from stocktake.support.exploring.operations import OPERATIONS


def test_counts_what_follows_directly() -> None:
    coverage = of_histories([["boot", "resize", "revert"], ["boot", "resize"]])
    assert (coverage.histories, coverage.operations.total()) == (2, 5)
    assert coverage.pairs == {("boot", "resize"): 2, ("resize", "revert"): 1}
    assert coverage.triples == {("boot", "resize", "revert"): 1}
    assert coverage.share_of_pairs == 2 / len(possible_pairs())


def test_knows_what_is_possible() -> None:
    pairs, triples = possible_pairs(), possible_triples()
    assert ("resize", "confirm") in pairs
    assert ("evacuate", "resize") not in pairs  # with one host to choose for both, none is left
    assert ("host down", "evacuate", "host back") in triples
    assert {triple[:2] for triple in triples} | {triple[1:] for triple in triples} == pairs


def test_the_table_tells_what_is_missing_from_what_cannot_be() -> None:
    coverage = of_histories([["resize", "confirm"]])
    names = list(OPERATIONS)
    row = next(line for line in coverage.table().splitlines() if "| resize  " in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert cells[names.index("confirm")] == "1"
    assert cells[names.index("revert")] == "0"
    assert cells[names.index("evacuate")] == ""
