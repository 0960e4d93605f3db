"""Requests to Nova about servers, built once and sent unchanged.

Names and hosts are those of the cloud: real names, and the hosts of compute services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BootRequest:
    """A new server, from an image, from a volume, or from a new volume of `volume_size` GB made of the image.

    A volume outlives the server unless `volume_ends` says that it is deleted with it; a new one always is. `name` must
    be unused, so that the server can be found if the response is lost. `networks` is "none", "auto" or the id of a
    network; `port_id` is a port to boot with instead. `host` places the server, through the scheduler where Nova offers
    that (2.74), by the zone form that bypasses its filters before. `zone` is an availability zone, or ZONE:HOST.
    `hints` are those for the scheduler, such as the id of a server group as `group`.
    """

    name: str
    flavor_id: str
    image_id: str | None = None
    volume_id: str | None = None
    volume_size: int | None = None
    volume_ends: bool = False
    networks: str = "none"
    port_id: str | None = None
    host: str | None = None
    zone: str | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColdMigration:
    """A cold migration, to a host that the scheduler selects or to a specified one (2.56)."""

    host: str | None = None


@dataclass(frozen=True)
class LiveMigration:
    """A live migration, to a host that the scheduler selects or to a specified one.

    `force` skips the scheduler; possible up to 2.67.
    """

    host: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Evacuation:
    """An evacuation from a dead host, to a host that the scheduler selects or to a specified one.

    `force` skips the scheduler; possible up to 2.67. `microversion` asks at another one than
    `microversions.EVACUATION`: from 2.95 on the server stays stopped.
    """

    host: str | None = None
    force: bool = False
    microversion: str | None = None


@dataclass(frozen=True)
class Unshelving:
    """An unshelve request, to a host that the scheduler selects or to a specified one (2.91)."""

    host: str | None = None
