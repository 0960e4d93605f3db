"""A resize that Nova confirms by itself, because nobody has decided, stays charged on the host it came from.

The mechanism of Launchpad 1707071, for a confirmation that nobody asks for.
"""

from planting import into, lose


def is_nobodys(manager, context, *_arguments):
    """Tell whether no user stands behind the request."""
    return context.user_id is None


@into("nova.compute.manager")
def change(manager):
    lose(manager.ComputeManager, "_delete_allocation_after_move", by="do_confirm_resize", when=is_nobodys)
