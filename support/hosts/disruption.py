"""Whether a host may be disrupted: the rule for everything that could affect others."""

from collections.abc import Sequence
from typing import Literal, Protocol

from stocktake.support.errors import Unverified

Guests = Literal["kept", "lost"]
"""What becomes of a host's guests while its compute service is stopped."""


class DisruptionSettings(Protocol):
    """The two settings of a cloud that say what Stocktake may disrupt."""

    @property
    def allow_disruptive(self) -> bool:
        """Whether anything may be disrupted at all."""

    @property
    def hosts(self) -> Sequence[str] | None:
        """The hosts that Stocktake may use; None when the operator listed none."""


def may_disrupt(settings: DisruptionSettings, host: str, foreign_servers: Sequence[str]) -> Unverified | None:
    """Why nothing may be done to a host that others could notice, such as stopping it; None when it may be.

    `foreign_servers` are the ids of the servers on it that Stocktake did not create.
    """
    if not settings.allow_disruptive:
        return Unverified(
            "this cloud does not allow disruptive scenarios",
            'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if not settings.hosts:
        return Unverified(
            "no host is named that may be disrupted",
            'list such hosts as "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if host not in settings.hosts:
        return Unverified(
            f'host "{host}" is not among the hosts that may be disrupted ({", ".join(settings.hosts)})',
            'add it to "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    if foreign_servers:
        count = len(foreign_servers)
        return Unverified(
            f'host "{host}" runs {count} {"server" if count == 1 else "servers"} that Stocktake did not create '
            f"(such as {foreign_servers[0]})",
            'move them away, or list an empty host instead as "hosts:" under "stocktake:" of the cloud in clouds.yaml',
        )
    return None
