"""Claims: what a Then says about servers and accounts.

A claim that does not hold at once is awaited; it is then read again once the last event of every operation that the
scenario has asked for has finished, and must still hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from hamcrest import none
from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from hamcrest.core.matcher import Matcher
from stocktake.support.accounting.ledger import CHILD, Ledger, Usages
from stocktake.support.accounting.matchers import ledger_equals, usages_equal
from stocktake.support.api.compute.server_values import Server
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.roles import Roles
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers.progress import have_ended
from stocktake.support.scenario.operations.shortages import limit_behind
from stocktake.support.waiting import WaitFailed, eventually

T = TypeVar("T")


@dataclass(frozen=True)
class State:
    """What a Then may claim about a server; None is not claimed.

    `host` is the name of a compute service, `departed` that of a host that the server must have left.
    """

    status: str | None = None
    host: str | None = None
    departed: str | None = None
    no_host: bool = False
    reason: str | None = None

    def fits(self, server: Server | None) -> bool:
        """Whether a server is at rest in this state."""
        return (
            server is not None
            and (server.task_state is None or server.status == "MIGRATING")
            and self.status in (None, server.status)
            and (self.host is None or server.host == self.host)
            and (self.departed is None or server.host != self.departed)
            and not (self.no_host and server.host)
            and (self.reason is None or (server.fault is not None and self.reason in server.fault.message))
        )


class IsIn(BaseMatcher[Server | None]):
    """Match a server that is at rest in a state; hosts are named by their roles."""

    def __init__(self, state: State, roles: Roles):
        self._state = state
        self._roles = roles

    def _matches(self, item: Server | None) -> bool:
        return self._state.fits(item)

    def describe_to(self, description: Description) -> None:
        """Say the state as the feature does."""
        parts = [self._state.status or "any status"]
        if self._state.host or self._state.no_host:
            parts.append(self._roles.place_of(self._state.host))
        if self._state.departed:
            parts.append(f"having left {self._roles.role_of(self._state.departed)}")
        if self._state.reason:
            parts.append(f'with fault "{self._state.reason}"')
        description.append_text(" ".join(parts))

    def describe_mismatch(self, item: Server | None, mismatch_description: Description) -> None:
        """Describe the server's actual state."""
        mismatch_description.append_text(told(item, self._roles))


def told(server: Server | None, roles: Roles) -> str:
    """Describe a server in one line: status, task, host as a role, and fault."""
    if server is None:
        return "Nova does not know it"
    task = f", {server.task_state}" if server.task_state else ""
    fault = f": {server.fault.message}" if server.fault else ""
    return f"{server.status}{task} {roles.place_of(server.host)}{fault}"


def server_is(
    context: Context,
    name: str,
    *,
    status: str | None = None,
    host: str | None = None,
    another_host: str | None = None,
    no_host: bool = False,
    reason: str | None = None,
) -> Server:
    """Check that a server is at rest in a state. Raises Unverified if a limit of the cloud is why it is not.

    `another_host` is a role that this claim may bind, to any host except the one that the server was on before its last
    move was requested.
    """
    departed = context.servers.departed.get(name) if another_host else None
    if another_host is not None:
        found = context.servers.last(name)
        if found is not None and found.host and found.host != departed:
            context.roles.choose(another_host, found.host)
        host = another_host
    state = State(status, context.roles.host(host).service if host else None, departed, no_host, reason)
    wanted = " ".join(part for part in (status, f'on host "{host}"' if host else "") if part) or "without a host"
    try:
        server = claim(
            context,
            lambda: context.servers.last(name),
            IsIn(state, context.roles),
            what=f'server "{name}" to be {wanted}',
            describe=lambda reading: told(reading, context.roles),
            hopeless=lambda reading: _in_error(reading, context.roles) if status != "ERROR" else None,
        )
    except WaitFailed as failure:
        raise limit_behind(context, name, status) or failure from None
    assert server is not None  # noqa: S101 - what the matcher accepted
    return server


def server_is_gone(context: Context, name: str) -> None:
    """Check that Nova no longer knows a server."""
    claim(
        context,
        lambda: context.servers.last(name),
        none(),
        operation="delete",
        what=f'server "{name}" to be gone',
        describe=lambda reading: told(reading, context.roles),
    )


def allocations_are(context: Context, expected: Ledger) -> None:
    """Check everything that the scenario's consumers hold; nested providers are listed separately only if the table
    names one."""
    check_names(context, expected.providers)
    nested = _names_children(expected.providers)
    claim(
        context,
        lambda: context.accounts.ledger() if nested else context.accounts.ledger().roots(),
        ledger_equals(expected),
        what="the allocations to match",
        describe=lambda reading: str(reading.table()),
    )


def usages_have_changed_by(context: Context, expected: Usages) -> None:
    """Check by how much usages have changed since the scenario began; nested providers as in `allocations_are`."""
    check_names(context, expected.providers)
    nested = _names_children(expected.providers)
    claim(
        context,
        lambda: context.accounts.usage_changes() if nested else context.accounts.usage_changes().roots(),
        usages_equal(expected, signed=True),
        what="the usage changes to match",
        describe=lambda reading: str(reading.table(signed=True)),
    )


def claim(
    context: Context,
    read: Callable[[], T],
    matcher: Matcher[Any],
    *,
    what: str,
    describe: Callable[[T], str],
    hopeless: Callable[[T], str | None] | None = None,
    operation: str = "accounts",
) -> T:
    """Await a reading that fits, and return it; `operation` is one of the settings' patience.

    A reading that fits at once is accepted, because the step that acted has waited for its operation. One that had to
    be awaited shows that something was still changing: it must also fit once every operation has ended.
    """
    reading = read()
    if matcher.matches(reading):
        return reading
    return eventually(
        context.anew(read, at_once=True),
        matcher,
        within=context.cloud.patience(operation),
        what=what,
        describe=describe,
        hopeless=hopeless,
        settled=partial(have_ended, context),
    )


def _in_error(server: Server | None, roles: Roles) -> str | None:
    """Return why waiting for a server that is not expected to fail is hopeless; None if it is not."""
    if server is None:
        return "Nova does not know it"
    return f"it is {told(server, roles)}" if server.status == "ERROR" and server.task_state is None else None


def _names_children(providers: Any) -> bool:
    return any(CHILD in provider for provider in providers)


def check_names(context: Context, providers: Any) -> None:
    """Raise FeatureError for a host in a table that plays no role in the scenario, and is no shared storage of it."""
    known = (*context.roles.played, *context.trees.shared.values())
    for provider in providers:
        role = provider.partition(CHILD)[0]
        if role not in known:
            raise FeatureError(
                f'host "{role}" in the table is not a host of this scenario: its hosts are '
                + (", ".join(f'"{name}"' for name in known) or "none yet")
            )
