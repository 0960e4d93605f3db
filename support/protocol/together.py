"""How pytest runs scenarios of which several wait together for the periodic task, where that can only be awaited.

A scenario whose steps are over is parked (`stocktake.support.scenario.parking`) and not yet reported. Once the interval
has passed for all that are parked, each is checked, undone and reported, as if it had just ended. One whose last check
fails is repeated alone, so that no scenario fails for what another one did.
"""

from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pytest
from stocktake.support.errors import ConfigurationError
from stocktake.support.gherkin import collecting
from stocktake.support.protocol.announcement import cloud_of
from stocktake.support.protocol.attempts import Attempt
from stocktake.support.protocol.decisions import decided
from stocktake.support.protocol.ordering import in_order_of_waiting

if TYPE_CHECKING:
    from stocktake.support.scenario.cloud import Cloud


class Together:
    """Pytest plugin object: the scenarios of one process that wait together."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._interval: float | Literal["unread"] | None = "unread"
        self._parked: list[Attempt] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put scenarios in an order in which many can wait together."""
        if any(collecting.runnable(item) for item in items) and self.interval is not None:
            items[:] = in_order_of_waiting(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a scenario of a cloud whose periodic task can only be awaited; leave all others to pytest."""
        if collecting.runnable(item) is None or self.interval is None or self._may_be_rerun(item):
            self._release(item)
            return None
        self._run(item, nextitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Undo without waiting what is still parked when the run is interrupted."""
        try:
            return (yield)
        finally:
            self._abandon()

    @property
    def interval(self) -> float | None:
        """Seconds to wait for the periodic task; None where it can be run, or where there is nothing to wait for."""
        if self._interval == "unread":
            self._interval = _awaited_interval(self._config)
        return self._interval

    def _may_be_rerun(self, item: pytest.Item) -> bool:
        """Whether pytest-rerunfailures, which has a protocol of its own, may run the item again."""
        return bool(getattr(self._config.option, "reruns", None) or item.get_closest_marker("flaky"))

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        attempt = Attempt(item, nextitem)
        if attempt.is_crowded:
            self._release(item)
            attempt = Attempt(item, nextitem)
        if attempt.is_parked:
            for other in self._parked:
                other.neighbours.append(item.name)
            self._parked.append(attempt)
        else:
            self._log(item, attempt.reports())
        is_last = nextitem is None or item.session.shouldfail or item.session.shouldstop
        if is_last or self._must_end():
            self._release(nextitem)
        if is_last:
            self._log(item, attempt.tear_down_session())

    def _must_end(self) -> bool:
        """Whether the parked scenarios must end before the next one begins."""
        if not self._parked:
            return False
        cloud = self._cloud
        if cloud.company.is_full or self._may_block():
            return True
        return self._waits(self._parked[0]) <= 0 and cloud.leases.others_wait()

    @property
    def _cloud(self) -> "Cloud":
        return self._parked[0].lifecycle.context.cloud

    def _may_block(self) -> bool:
        """Whether this worker of xdist has nothing queued, so that it may have to wait for its next scenario."""
        worker = _worker(self._config)
        if worker is None:
            return False
        with worker.torun.lock() as queue:
            return not queue

    def _waits(self, attempt: Attempt) -> float:
        """Seconds until the periodic task has run for a parked scenario."""
        from stocktake.support.waiting import SYSTEM_CLOCK  # noqa: PLC0415 - start-up time

        return attempt.lifecycle.parked_at + (self.interval or 0) - SYSTEM_CLOCK.now()

    def _release(self, nextitem: pytest.Item | None) -> None:
        """Wait until the periodic task has run for all that are parked; check, undo and report them."""
        if not self._parked:
            return
        self._await_periodic()
        figures_within = None
        for attempt in self._parked:
            attempt.check(figures_within)
            figures_within = 0.0 if attempt.wrong_figures else figures_within
        with self._cloud.company.vouching():
            for attempt in reversed(self._parked):
                attempt.close()
            ended, self._parked = self._parked, []
            reports = decided(ended)
        if nextitem is not None:
            nextitem.session._setupstate.teardown_exact(nextitem)
        for attempt in ended:
            self._log(attempt.item, reports[attempt])

    def _await_periodic(self) -> None:
        from hamcrest import less_than_or_equal_to  # noqa: PLC0415 - start-up time
        from stocktake.support.waiting import eventually  # noqa: PLC0415

        count = len(self._parked)
        last = "the scenario" if count == 1 else f"the last of {count} scenarios"
        eventually(
            partial(self._waits, self._parked[-1]),
            less_than_or_equal_to(0),
            within=2 * (self.interval or 0),
            what=f"the periodic task to run on every host after {last} (every {self.interval:g} s)",
            describe="{:.0f} s are left".format,
        )

    def _abandon(self) -> None:
        """Undo what is parked, and report it as it is: verified, except for the periodic task."""
        abandoned, self._parked = self._parked, []
        for attempt in reversed(abandoned):
            attempt.lifecycle.abandon_check()
            attempt.close()
        for attempt in abandoned:
            self._log(attempt.item, attempt.reports())

    def _log(self, item: pytest.Item, reports: Sequence[pytest.TestReport]) -> None:
        """Let pytest know of a scenario that has ended; xdist's workers always speak of their current item."""
        if not reports:
            return
        worker, ihook = _worker(self._config), item.ihook
        current = worker and worker.item_index
        if worker:
            worker.item_index = worker.session.items.index(item)
        ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in reports:
            ihook.pytest_runtest_logreport(report=report)
        ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if worker:
            worker.item_index = current


def _awaited_interval(config: pytest.Config) -> float | None:
    """Read from clouds.yaml how long the cloud of this run must be waited for; None if it need not be."""
    from stocktake.support.config.target import Target  # noqa: PLC0415 - start-up time
    from stocktake.support.hosts.control import control_of  # noqa: PLC0415

    name = cloud_of(config)
    try:
        return control_of(Target.load(name)).awaited_interval if name is not None else None
    except ConfigurationError:
        return None  # opening the cloud says what is wrong


def _worker(config: pytest.Config) -> Any:
    """The object of xdist that runs this worker's items and knows its queue; None in any other process."""
    if not hasattr(config, "workerinput"):
        return None
    return next(each for each in config.pluginmanager.get_plugins() if type(each).__name__ == "WorkerInteractor")
