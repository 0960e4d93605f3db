"""Twenty misspelt and misused steps, each with what was meant."""

import pytest
from stocktake.support.gherkin.text.nearness import explained

DID_YOU_MEAN = [
    # misspelt words
    ('when server "web" is evacuted', 'server "web" is evacuated'),
    ('when serevr "web" is deletd', 'server "web" is deleted'),
    ('when the resize of server "db-1" is revertet', 'the resize of server "db-1" is reverted'),
    ("given these flavours", "these flavors"),
    ("then the alocations are", "the allocations are"),
    ("then the usages have change by", "the usages have changed by"),
    # the right words written otherwise
    ('when Server "web" is evacuated', 'server "web" is evacuated'),
    ("when server web is evacuated", 'server "web" is evacuated'),
    ("when server 'web' is evacuated", 'server "web" is evacuated'),
    ("when server “web” is evacuated", 'server "web" is evacuated'),
    ('when server "web" is evacuated.', 'server "web" is evacuated'),
    ('when server  "web" is  evacuated', 'server "web" is evacuated'),
    ('given hosts "alpha" and beta', 'hosts "alpha" and "beta"'),
    ('then server "web" is "ACTIVE" on host "alpha"', 'server "web" is ACTIVE on host "alpha"'),
    # words too many, too few, in another order
    ("then allocations are", "the allocations are"),
    ('when server "web" is being evacuated', 'server "web" is evacuated'),
    ('when the server "web" is deleted', 'server "web" is deleted'),
    (
        'when server "web" is booted on host "alpha"',
        'server "{server}" is booted from flavor "{flavor}" on host "{host}"',
    ),
    ('when host "alpha" is back', 'host "alpha" returns'),
    ('when the revert of server "web" is done', 'the resize of server "web" is reverted'),
    # meant for another keyword, and misspelt on top
    ('when host "alpha" is dwon', 'Given host "alpha" is down'),
]


@pytest.mark.parametrize(("step", "meant"), DID_YOU_MEAN)
def test_what_was_meant(small, step, meant):
    kind, _, text = step.partition(" ")
    sentence = explained(kind, text, small)
    assert sentence.endswith(f" - did you mean: {meant}")
    assert sentence.startswith(
        f"no step matches: {kind.title()} server" if text.startswith("server ") else "no step matches: "
    )


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("when these flavors", "no step matches: When these flavors - it begins with Given"),
        ('given server "web" is evacuated', 'no step matches: Given server "web" is evacuated - it begins with When'),
        (
            'when server "Web Server" is evacuated',
            '"Web Server" is not a valid server (small letters, digits and hyphens) - did you mean: web-server, '
            'in: When server "Web Server" is evacuated',
        ),
        (
            'when server "9" is evacuated',
            '"9" is not a valid server (small letters, digits and hyphens), which is written as [a-z][a-z0-9-]*, '
            'in: When server "9" is evacuated',
        ),
        (
            'then server "web" is verify resize on host "alpha"',
            '"verify resize" is not a valid status - did you mean: VERIFY_RESIZE, '
            'in: Then server "web" is verify resize on host "alpha"',
        ),
        (
            'then server "web" is Active',
            '"Active" is not a valid status - did you mean: ACTIVE, in: Then server "web" is Active',
        ),
        (
            "when pigs learn to fly",
            'no step matches: When pigs learn to fly - "stocktake steps" lists all steps',
        ),
    ],
)
def test_how_a_step_is_misused(small, step, sentence):
    kind, _, text = step.partition(" ")
    assert explained(kind, text, small) == sentence


def test_a_vocabulary_without_words_suggests_nothing(declare):
    assert explained("given", "a", declare("")).endswith('"stocktake steps" lists all steps')
