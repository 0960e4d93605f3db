"""A cloud on the doubles and the context of a scenario there, with time that passes only in waits."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stocktake.support.config.target import Target
from stocktake.support.hosts.roles import Roles
from stocktake.support.ownership.journal import Journal
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import SYSTEM_CLOCK

from tests.doubles.apis import Answer, Apis
from tests.doubles.nova import Nova
from tests.doubles.placement import Accounts
from tests.doubles.sessions import cloud_entry

ACCOUNTS_SECONDS = 0.5
"""For so long accounts may be wrong, in time that passes in waits only: eleven readings of the real Placement."""


@pytest.fixture
def passing_time(monkeypatch: pytest.MonkeyPatch, fake_clock: Any) -> Any:
    """Time for everything that waits: it passes in waits only, and at once."""
    monkeypatch.setattr(SYSTEM_CLOCK, "now", fake_clock.now)
    monkeypatch.setattr(SYSTEM_CLOCK, "sleep", fake_clock.sleep)
    return fake_clock


@pytest.fixture
def open_cloud(
    apis: Apis, clouds_yaml: Callable[..., Path], passing_time: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Cloud]]:
    """Opens a cloud on the doubles, with a journal of its own; keywords are settings. Time is fake.

    It works in the project of clouds.yaml, and accounts settle soon, unless a test says otherwise.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    apis.answer("GET", "/image/v2/images", Answer(body={"images": [an_image()]}))
    with contextlib.ExitStack() as stack:

        def opened(**settings: Any) -> Cloud:
            patience = {"accounts": ACCOUNTS_SECONDS, **settings.pop("patience", {})}
            described = cloud_entry(
                f"{apis.url}/identity/v3", stocktake={"project": "given", **settings, "patience": patience}
            )
            clouds_yaml({"double": described})
            target = Target.load("double")
            journal = stack.enter_context(Journal(Mark.new(), cloud="double", auth_url=apis.url, folder=tmp_path))
            return Cloud(target, journal)

        yield opened


def an_image() -> dict[str, Any]:
    image = {"id": "an-image", "name": "cirros", "status": "active", "size": 512, "min_disk": 0, "min_ram": 0}
    return {**image, "visibility": "public"}


@pytest.fixture
def cloud(open_cloud: Callable[..., Cloud]) -> Cloud:
    """A cloud on the doubles."""
    return open_cloud()


@pytest.fixture
def context(cloud: Cloud, nova: Nova, passing_time: Any) -> Context:
    """The books of a scenario that is alone and holds cmp-1 and cmp-2, playing "alpha" and "beta"."""
    roles = Roles([nova.host("cmp-1"), nova.host("cmp-2")])
    roles.bind("alpha", "beta")
    return Context(cloud, 1, roles, Undoing(cloud.journal, cloud), alone=True)


@pytest.fixture
def real_books(accounts: Accounts, cloud: Cloud, passing_time: Any) -> Context:
    """The books of a scenario that holds two hosts of the real Placement, playing "alpha" and "beta"."""
    roles = Roles([accounts.host("cmp-1"), accounts.host("cmp-2")])
    roles.bind("alpha", "beta")
    context = Context(cloud, 1, roles, Undoing(cloud.journal, cloud))
    context.accounts.open()
    return context
