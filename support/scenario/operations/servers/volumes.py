"""Volumes of a scenario, and the servers that boot from them or have them attached."""

from dataclasses import replace

from hamcrest import any_of, has_properties
from stocktake.support.accounting.volumes import Row, draw, volumes_equal
from stocktake.support.api.images import Image
from stocktake.support.api.replies import none_if_missing
from stocktake.support.api.volumes import Volume, Volumes
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.ownership.kinds.volumes import VOLUME
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.claims import check_names, claim
from stocktake.support.scenario.operations.refusals import ask, check_spoken
from stocktake.support.scenario.operations.servers import server_requests, servers
from stocktake.support.waiting import eventually

BOOTABLE = "bootable"
BYTES_PER_GB = 1024**3
AT_REST = ("available", "in-use", "reserved", "error", "error_extending")
"""The statuses of a volume with which nothing is being done."""


def provide(context: Context) -> None:
    """Provide a bootable volume: the one of `stocktake: volume`, or one created from the run's image for the scenario.
    Only one server at a time can boot from a volume, so a configured one is reserved for this scenario. Raises
    Unverified on a cloud with neither.
    """
    settings, volumes = context.cloud.settings, context.cloud.volumes
    if settings.volume is not None:
        _check_visible(volumes, settings.volume)
        context.borrow(f"volume {settings.volume}")
        context.owned.volumes[BOOTABLE] = settings.volume
    elif volumes.offered:
        create_bootable(context, BOOTABLE)
    else:
        raise Unverified(
            f'cloud "{context.cloud.target.name}" has no block storage service, and no bootable volume is configured',
            f'name one as "volume" under "stocktake:" of the cloud in {settings.file}',
        )


def _check_visible(volumes: Volumes, volume_id: str) -> None:
    """Raise Unverified if Cinder does not show a configured volume in the project of the run."""
    if volumes.offered and none_if_missing(lambda: volumes.get(volume_id)) is None:
        raise Unverified(
            f'Cinder does not show volume "{volume_id}" in the project of the run',
            'set "project: given" under "stocktake:" of the cloud, or remove "volume:", so that volumes are created',
        )


def create_bootable(context: Context, name: str) -> None:
    """Create a volume from the run's image, as large as that needs. Raises Unverified where Cinder creates none."""
    image = context.cloud.image
    ready = _create(context, name, _size_for(image), image)
    if ready.status != "available" or not ready.bootable:
        raise Unverified(
            f'Cinder creates no bootable volume of image "{image.name}": it is {ready.status}',
            'name a volume as "volume:", or a type as "volume_type:", under "stocktake:" of the cloud',
        )


def create(context: Context, name: str, size: int) -> None:
    """Create an empty volume of `size` GB. Raises Unverified where Cinder creates none."""
    ready = _create(context, name, size, None)
    if ready.status != "available":
        raise Unverified(
            f"Cinder creates no volume of {size} GB: it is {ready.status}",
            'name a type as "volume_type:" under "stocktake:" of the cloud',
        )


def _size_for(image: Image) -> int:
    return max(image.min_disk, -(-(image.size or 1) // BYTES_PER_GB))


def _create(context: Context, name: str, size: int, image: Image | None) -> Volume:
    """Create a volume and wait until that has succeeded or failed."""
    volumes, settings = block_storage(context), context.cloud.settings
    _check_new(context, name)
    real = context.names.real(name if name != BOOTABLE else "volume")
    with context.undoing.after(VOLUME, real) as entry:
        made = volumes.create(
            real,
            size,
            image_id=image.id if image else None,
            volume_type=settings.volume_type,
            metadata=context.cloud.mark.metadata,
        )
    context.undoing.identify(entry, made.id)
    context.owned.volumes[name] = made.id
    return await_rest(context, name, made.id)


def await_rest(context: Context, name: str, volume_id: str) -> Volume:
    """Wait until nothing is being done with a volume; return it."""
    at_rest = [has_properties(status=status) for status in AT_REST]
    return eventually(
        lambda: context.cloud.volumes.get(volume_id),
        any_of(*at_rest),
        within=context.cloud.settings.patience_for("boot"),
        what=f'volume "{name}" to be ready',
        describe=lambda volume: volume.status,
    )


def _check_new(context: Context, name: str) -> None:
    if name in context.owned.volumes:
        raise FeatureError(f'volume "{name}" already exists in this scenario: give each volume its own name')


def block_storage(context: Context) -> Volumes:
    """Return the client of the block storage service. Raises Unverified where the cloud has none."""
    if not context.cloud.volumes.offered:
        raise Unverified(
            f'cloud "{context.cloud.target.name}" has no block storage service in its catalog',
            "run this feature on a cloud with Cinder, or on a lab that was started --with=cinder",
        )
    return context.cloud.volumes


def volume_id(context: Context, name: str = BOOTABLE) -> str:
    """Return the id of a volume of the scenario. Raises FeatureError when no step has provided one."""
    known = context.owned.volumes
    if name in known:
        return known[name]
    if name == BOOTABLE:
        raise FeatureError('there is no volume to boot from: begin with "a bootable volume"')
    names = ", ".join(f'"{volume}"' for volume in known) or "none yet"
    raise FeatureError(f'volume "{name}" does not exist in this scenario: its volumes are {names}')


def boot(
    context: Context, server: str, flavor: str, name: str = BOOTABLE, *, host: str | None = None, ends: bool = False
) -> None:
    """Boot a server from a volume; wait until its build has ended. `ends` has the volume deleted with the server."""
    found = volume_id(context, name)
    request = server_requests.boot(context, server, flavor, host=host, volume_id=found, volume_ends=ends)
    servers.boot(context, server, request)


def boot_from_new(context: Context, server: str, flavor: str, name: str, *, host: str | None = None) -> None:
    """Boot a server from a new volume, which Nova makes of the run's image and deletes with the server.

    The volume is known by `name` once Nova has made it; it is marked, so that a sweep finds it if it is left.
    """
    volumes, image = block_storage(context), context.cloud.image
    _check_new(context, name)
    size = _size_for(image)
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, volume_size=size))
    found = context.servers.last(server) if server in context.servers.ids else None
    for made in (found.volumes or ()) if found is not None else ():
        volumes.rename(made, context.names.real(name), context.cloud.mark.metadata)
        context.owned.volumes[name] = made


def attach(context: Context, name: str, server: str) -> None:
    """Attach a volume to a server; wait until its host has done so, or has failed to."""
    found = volume_id(context, name)
    servers.act(context, server, "attach", lambda server_id: context.cloud.server_volumes.attach(server_id, found))


def detach(context: Context, name: str, server: str) -> None:
    """Detach a volume from a server; wait until its host has done so, or has failed to."""
    found = volume_id(context, name)
    servers.act(context, server, "attach", lambda server_id: context.cloud.server_volumes.detach(server_id, found))


def require_attached(context: Context, name: str, server: str) -> None:
    """Require that a volume is attached to a server, as a scenario presupposes. Raises the refusal of the last request,
    or CloudError with the actual status."""
    check_spoken(context)
    found = await_rest(context, name, volume_id(context, name))
    if found.status != "in-use":
        raise CloudError(f'volume "{name}" should be attached to server "{server}", but is {found.status}')


def extend(context: Context, name: str, size: int) -> None:
    """Let a volume grow to `size` GB; wait until it has, or has failed to."""
    found = volume_id(context, name)
    ask(context, lambda: context.cloud.volumes.extend(found, size))
    if context.answers.refusal is None:
        await_rest(context, name, found)


def delete(context: Context, name: str) -> None:
    """Ask Cinder to delete a volume."""
    found = volume_id(context, name)
    ask(context, lambda: context.cloud.volumes.delete(found))


def volumes_are(context: Context, expected: tuple[Row, ...]) -> None:
    """Check all volumes of the scenario and their attachments; hosts are named by their roles.

    Raises Unverified where Cinder shows no hosts, FeatureError for a host or server that the scenario does not have.
    """
    block_storage(context)
    check_names(context, {row.host for row in expected if row.host})
    for row in expected:
        if row.server:
            context.servers.id_of(row.server)
    claim(
        context,
        lambda: _rows(
            context,
            hosts_needed=any(row.host for row in expected),
            sized=any(row.size is not None for row in expected),
            typed=any(row.type is not None for row in expected),
        ),
        volumes_equal(expected),
        what="the volumes to match",
        describe=draw,
    )


def _rows(context: Context, *, hosts_needed: bool, sized: bool, typed: bool) -> list[Row]:
    called = context.names.of_servers()
    types = {context.names.real(name): name for name in context.owned.volume_types}
    roles = {host.service: role for role, host in context.roles.played.items()}
    rows = []
    for volume in context.volumes.all():
        if hosts_needed and not volume.hosts_shown:
            raise Unverified(
                "Cinder does not show on which hosts volumes are attached",
                "give the user of the cloud in clouds.yaml the role that Cinder takes for an administrator's",
            )
        shown_type = types.get(volume.type or "", volume.type or "") if typed else None
        base = Row(volume.name, volume.status, size=volume.size if sized else None, type=shown_type)
        held = [
            replace(
                base,
                server=called.get(one.server or "", f"unknown server {one.server}"),
                host=roles.get(one.host or "", one.host or ""),
            )
            for one in volume.attachments
        ]
        rows += held or [base]
    return rows
