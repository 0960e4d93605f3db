"""The embedded cloud: a real Keystone, Glance, Placement and Nova on loopback, started and stopped as one.

`start` and `running` are what other packages use; the rest is imported only when it is needed, because every run of
Stocktake imports this.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stocktake.support.lab.client import Lab, running, start

__all__ = ["Lab", "running", "start"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stocktake.support.lab import client  # noqa: PLC0415 - lazily, see above

    return getattr(client, name)
