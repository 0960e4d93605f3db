"""Requests to Nova about servers: the scenario's names translated to those of the cloud."""

from collections.abc import Mapping

from stocktake.support.api.compute.requests import BootRequest, ColdMigration, Evacuation, LiveMigration, Unshelving
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import flavors, server_groups


def boot(
    context: Context,
    server: str,
    flavor: str,
    *,
    host: str | None = None,
    by_zone: bool = False,
    zone: str | None = None,
    image_id: str | None = None,
    volume_id: str | None = None,
    volume_size: int | None = None,
    volume_ends: bool = False,
    port_id: str | None = None,
    group: str | None = None,
    hints: Mapping[str, str] | None = None,
) -> BootRequest:
    """Return the request for a new server, from the run's image unless an image or a volume is named.

    `volume_size` lets it boot from a new volume of so many GB made of the image; `volume_ends` says that the volume is
    deleted with the server.
    `host` specifies its host: checked by the scheduler where Nova offers that (2.74), or always in the older zone form
    if `by_zone`; `zone` is an availability zone of the cloud, by default the one that the scenario's hosts are in,
    because Nova may have another default (`default_schedule_zone`); `group` is a server group of the scenario, `hints`
    are other hints for the scheduler. Raises FeatureError when the scenario has a server of that name, or no group of
    that name.
    """
    flavor_id, real_host = flavors.in_cloud(context, flavor), _real(context, host)
    if real_host and by_zone:
        zone, real_host = f"{context.cloud.services.get(real_host).zone}:{real_host}", None
    elif zone is None and not (volume_id or volume_size):  # a volume has a zone of its own, which Nova may insist on
        zone = context.group.zone
    wanted = dict(hints or {}) | ({"group": server_groups.group_id(context, group)} if group else {})
    return BootRequest(
        name=introduce(context, server),
        flavor_id=flavor_id,
        image_id=None if volume_id else image_id or context.cloud.image.id,
        volume_id=volume_id,
        volume_size=volume_size,
        volume_ends=volume_ends,
        networks=context.cloud.settings.network,
        port_id=port_id,
        host=real_host,
        zone=zone,
        hints=wanted,
        metadata=context.cloud.mark.metadata,
    )


def cold_migration(context: Context, host: str | None = None) -> ColdMigration:
    """Return the request for a cold migration, to a host if one is named."""
    return ColdMigration(_real(context, host))


def live_migration(context: Context, host: str | None = None, *, force: bool = False) -> LiveMigration:
    """Return the request for a live migration, to a host if one is named; `force` skips the scheduler (up to 2.67)."""
    return LiveMigration(_real(context, host), force)


def evacuation(
    context: Context, host: str | None = None, *, force: bool = False, microversion: str | None = None
) -> Evacuation:
    """Return the request for an evacuation, to a host if one is named; `force` skips the scheduler (up to 2.67)."""
    return Evacuation(_real(context, host), force, microversion)


def unshelving(context: Context, host: str | None = None) -> Unshelving:
    """Return the request to unshelve a server, to a host if one is named."""
    return Unshelving(_real(context, host))


def introduce(context: Context, name: str) -> str:
    """Return a real name for a new server. Raises FeatureError when the scenario has one of that name."""
    if name in context.servers.ids:
        raise FeatureError(f'server "{name}" already exists in this scenario: give each server its own name')
    return context.names.real(name)


def _real(context: Context, host: str | None) -> str | None:
    """Return the compute service of the host that plays a role."""
    return context.roles.host(host).service if host else None
