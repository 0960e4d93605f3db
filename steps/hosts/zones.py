"""Availability zones: where a user may choose to have a server."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import zones
from stocktake.support.scenario.operations.servers import server_requests, servers


@given('host "{host}" alone is in zone "{zone}"', needs=("disruption",))
def create(context: Context, host: str, zone: str) -> None:
    """Make an availability zone of one host, by an aggregate, until the scenario ends.

    Example:
        Given host "beta" alone is in zone "east"
    """
    zones.create(context, zone, host)


@given('host "{host}" has left zone "{zone}"')
@when('host "{host}" leaves zone "{zone}"')
def leave(context: Context, host: str, zone: str) -> None:
    """Take a host out of an availability zone of the scenario.

    Example:
        When host "beta" leaves zone "east"
    """
    zones.leave(context, zone, host)


@given('server "{server}" runs flavor "{flavor}" in zone "{zone}"')
def running_server(context: Context, server: str, flavor: str, zone: str) -> None:
    """Have a server ACTIVE that was booted in a zone.

    Example:
        Given server "web" runs flavor "small" in zone "east"
    """
    request = server_requests.boot(context, server, flavor, zone=zones.real_zone(context, zone))
    servers.boot(context, server, request)
    servers.require(context, server, "ACTIVE")


@when('server "{server}" is booted from flavor "{flavor}" in zone "{zone}"')
def boot(context: Context, server: str, flavor: str, zone: str) -> None:
    """Boot a server in an availability zone; wait until its build has ended, well or badly.

    Example:
        When server "web" is booted from flavor "small" in zone "east"
    """
    request = server_requests.boot(context, server, flavor, zone=zones.real_zone(context, zone))
    servers.boot(context, server, request)


@when('server "{server}" is booted from flavor "{flavor}" in an unknown zone')
def boot_nowhere(context: Context, server: str, flavor: str) -> None:
    """Ask Nova for a server in an availability zone that does not exist.

    Example:
        When server "web" is booted from flavor "small" in an unknown zone
    """
    request = server_requests.boot(context, server, flavor, zone=context.names.real("nowhere"))
    servers.boot(context, server, request)


@then('the resource provider of host "{host}" is in the aggregate of zone "{zone}"')
def provider_is_in(context: Context, host: str, zone: str) -> None:
    """Claim that Placement has a host's resource provider in the aggregate of a zone.

    Example:
        Then the resource provider of host "beta" is in the aggregate of zone "east"
    """
    zones.provider_is_in(context, host, zone, there=True)


@then('the resource provider of host "{host}" is not in the aggregate of zone "{zone}"')
def provider_is_not_in(context: Context, host: str, zone: str) -> None:
    """Claim that Placement does not have a host's resource provider in the aggregate of a zone.

    Example:
        Then the resource provider of host "alpha" is not in the aggregate of zone "east"
    """
    zones.provider_is_in(context, host, zone, there=False)
