"""Chooses what the threads of Nova's process are: native ones, or those of eventlet where a release needs these."""

import os

from stocktake.support.lab.releases import Era


def choose(era: Era) -> None:
    """Choose for this process, which has imported nothing of OpenStack yet.

    Nova 33 and 34 choose by an argument. Older ones patch with eventlet, up to 31 when they are imported.
    """
    if era.native_threads:
        # what Nova imports looks here as well, and so does nova-manage, which this process starts
        os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "true"
    from nova import monkey_patch  # noqa: PLC0415 - only Nova's process has it

    if era.native_threads:
        monkey_patch.patch(backend="threading")
    elif era.patched_on_demand:
        monkey_patch.patch()
