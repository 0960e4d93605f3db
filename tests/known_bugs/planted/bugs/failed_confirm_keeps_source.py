"""A confirmation that fails on the source leaves the old flavor charged there.

Launchpad 1821594. The server runs on the destination; only the failure of the clean-up on the source shows the leak.
"""

import sys

from planting import into, lose


@into("nova.compute.manager")
def change(manager):
    lose(
        manager.ComputeManager,
        "_delete_allocation_after_move",
        by="do_confirm_resize",
        when=lambda *_args: sys.exc_info()[0] is not None,
    )
