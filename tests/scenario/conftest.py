"""A scenario on three hosts, whose accounts are those of the real Placement."""

from collections.abc import Iterator

import pytest
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.lifecycle import Lifecycle

from tests.doubles.placement import Accounts


@pytest.fixture
def hosts(accounts: Accounts) -> list[ComputeHost]:
    """Three hosts, in the order in which they are leased."""
    return sorted((accounts.host(f"cmp-{number}") for number in (1, 2, 3)), key=lambda host: host.service)


@pytest.fixture
def lifecycle(cloud: Cloud, hosts: list[ComputeHost]) -> Iterator[Lifecycle]:
    """A scenario with the roles "alpha" and "beta", open."""
    lifecycle = Lifecycle(cloud, ["alpha", "beta"])
    lifecycle.open()
    yield lifecycle
    lifecycle.close()
