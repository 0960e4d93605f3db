"""What servers of a scenario are made of, and one that is there already."""

import pytest
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.scenario.context import Context

from tests.doubles.nova import Nova


@pytest.fixture
def small_flavor(context: Context) -> None:
    """A flavor "small" that the scenario has."""
    context.owned.flavors["small"] = Flavor("small", 1, 512, 1, id="small-id")


@pytest.fixture
def web(context: Context, nova: Nova) -> None:
    """A server that is there already, on cmp-1, and of which actions have been requested."""
    context.servers.ids["web"] = "web-id"
    context.cloud.session.acted_on.add("web-id")
    nova.looks("web", {"status": "ACTIVE", "host": "cmp-1"})
    nova.moves("web", [])
