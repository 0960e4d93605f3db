"""Moves: resize, cold and live migration, evacuation; unconfirmed, confirmed, reverted."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import confirm_window, moves, server_requests, servers


@when('server "{server}" is resized to flavor "{flavor}"', needs=("moves",))
def resize(context: Context, server: str, flavor: str) -> None:
    """Resize a server; wait until the resize can be confirmed, was refused or has failed.

    Example:
        When server "web" is resized to flavor "large"
    """
    moves.resize(context, server, flavor)


@given(
    'server "{server}" has an unconfirmed resize to flavor "{flavor}" on host "{host}"', needs=("moves", "compute 2.59")
)
def undecided_resize(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server resized and not yet confirmed; the role is bound to its new host.

    Example:
        Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
    """
    moves.resize(context, server, flavor)
    servers.require(context, server, "VERIFY_RESIZE", host, chosen=True)


@given('no valid host was found to resize server "{server}" to flavor "{flavor}"')
def refused_resize(context: Context, server: str, flavor: str) -> None:
    """Have a server that is ACTIVE as before, because no host has capacity for the new flavor.

    Example:
        Given no valid host was found to resize server "web" to flavor "huge"
    """
    moves.resize(context, server, flavor)
    servers.require(context, server, "ACTIVE")


@given('server "{server}" failed to resize to flavor "{flavor}"', needs=("moves",))
def failed_resize(context: Context, server: str, flavor: str) -> None:
    """Have a server in ERROR because a host failed during the resize.

    Example:
        Given server "web" failed to resize to flavor "large"
    """
    moves.resize(context, server, flavor)
    servers.require(context, server, "ERROR")


@given('server "{server}" has been resized to flavor "{flavor}" and reverted', needs=("moves", "compute 2.59"))
def reverted_resize(context: Context, server: str, flavor: str) -> None:
    """Have a server back on its host after a resize that was reverted.

    Example:
        Given server "web" has been resized to flavor "large" and reverted
    """
    moves.resize(context, server, flavor)
    servers.require(context, server, "VERIFY_RESIZE")
    moves.revert(context, server)
    servers.require(context, server, "ACTIVE")


@given(
    'server "{server}" has been resized to flavor "{flavor}" and confirmed on host "{host}"',
    needs=("moves", "compute 2.59"),
)
def confirmed_resize(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a server ACTIVE with its new flavor after a confirmed resize; the role is bound to its new host.

    Example:
        Given server "web" has been resized to flavor "large" and confirmed on host "beta"
    """
    moves.resize(context, server, flavor)
    servers.require(context, server, "VERIFY_RESIZE", host, chosen=True)
    moves.confirm(context, server)
    servers.require(context, server, "ACTIVE", host)


@when('the resize of server "{server}" is confirmed')
@when('the migration of server "{server}" is confirmed')
def confirm(context: Context, server: str) -> None:
    """Confirm a resize or cold migration; wait until the source has finished its part.

    Example:
        When the resize of server "web" is confirmed
    """
    moves.confirm(context, server)


@when('the resize of server "{server}" is reverted')
@when('the migration of server "{server}" is reverted')
def revert(context: Context, server: str) -> None:
    """Revert a resize or cold migration; wait until the server is back on the source.

    Example:
        When the resize of server "web" is reverted
    """
    moves.revert(context, server)


@given('the resize of server "{server}" has been confirmed')
@given('the migration of server "{server}" has been confirmed')
def confirmed_move(context: Context, server: str) -> None:
    """Have a resize or cold migration confirmed; its source has finished its part.

    Example:
        Given the resize of server "web" has been confirmed
    """
    moves.confirm(context, server)
    servers.require(context, server, None)


@given('the resize of server "{server}" has been reverted')
@given('the migration of server "{server}" has been reverted')
def reverted_move(context: Context, server: str) -> None:
    """Have a resize or cold migration reverted; the server is back on its source.

    Example:
        Given the resize of server "web" has been reverted
    """
    moves.revert(context, server)
    servers.require(context, server, None)


@given("Nova auto-confirms resizes after a day", needs=("disruption", "configure"))
def give_time_to_decide(context: Context) -> None:
    """Set Nova's resize_confirm_window until the scenario ends, so that Nova confirms resizes itself.

    It affects every host, so the scenario is tagged @whole-cloud.

    Example:
        Given Nova auto-confirms resizes after a day
    """
    confirm_window.give_time(context)


@when('the host of server "{server}" polls for unconfirmed resizes', needs=("lab",))
def look_for_undecided(context: Context, server: str) -> None:
    """Let the new host of a server confirm the resizes that are older than the confirm window.

    Example:
        When the host of server "web" polls for unconfirmed resizes
    """
    confirm_window.look_for_late_ones(context, server)


@when('the confirm window of server "{server}" expires', needs=("lab",))
def end_time_to_decide(context: Context, server: str) -> None:
    """Shorten Nova's resize_confirm_window; wait until Nova has confirmed the move of the server.

    Example:
        When the confirm window of server "web" expires
    """
    confirm_window.end_time(context, server)


@when('server "{server}" is evacuated', needs=("moves",))
def evacuate(context: Context, server: str) -> None:
    """Evacuate a server from its dead host; wait until its rebuild has succeeded or failed.

    Example:
        When server "web" is evacuated
    """
    moves.evacuate(context, server, server_requests.evacuation(context))


@given('server "{server}" has been evacuated to host "{host}"', needs=("moves",))
def evacuated_server(context: Context, server: str, host: str) -> None:
    """Have a server evacuated; the role is bound to its new host.

    Example:
        Given server "web" has been evacuated to host "beta"
    """
    moves.evacuate(context, server, server_requests.evacuation(context))
    servers.require(context, server, None, host, chosen=True)
