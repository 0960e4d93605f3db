"""Volumes: root disks that another service keeps."""

from support.cloud.books import Books
from support.cloud.operations import servers, volumes
from support.gherkin.phrases import given, when


@given("a bootable volume")
def provide(books: Books) -> None:
    """Have a volume to boot from: the one that the cloud's settings name, or a new one made of the run's image.

    Example:
        Given a bootable volume
    """
    volumes.provide(books)


@given('server "{server}" runs flavor "{flavor}" from the volume on host "{host}"')
def running_server(books: Books, server: str, flavor: str, host: str) -> None:
    """Have a volume-backed server ACTIVE on a host; fails if it does not get there.

    Example:
        Given server "web" runs flavor "roomy" from the volume on host "alpha"
    """
    volumes.boot(books, server, flavor, host)
    servers.require(books, server, "ACTIVE", host)


@when('server "{server}" is booted from flavor "{flavor}" and the volume on host "{host}"')
def boot(books: Books, server: str, flavor: str, host: str) -> None:
    """Boot a server from the bootable volume on a named host; wait until its build has ended, well or badly.

    Example:
        When server "web" is booted from flavor "roomy" and the volume on host "alpha"
    """
    volumes.boot(books, server, flavor, host)
