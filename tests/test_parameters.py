"""Words of the vocabulary that editors must read as literals say what the operations have tables for."""

import pytest
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.scenario.operations import laboratory, users
from stocktake.support.scenario.operations.servers import servers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("listing", users.LISTINGS),
        ("interruption", servers.INTERRUPTIONS),
        ("administration", users.ADMINISTRATION),
        ("conflict", laboratory.CONFLICTS),
        ("connection", laboratory.OF_CINDER),
    ],
)
def test_spelled_out_words_are_those_of_the_operations(name, words):
    assert load_vocabulary().parameters[name].regexp.split("|") == list(words)
