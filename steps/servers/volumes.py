"""Volumes: root disks that the block storage service provides."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import server_requests, servers, volumes


@given("a bootable volume", needs=("volumes",))
def provide(context: Context) -> None:
    """Have a volume to boot from: the one in the cloud's settings, or a new one created from the run's image.

    Example:
        Given a bootable volume
    """
    volumes.provide(context)


@given('server "{server}" runs flavor "{flavor}" from the volume on host "{host}"', needs=("volumes",))
def running_server(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a volume-backed server ACTIVE on a host; fails if it does not become so.

    Example:
        Given server "web" runs flavor "roomy" from the volume on host "alpha"
    """
    request = server_requests.boot(context, server, flavor, host=host, volume_id=volumes.volume_id(context))
    servers.boot(context, server, request)
    servers.require(context, server, "ACTIVE", host)


@when('server "{server}" is booted with flavor "{flavor}" from the volume on host "{host}"', needs=("volumes",))
def boot(context: Context, server: str, flavor: str, host: str) -> None:
    """Boot a server from the volume on a specified host; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "roomy" from the volume on host "alpha"
    """
    request = server_requests.boot(context, server, flavor, host=host, volume_id=volumes.volume_id(context))
    servers.boot(context, server, request)
