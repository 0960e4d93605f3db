"""Evacuations to a specified host, checked by the scheduler or forced past it."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import moves, server_requests, servers


@when('server "{server}" is evacuated to host "{host}"', needs=("moves",))
def evacuate_to_host(context: Context, server: str, host: str) -> None:
    """Evacuate a server to a specified host that the scheduler checks; wait until its rebuild has ended.

    Example:
        When server "web" is evacuated to host "beta"
    """
    moves.evacuate(context, server, server_requests.evacuation(context, host))


@when('server "{server}" is forcibly evacuated to host "{host}"', needs=("moves",))
def force_evacuate(context: Context, server: str, host: str) -> None:
    """Evacuate a server to a specified host past the scheduler, as microversions up to 2.67 can.

    Example:
        When server "web" is forcibly evacuated to host "beta"
    """
    moves.evacuate(context, server, server_requests.evacuation(context, host, force=True))


@when(
    'server "{server}" is forcibly evacuated to host "{host}" using microversion {microversion}',
    needs=lambda microversion: ("moves", f"compute {microversion}"),
)
def force_evacuate_at(context: Context, server: str, host: str, microversion: str) -> None:
    """Request a forced evacuation using a microversion that may no longer support it.

    Example:
        When server "web" is forcibly evacuated to host "beta" using microversion 2.68
    """
    moves.evacuate(context, server, server_requests.evacuation(context, host, force=True, microversion=microversion))


@when(
    'server "{server}" is evacuated using microversion {microversion}',
    needs=lambda microversion: ("moves", f"compute {microversion}"),
)
def evacuate_at(context: Context, server: str, microversion: str) -> None:
    """Evacuate a server using a microversion that changes how it arrives: from 2.95 on it stays stopped.

    Example:
        When server "web" is evacuated using microversion 2.95
    """
    moves.evacuate(context, server, server_requests.evacuation(context, microversion=microversion))


@given('server "{server}" could not be evacuated')
def stranded_server(context: Context, server: str) -> None:
    """Have a server in ERROR because no valid host was found for its evacuation.

    Example:
        Given server "web" could not be evacuated
    """
    moves.evacuate(context, server, server_requests.evacuation(context))
    servers.require(context, server, "ERROR")


@given('server "{server}" has been forcibly evacuated to host "{host}"', needs=("moves",))
def forcibly_evacuated_server(context: Context, server: str, host: str) -> None:
    """Have a server evacuated to a specified host past the scheduler.

    Example:
        Given server "web" has been forcibly evacuated to host "beta"
    """
    moves.evacuate(context, server, server_requests.evacuation(context, host, force=True))
    servers.require(context, server, None, host)
