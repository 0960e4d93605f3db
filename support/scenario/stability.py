"""Nothing changes when the periodic task runs: every scenario is checked for this after its last step.

The periodic task of nova-compute's resource tracker corrects, and sometimes corrupts, what Placement and Nova record
about a host (Nova, `update_available_resource`). It must find everything correct.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hamcrest import equal_to
from hamcrest.core.matcher import Matcher
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.matchers import ledger_equals, usages_equal
from stocktake.support.accounting.resources import Resources
from stocktake.support.api import microversions
from stocktake.support.api.compute.server_values import Server
from stocktake.support.errors import Unverified
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.figures import Expected, changed_by_others
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.waiting import TookTooLong, eventually

T = TypeVar("T")


def nothing_changes_when_the_periodic_runs(context: Context) -> bool:
    """Run the periodic task of every leased host that is up, and check that servers, allocations and usages do not
    change. On a lab it runs in the order of the roles and then in reverse, elsewhere once. Nova's own figures must
    agree with the allocations afterwards. Returns whether there was a host to run it on. Raises Unverified where the
    cloud has no way to run or await the periodic task, AssertionError with the changes.
    """
    stability = Stability.begin(context)
    if stability is None:
        return False
    control, up = context.cloud.control, stability.hosts
    turns = (up, up[::-1]) if len(up) > 1 and isinstance(control, HttpControl) else (up,)
    for turn in turns:
        control.run_periodics([host.service for host in turn])
        stability.check_accounts(last=turn is turns[-1])
        stability.check_figures()
    return True


class FiguresDisagree(TookTooLong):
    """Nova's own figures do not agree with the allocations; `difference` is by how much, by provider uuid."""

    def __init__(self, wrong: TookTooLong, difference: Mapping[str, Resources]):
        Exception.__init__(self, str(wrong))
        vars(self).update(vars(wrong))
        self.difference = difference


class Stability:
    """The check that nothing of a scenario changes from its beginning on, while the periodic task runs.

    What has changed by itself since the last step must have been read again (`come_to_rest`), or it would look like the
    periodic's doing. `hosts` are those of the scenario that are up.
    """

    def __init__(self, context: Context, up: Sequence[ComputeHost]):
        self._context = context
        self.hosts = tuple(up)
        self._before = self._now = _read(context)

    @classmethod
    def begin(cls, context: Context) -> "Stability | None":
        """Begin the check; None if no host of the scenario is up. Raises Unverified where the cloud has no way to run
        or await the periodic task."""
        up = [host for host in _in_order_of_roles(context) if hosts.is_up(context, host)]
        if not up:
            return None
        missing = context.cloud.control.missing("run_periodic")
        if missing is not None:
            raise missing
        return cls(context, up)

    @property
    def servers(self) -> dict[str, Server]:
        """The scenario's servers at the beginning that Nova knew, by their ids."""
        return {server.id: server for server in self._before.servers.values() if server is not None}

    def check_accounts(self, *, last: bool = True) -> None:
        """Check that servers, allocations and usages are as they were. Unless this is the last check, usages are read
        only where allocations show a change. Raises AssertionError with the changes, Unverified if a server was still
        in an operation."""
        self._context.forget_readings()
        if last:
            self._context.accounts.doubt_usages()
        self._now = _read(self._context)
        _check_unchanged(self._context, self._before, self._now)

    def check_figures(self, *, within: float | None = None) -> None:
        """Check that Nova's own figures agree with the allocations that `check_accounts` has read, where that can be
        judged. They get `within` seconds, by default the patience for accounts. Raises FiguresDisagree.

        They cannot while a server has a task: its new host counts it only once it has claimed the resources. Nor can
        they on hosts to which others come after the allocations were read.
        """
        context = self._context
        unfinished = any(server is not None and server.task_state for server in self._now.servers.values())
        if context.accounts.latest is None or unfinished or not _has_figures(context):
            return
        judged = self.hosts
        if not isinstance(context.cloud.control, HttpControl):
            judged = tuple(host for host in judged if host.provider in context.accounts.with_known_figures)
        servers = {server.id: server for server in self._now.servers.values() if server is not None}
        expected = Expected(context, judged, context.accounts.latest.ledger, servers)
        if not expected.judged:
            return
        try:
            eventually(
                expected.read,
                expected.matcher,
                within=context.cloud.settings.patience_for("accounts") if within is None else within,
                what="Nova's own figures to agree with the allocations when the periodic task has run",
                describe=lambda reading: str(reading.table()),
            )
        except TookTooLong as wrong:
            difference, others = expected.difference(wrong.last), changed_by_others(context)
            if any(difference[host.provider] for host in expected.judged if host.service not in others):
                raise FiguresDisagree(wrong, difference) from None


def note_figures(context: Context) -> None:
    """Record, before the first step, for which hosts Nova's own figures can be judged after the last one. On a lab that
    is every host. Elsewhere an operator may have set reserved amounts in Placement that are unknown to Nova, or a
    figure may already have been wrong: only hosts without allocations, whose figures equal their reserved amounts, are
    judged, and those that were so before a parked scenario began.
    """
    control, accounts = context.cloud.control, context.accounts
    if isinstance(control, HttpControl) or control.missing("run_periodic") is not None or not _has_figures(context):
        return
    known = context.cloud.company.known_figures
    for host in context.roles.hosts:
        if host.provider in known:
            accounts.with_known_figures.add(host.provider)
            continue
        idle = Expected(context, [host], accounts.baseline.ledger, {})
        if idle.judged and idle.matcher.matches(idle.read()):
            accounts.with_known_figures.add(host.provider)


def _has_figures(context: Context) -> bool:
    return context.cloud.session.offers("compute", microversions.HYPERVISOR_UUIDS)


def _in_order_of_roles(context: Context) -> list[ComputeHost]:
    return list(dict.fromkeys([*context.roles.played.values(), *context.roles.hosts]))


@dataclass(frozen=True)
class _State:
    """Allocations and usage changes by the feature's names, and the state of each server in Nova by its name."""

    ledger: Ledger
    usages: Usages
    servers: Mapping[str, Server | None]


def _read(context: Context) -> _State:
    servers = {name: context.servers.last(name) for name in context.servers.ids}
    return _State(*context.accounts.statement(), servers)


def _check_unchanged(context: Context, before: _State, now: _State) -> None:
    for name, server in before.servers.items():
        was, found = (_place(context, each) for each in (server, now.servers[name]))
        if found != was and server is not None and server.task_state is not None:
            raise Unverified(
                f'server "{name}" was still {server.task_state} when the scenario ended, and changed later',
                "add a step that waits for the operation to end",
            )
        _stays(found, equal_to(was), f'server "{name}" to stay as it is when the periodic task runs')
    accounts = context.accounts
    same_ledger, same_usages = ledger_equals(before.ledger), usages_equal(before.usages, signed=True)
    _lasts(context, now.ledger, accounts.ledger, same_ledger, "the allocations to stay as they are")
    _lasts(context, now.usages, accounts.usage_changes, same_usages, "the usages to stay as they are")


def _place(context: Context, server: Server | None) -> str:
    return f"{server.status} on {context.roles.role_of(server.host)}" if server else "unknown to Nova"


def _stays(reading: Any, matcher: Matcher[Any], what: str) -> None:
    eventually(lambda: reading, matcher, within=0, what=what)


def _lasts(context: Context, reading: T, read: Callable[[], T], matcher: Matcher[Any], what: str) -> None:
    """Check accounts that other users of the hosts may be changing: what differs must differ until patience ends."""
    if matcher.matches(reading):
        return
    within = context.cloud.settings.patience_for("accounts")
    eventually(context.anew(read, at_once=True), matcher, within=within, what=f"{what} when the periodic task runs")
