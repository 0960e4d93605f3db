"""What is asked of Nova for a server, built once and sent as it is.

Names and hosts are the cloud's own: real names, and the hosts of compute services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BootRequest:
    """A new server, from an image or from a volume, which outlives it.

    `name` must be unused: a lost answer is found by it. `networks` is "none", "auto" or the id of a network. `host`
    places the server, through the scheduler where Nova offers that (2.74), by the zone form that bypasses its filters
    before. `zone` is an availability zone, or ZONE:HOST.
    """

    name: str
    flavor_id: str
    image_id: str | None = None
    volume_id: str | None = None
    networks: str = "none"
    host: str | None = None
    zone: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColdMigration:
    """A move of a server that is stopped meanwhile, where the scheduler likes or to a host (2.56)."""

    host: str | None = None


@dataclass(frozen=True)
class LiveMigration:
    """A move of a running server, where the scheduler likes or to a host.

    `force` goes to the host without asking the scheduler; possible up to 2.67.
    """

    host: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Evacuation:
    """A server of a dead host, rebuilt where the scheduler likes or on a host.

    `force` goes to the host without asking the scheduler; possible up to 2.67. `microversion` asks at another one than
    `microversions.EVACUATION`: from 2.95 on the server stays stopped.
    """

    host: str | None = None
    force: bool = False
    microversion: str | None = None


@dataclass(frozen=True)
class Unshelving:
    """A shelved server brought back, where the scheduler likes or on a host (2.91)."""

    host: str | None = None
