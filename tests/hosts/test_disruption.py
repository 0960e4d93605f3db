"""Whom Stocktake may disrupt."""

import re
from dataclasses import dataclass

import pytest
from stocktake.support.errors import Unverified
from stocktake.support.hosts.disruption import may_disrupt


@dataclass
class Settings:
    allow_disruptive: bool = True
    hosts: list | None = None


@pytest.mark.parametrize(
    ("settings", "foreign", "reason", "remedy"),
    [
        (Settings(False, ["alpha"]), [], "does not allow disruptive scenarios", '"allow_disruptive: true"'),
        (Settings(True, None), [], "no host is named", '"hosts:"'),
        (Settings(True, []), [], "no host is named", '"hosts:"'),
        (Settings(True, ["beta", "gamma"]), [], r'"alpha" is not among .* \(beta, gamma\)', '"hosts:"'),
        (Settings(True, ["alpha"]), ["id-1"], r"runs 1 server that .* \(such as id-1\)", "move them away"),
        (Settings(True, ["alpha"]), ["id-1", "id-2"], "runs 2 servers that", "move them away"),
    ],
)
def test_disruption_needs_leave_a_listed_host_and_nobody_else_on_it(settings, foreign, reason, remedy):
    outcome = may_disrupt(settings, "alpha", foreign)
    assert isinstance(outcome, Unverified)
    assert re.search(reason, outcome.reason)
    assert remedy in outcome.remedy
    assert "clouds.yaml" in outcome.remedy


def test_disruption_is_allowed_on_a_listed_host_of_our_own():
    assert may_disrupt(Settings(True, ["alpha"]), "alpha", []) is None
