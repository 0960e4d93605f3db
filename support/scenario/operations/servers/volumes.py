"""Bootable volumes, and the servers that boot from them."""

from hamcrest import any_of, has_properties
from stocktake.support.api.images import Image
from stocktake.support.api.replies import none_if_missing
from stocktake.support.api.volumes import Volumes
from stocktake.support.errors import FeatureError, Unverified
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
        _check_visible(volumes, settings.volume)
        context.borrow(f"volume {settings.volume}")
        context.owned.volumes[BOOTABLE] = settings.volume
    elif volumes.offered:
        _create(context, volumes, context.cloud.image)
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
        any_of(has_properties(status="available"), has_properties(status="error")),
        within=settings.patience_for("boot"),
        what="the bootable volume to be available",
        describe=lambda volume: volume.status,
    )
    if ready.status != "available" or not ready.bootable:
        raise Unverified(
            f'Cinder creates no bootable volume of image "{image.name}": it is {ready.status}',
            'name a volume as "volume:", or a type as "volume_type:", under "stocktake:" of the cloud',
        )


def volume_id(context: Context) -> str:
    """Return the id of the bootable volume. Raises FeatureError when no step has provided one."""
    if BOOTABLE not in context.owned.volumes:
        raise FeatureError('there is no volume to boot from: begin with "a bootable volume"')
    return context.owned.volumes[BOOTABLE]
