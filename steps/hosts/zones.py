"""Availability zones: the part of the cloud that a user requests for a server."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.hosts.needs import LAB, OWN_ZONES
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import zones
from stocktake.support.scenario.operations.servers import server_requests, servers


@given('zone "{zone}" contains only host "{host}"', needs=("disruption", OWN_ZONES, LAB))
def create(context: Context, host: str, zone: str) -> None:
    """Create an availability zone of one host, as an aggregate, until the scenario ends.

    Only on a lab: elsewhere a server that others boot meanwhile could come to be in the zone, and keep it.

    Example:
        Given zone "east" contains only host "beta"
    """
    zones.create(context, zone, host)


@given('host "{host}" has been removed from zone "{zone}"')
@when('host "{host}" is removed from zone "{zone}"')
def leave(context: Context, host: str, zone: str) -> None:
    """Remove a host from an availability zone of the scenario.

    Example:
        When host "beta" is removed from zone "east"
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


@when('server "{server}" is booted with flavor "{flavor}" in zone "{zone}"')
def boot(context: Context, server: str, flavor: str, zone: str) -> None:
    """Boot a server in an availability zone; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small" in zone "east"
    """
    request = server_requests.boot(context, server, flavor, zone=zones.real_zone(context, zone))
    servers.boot(context, server, request)


@when('server "{server}" is booted with flavor "{flavor}" in an unknown zone')
def boot_nowhere(context: Context, server: str, flavor: str) -> None:
    """Boot a server in an availability zone that does not exist.

    Example:
        When server "web" is booted with flavor "small" in an unknown zone
    """
    request = server_requests.boot(context, server, flavor, zone=context.names.real("nowhere"))
    servers.boot(context, server, request)


@then('the resource provider of host "{host}" is in the aggregate of zone "{zone}"')
def provider_is_in(context: Context, host: str, zone: str) -> None:
    """Check that Placement has a host's resource provider in the aggregate of a zone.

    Example:
        Then the resource provider of host "beta" is in the aggregate of zone "east"
    """
    zones.provider_is_in(context, host, zone, there=True)


@then('the resource provider of host "{host}" is not in the aggregate of zone "{zone}"')
def provider_is_not_in(context: Context, host: str, zone: str) -> None:
    """Check that Placement does not have a host's resource provider in the aggregate of a zone.

    Example:
        Then the resource provider of host "alpha" is not in the aggregate of zone "east"
    """
    zones.provider_is_in(context, host, zone, there=False)
