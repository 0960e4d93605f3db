"""Volumes: disks that the block storage service provides, and their attachments to servers."""

from stocktake.support.accounting.volumes import read_volumes
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import servers, volume_types, volumes


@given("a bootable volume", needs=("volumes",))
def provide(context: Context) -> None:
    """Have a volume to boot from: the one in the cloud's settings, or a new one created from the run's image.

    Example:
        Given a bootable volume
    """
    volumes.provide(context)


@given('bootable volume "{volume}"', needs=("block_storage",))
def bootable_volume(context: Context, volume: str) -> None:
    """Have a new volume created from the run's image, as large as that needs.

    Example:
        Given bootable volume "root"
    """
    volumes.create_bootable(context, volume)


@given('volume "{volume}" of {amount} GB', needs=("block_storage",))
def empty_volume(context: Context, volume: str, amount: int) -> None:
    """Have a new, empty volume. Create it before the servers, so that it outlives them.

    Example:
        Given volume "data" of 2 GB
    """
    volumes.create(context, volume, amount)


@given('volume type "{volume_type}"', needs=("block_storage",))
def new_volume_type(context: Context, volume_type: str) -> None:
    """Have a new type of volumes that asks for nothing, so that a volume can change to it where it is. Create it before
    the volumes, so that it outlives them.

    Example:
        Given volume type "plain"
    """
    volume_types.create(context, volume_type)


@given('volume type "{volume_type}" on another back end', needs=("volume_backend",))
def volume_type_on_another_backend(context: Context, volume_type: str) -> None:
    """Have a new type of volumes for another back end than that of the scenario's volumes: the one that the cloud's
    settings name. Create it before the volumes, so that it outlives them.

    Example:
        Given volume type "fast" on another back end
    """
    volume_types.create_on_another_backend(context, volume_type)


@given('server "{server}" runs flavor "{flavor}" from the volume on host "{host}"', needs=("volumes",))
def running_server(context: Context, server: str, flavor: str, host: str) -> None:
    """Have a volume-backed server ACTIVE on a host; fails if it does not become so.

    Example:
        Given server "web" runs flavor "roomy" from the volume on host "alpha"
    """
    volumes.boot(context, server, flavor, host=host)
    servers.require(context, server, "ACTIVE", host)


@given('server "{server}" runs flavor "{flavor}" from volume "{volume}" on host "{host}"', needs=("block_storage",))
def running_from_volume(context: Context, server: str, flavor: str, volume: str, host: str) -> None:
    """Have a server ACTIVE on a host that has booted from a volume, which outlives it.

    Example:
        Given server "web" runs flavor "bare" from volume "root" on host "alpha"
    """
    volumes.boot(context, server, flavor, volume, host=host)
    servers.require(context, server, "ACTIVE", host)


@given(
    'server "{server}" runs flavor "{flavor}" from volume "{volume}" that ends with it',
    needs=("block_storage",),
)
def running_from_volume_that_ends(context: Context, server: str, flavor: str, volume: str) -> None:
    """Have a server ACTIVE that has booted from a volume, which is deleted with it.

    Example:
        Given server "web" runs flavor "bare" from volume "root" that ends with it
    """
    volumes.boot(context, server, flavor, volume, ends=True)
    servers.require(context, server, "ACTIVE")


@given('server "{server}" runs flavor "{flavor}" from new volume "{volume}" on host "{host}"', needs=("block_storage",))
def running_from_new_volume(context: Context, server: str, flavor: str, volume: str, host: str) -> None:
    """Have a server ACTIVE on a host that has booted from a new volume, which is deleted with it.

    Example:
        Given server "web" runs flavor "bare" from new volume "root" on host "alpha"
    """
    volumes.boot_from_new(context, server, flavor, volume, host=host)
    servers.require(context, server, "ACTIVE", host)


@given('volume "{volume}" has been attached to server "{server}"', needs=("block_storage",))
def attached_volume(context: Context, volume: str, server: str) -> None:
    """Have a volume attached to a server; one that is offloaded gets it with its next host.

    Example:
        Given volume "data" has been attached to server "web"
    """
    volumes.attach(context, volume, server)
    volumes.require_attached(context, volume, server)


@given('volume "{volume}" has been retyped to "{volume_type}"', needs=("block_storage",))
def retyped_volume(context: Context, volume: str, volume_type: str) -> None:
    """Have a volume of another type; fails if it does not become so.

    Example:
        Given volume "data" has been retyped to "fast"
    """
    volume_types.retype(context, volume, volume_type)
    volume_types.require_retyped(context, volume, volume_type)


@when('server "{server}" is booted with flavor "{flavor}" from the volume on host "{host}"', needs=("volumes",))
def boot(context: Context, server: str, flavor: str, host: str) -> None:
    """Boot a server from the volume on a specified host; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "roomy" from the volume on host "alpha"
    """
    volumes.boot(context, server, flavor, host=host)


@when('server "{server}" is booted with flavor "{flavor}" from volume "{volume}"', needs=("block_storage",))
def boot_from_volume_anywhere(context: Context, server: str, flavor: str, volume: str) -> None:
    """Boot a server from a volume that outlives it; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "bare" from volume "root"
    """
    volumes.boot(context, server, flavor, volume)


@when(
    'server "{server}" is booted with flavor "{flavor}" from volume "{volume}" on host "{host}"',
    needs=("block_storage",),
)
def boot_from_volume(context: Context, server: str, flavor: str, volume: str, host: str) -> None:
    """Boot a server from a volume that outlives it; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "bare" from volume "root" on host "alpha"
    """
    volumes.boot(context, server, flavor, volume, host=host)


@when(
    'server "{server}" is booted with flavor "{flavor}" from new volume "{volume}" on host "{host}"',
    needs=("block_storage",),
)
def boot_from_new_volume(context: Context, server: str, flavor: str, volume: str, host: str) -> None:
    """Boot a server from a new volume made of the run's image, which is deleted with it; wait until its build has
    ended.

    Example:
        When server "web" is booted with flavor "bare" from new volume "root" on host "alpha"
    """
    volumes.boot_from_new(context, server, flavor, volume, host=host)


@when('volume "{volume}" is attached to server "{server}"', needs=("block_storage",))
def attach(context: Context, volume: str, server: str) -> None:
    """Attach a volume to a server; wait until its host has done so, or has failed to.

    Example:
        When volume "data" is attached to server "web"
    """
    volumes.attach(context, volume, server)


@when('volume "{volume}" is detached from server "{server}"', needs=("block_storage",))
def detach(context: Context, volume: str, server: str) -> None:
    """Detach a volume from a server; wait until its host has done so, or has failed to.

    Example:
        When volume "data" is detached from server "web"
    """
    volumes.detach(context, volume, server)


@when('volume "{volume}" is extended to {amount} GB', needs=("block_storage",))
def extend(context: Context, volume: str, amount: int) -> None:
    """Let a volume grow, attached or not; wait until it has, or has failed to.

    Example:
        When volume "data" is extended to 3 GB
    """
    volumes.extend(context, volume, amount)


@when('volume "{volume}" is retyped to "{volume_type}"', needs=("block_storage",))
def retype(context: Context, volume: str, volume_type: str) -> None:
    """Change the type of a volume, attached or not, which Cinder may move to another back end for that; wait until it
    has changed, or has not.

    Example:
        When volume "data" is retyped to "fast"
    """
    volume_types.retype(context, volume, volume_type)


@when('volume "{volume}" is deleted', needs=("block_storage",))
def delete(context: Context, volume: str) -> None:
    """Ask Cinder to delete a volume.

    Example:
        When volume "data" is deleted
    """
    volumes.delete(context, volume)


@then("the volumes are", needs=("block_storage",))
def volumes_are(context: Context, datatable: list[list[str]]) -> None:
    """Check every volume of the scenario and every attachment, one a row; what is not listed must not exist.

    A volume without an attachment has no server, an attachment that no host has connected no host. A column GB says how
    large the volumes are, a column type of which type. Waits until Cinder reports this.

    Example:
        Then the volumes are
          | volume | status    | server | host  |
          | root   | in-use    | web    | alpha |
          | data   | available |        |       |
    """
    volumes.volumes_are(context, read_volumes(datatable))


@then("there are no volumes", needs=("block_storage",))
def no_volumes(context: Context) -> None:
    """Check that no volume of the scenario exists any more. Waits until Cinder reports this.

    Example:
        Then there are no volumes
    """
    volumes.volumes_are(context, ())
