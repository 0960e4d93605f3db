"""Whose a consumer is, among the scenarios of one process."""

from stocktake.support.scenario.state.consumer_owners import ConsumerOwners


def test_consumers_belong_to_the_first_scenario_that_has_them():
    owners = ConsumerOwners()
    owners.add(["web", "db"], 1)
    owners.add(["db", "lb"], 2)
    assert owners.others_than(1) == {"lb"}
    assert owners.others_than(3) == {"web", "db", "lb"}
    assert (owners.is_of_another("db", 2), owners.is_of_another("db", 1), owners.is_of_another("new", 1)) == (
        True,
        False,
        False,
    )
