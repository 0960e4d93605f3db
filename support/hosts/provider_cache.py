"""What nova-compute has read of its host's provider tree, and for how long it uses that.

nova-compute keeps the providers of its tree in memory, and asks for the allocations of each of them at every claim: a
build, a resize and a deletion on the host fail if Placement no longer has one (Nova,
`ResourceTracker._update_to_placement`, `SchedulerReportClient.get_allocations_for_provider_tree`). It reads the tree
again with the next claim or periodic task after `[compute] resource_provider_association_refresh` seconds
(`SchedulerReportClient._associations_stale`), or when it starts.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from hamcrest import less_than_or_equal_to
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.control import Control, ControlledCloud
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, eventually

PERIODIC_INTERVAL = 120.0
"""Seconds between two periodic tasks where the operator does not say: twice Nova's default, as they take time, too."""


LAB_REFRESH = 60.0
"""A lab whose Nova keeps what it has read for no more seconds than this forgets it before each periodic task."""


class RefreshSettings(Protocol):
    """The two settings of a cloud that say when nova-compute reads its provider tree again."""

    @property
    def refresh_interval(self) -> float:
        """Seconds for which it keeps what it has read; 0 is for ever."""

    @property
    def periodic_interval(self) -> float | None:
        """Seconds between two periodic tasks of its resource tracker; None when that is not known."""


def seconds_until_read(settings: RefreshSettings) -> float:
    """Return within how many seconds every nova-compute that runs has read its provider tree again.

    Raises Unverified where it never does.
    """
    if not settings.refresh_interval:
        raise Unverified(
            "the compute services of this cloud read their provider trees only when they start",
            'run this feature on the embedded lab, or set Nova\'s "resource_provider_association_refresh" and, to the '
            'same, "refresh_interval:" under "stocktake:" of the cloud in clouds.yaml',
        )
    return settings.refresh_interval + (settings.periodic_interval or PERIODIC_INTERVAL)


def _reads_with_each_periodic(control: Control) -> bool:
    """Tell whether the periodic task that a control runs makes nova-compute read: a lab's does, unless the lab is to
    resemble a cloud whose Nova keeps what it has read for long."""
    kept = "resource_provider_association_refresh"
    return isinstance(control, HttpControl) and float(control.option(kept, "compute")) <= LAB_REFRESH


def never_read(target: Target, control: Control) -> Unverified | None:
    """Return why nova-compute never notices what is changed in its provider tree; None where it does."""
    if _reads_with_each_periodic(control):
        return None
    try:
        seconds_until_read(target.settings)
    except Unverified as reason:
        return reason
    return None


def read_now(cloud: ControlledCloud, host: str) -> bool:
    """Let a host of a lab read its provider tree again; one that is stopped does so when it starts.

    Returns False on any other cloud: a command for the periodic task need not make nova-compute read.
    """
    control = cloud.control
    if not isinstance(control, HttpControl) or not _reads_with_each_periodic(control):
        return False
    if any((one["host"], one["state"]) == (host, "up") for one in control.hosts()):
        control.run_periodic(host)
    return True


def await_outdated(cloud: ControlledCloud, since: datetime, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Wait until what nova-compute had read before `since` is outdated, so that the next periodic task reads it again.

    Nothing is awaited on a lab whose periodic task always does. Raises Unverified where it never reads it again.
    """
    if not _reads_with_each_periodic(cloud.control):
        seconds_until_read(cloud.target.settings)
        _await(_moment(since, clock) + cloud.target.settings.refresh_interval, clock)


def await_read(cloud: ControlledCloud, host: str | None, since: datetime, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Wait until the nova-compute of a host, or of every host, has surely read its provider tree after `since`.

    Raises Unverified where it never does.
    """
    settings, control, changed = cloud.target.settings, cloud.control, _moment(since, clock)
    surely = changed + seconds_until_read(settings)
    if host is not None and isinstance(control, CommandControl) and control.runs_periodic:
        _await(changed + settings.refresh_interval, clock)
        with suppress(CloudError, Unverified):  # the host may have been retired
            control.run_periodic(host)
            return
    _await(surely, clock)


def _moment(time: datetime, clock: Clock) -> float:
    """Return a time of day as seconds of a clock."""
    return clock.now() - (datetime.now(UTC) - time).total_seconds()


def _await(moment: float, clock: Clock) -> None:
    """Return when a clock has reached a moment."""
    eventually(
        lambda: max(0.0, moment - clock.now()),
        less_than_or_equal_to(0.0),
        within=max(0.0, 2 * (moment - clock.now())),
        what="nova-compute to read its provider tree again",
        describe="{:.0f} s are left".format,
        clock=clock,
    )
