"""Bootable volumes, and the servers that boot from them."""

from hamcrest import has_properties
from stocktake.support.api.images import Image
from stocktake.support.api.volumes import Volumes
from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.ownership.kinds.images_and_flavors import VOLUME
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import eventually

BOOTABLE = "bootable"
BYTES_PER_GB = 1024**3


def provide(context: Context) -> None:
    """Provide a bootable volume: the one of `stocktake: volume`, or one created from the run's image for the scenario.
    Only one server at a time can boot from a volume, so a configured one is reserved for this scenario. Raises
    Unverified on a cloud with neither.
    """
    settings, volumes = context.cloud.settings, context.cloud.volumes
    if settings.volume is not None:
        context.borrow(f"volume {settings.volume}")
        context.owned.volumes[BOOTABLE] = settings.volume
    elif volumes.offered:
        _create(context, volumes, context.cloud.image)
    else:
        raise Unverified(
            f'cloud "{context.cloud.target.name}" has no block storage service, and no bootable volume is configured',
            f'name one as "volume" under "stocktake:" of the cloud in {settings.file}',
        )


def _create(context: Context, volumes: Volumes, image: Image) -> None:
    real, settings = context.names.real("volume"), context.cloud.settings
    size = max(image.min_disk, -(-(image.size or 1) // BYTES_PER_GB))
    with context.undoing.after(VOLUME, real) as entry:
        made = volumes.create(
            real, size, image_id=image.id, volume_type=settings.volume_type, metadata=context.cloud.mark.metadata
        )
    context.undoing.identify(entry, made.id)
    context.owned.volumes[BOOTABLE] = made.id
    ready = eventually(
        lambda: volumes.get(made.id),
        has_properties(status="available"),
        within=settings.patience_for("boot"),
        what="the bootable volume to be available",
        describe=lambda volume: volume.status,
        hopeless=lambda volume: f"it is {volume.status}" if volume.status.startswith("error") else None,
    )
    if not ready.bootable:
        raise CloudError(f'the volume created from image "{image.name}" is not bootable')


def volume_id(context: Context) -> str:
    """Return the id of the bootable volume. Raises FeatureError when no step has provided one."""
    if BOOTABLE not in context.owned.volumes:
        raise FeatureError('there is no volume to boot from: begin with "a bootable volume"')
    return context.owned.volumes[BOOTABLE]
