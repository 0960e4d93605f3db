"""What helps to find the cause of a failed scenario, read from the cloud before the clean-up."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from stocktake.support.api.replies import Exchange
from stocktake.support.errors import StocktakeError, Unverified
from stocktake.support.scenario import attachments
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import WaitFailed

EXCHANGES_SHOWN = 12
LOG_LINES_SHOWN = 30


def explain(
    context: Context, *, after: Exchange | None = None, earlier: Sequence[Exchange] = ()
) -> list[tuple[str, str]]:
    """Return titled texts: accounts by consumer, each server's history, the last requests, and lines of Nova's log.

    `after` is the last request before the scenario: only later ones, and those that are `earlier`, belong to it. A part
    that cannot be read says why instead; this never raises.
    """

    def requests() -> list[Exchange]:
        return [*earlier, *attachments.exchanges(context, after)]

    parts = (
        ("current allocations, and changes of usages", _accounts),
        ("history of the servers (seconds since the scenario began)", _history),
        ("instance actions and migrations", _past),
        ("last requests", partial(_exchanges, requests=requests)),
        ("Nova's log for these requests", partial(_log, requests=requests)),
    )
    told = []
    for title, tell in parts:
        try:
            text = tell(context)
        except (StocktakeError, WaitFailed) as error:
            text = f"cannot be read: {error}"
        if text:
            told.append((title, text))
    return told


def _accounts(context: Context) -> str:
    if not context.roles.hosts:
        return ""
    ledger, usages = context.accounts.statement()
    held = ledger.table() if ledger else "nothing is held"
    return f"{held}\n\n{usages.table(signed=True)}"


def _history(context: Context) -> str:
    lines = []
    for seen in context.servers.history:
        state = " ".join(word for word in (seen.status, seen.task_state) if word) or "unknown to Nova"
        where = f" on {context.roles.role_of(seen.host)}" if seen.host else ""
        lines.append(f'{seen.seconds:7.2f}  server "{seen.server}" {state}{where}')
    return "\n".join(lines)


def _past(context: Context) -> str:
    return "\n".join(line for name in context.servers.ids for line in _past_of(context, name))


def _past_of(context: Context, name: str) -> Iterator[str]:
    cloud, server_id = context.cloud, context.servers.id_of(name)
    yield f'server "{name}" is {server_id}'
    for listed in reversed(cloud.instance_actions.all(server_id)):
        yield f"  {cloud.instance_actions.find(server_id, listed.request_id) or listed} ({listed.request_id})"
    for move in reversed(cloud.migrations.all(server_id=server_id)):
        source, dest = context.roles.role_of(move.source), context.roles.role_of(move.dest)
        yield f"  migration {move.uuid}: {move.type} {move.status}, from {source} to {dest}"


def _exchanges(_: Context, requests: Callable[[], list[Exchange]]) -> str:
    return "\n".join(str(exchange) for exchange in requests()[-EXCHANGES_SHOWN:])


def _log(context: Context, requests: Callable[[], list[Exchange]]) -> str:
    """Return Nova's warnings and errors about the requests that changed something; nothing where it cannot be read."""
    asked = [exchange for exchange in requests() if _changes(exchange)]
    ids = list(dict.fromkeys(exchange.request_id for exchange in asked if exchange.request_id))
    try:
        lines = context.cloud.control.read_log(None, ids) if ids else []
    except Unverified:
        return ""
    return context.cloud.session.redact("\n".join(lines[-LOG_LINES_SHOWN:]))


def _changes(exchange: Exchange) -> bool:
    return exchange.method != "GET" and exchange.service == "compute"
