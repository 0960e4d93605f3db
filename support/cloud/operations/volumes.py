"""Bootable volumes, and the servers that boot from them."""

from hamcrest import has_properties

from support.cloud.books import Books
from support.cloud.compute import root_volume
from support.cloud.operations import servers
from support.cloud.values import Image
from support.cloud.volumes import Volumes
from support.errors import CloudError, FeatureError, Unverified
from support.waiting import eventually

BOOTABLE = "bootable"
BYTES_PER_GB = 1024**3


def provide(books: Books) -> None:
    """Have a bootable volume: the one of `stocktake: volume`, or one made of the run's image for the scenario.

    A server at a time can boot from it, so the scenario has the named one alone. Raises Unverified on a cloud with
    neither.
    """
    settings, volumes = books.cloud.settings, Volumes(books.cloud.session)
    if settings.volume is not None:
        books.borrow(f"volume {settings.volume}")
        books.volumes[BOOTABLE] = settings.volume
    elif volumes.offered:
        _create(books, volumes, books.cloud.image)
    else:
        raise Unverified(
            f'cloud "{books.cloud.target.name}" offers no block storage service, and no bootable volume is named',
            f'name one as "volume" under "stocktake:" of the cloud in {settings.file}',
        )


def _create(books: Books, volumes: Volumes, image: Image) -> None:
    real, settings = books.real_name("volume"), books.cloud.settings
    size = max(image.min_disk, -(-(image.size or 1) // BYTES_PER_GB))

    def delete() -> None:
        for volume in volumes.volumes(name=real):
            volumes.delete_volume(volume.id)

    with books.undoing.after("volume", real, delete) as entry:
        made = volumes.create_volume(
            real, size, image_id=image.id, volume_type=settings.volume_type, metadata=books.cloud.mark.metadata
        )
    books.undoing.identify(entry, made.id)
    books.volumes[BOOTABLE] = made.id
    ready = eventually(
        lambda: volumes.get_volume(made.id),
        has_properties(status="available"),
        within=settings.patience_for("boot"),
        what="the bootable volume to be available",
        describe=lambda volume: volume.status,
        hopeless=lambda volume: f"it is in {volume.status}" if volume.status.startswith("error") else None,
    )
    if not ready.bootable:
        raise CloudError(f'the volume made of image "{image.name}" is not bootable')


def boot(books: Books, name: str, flavor: str, host: str | None = None) -> None:
    """Boot a server from the bootable volume, on a host if one is named. The volume outlives the server."""
    if BOOTABLE not in books.volumes:
        raise FeatureError('no volume is there to boot from: begin with "a bootable volume"')
    device = root_volume(books.volumes[BOOTABLE])
    servers.boot(books, name, flavor, host=host, block_devices=[device])
