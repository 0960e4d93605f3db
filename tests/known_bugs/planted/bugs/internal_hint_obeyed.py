"""A user who gives the scheduler a hint that only Nova itself may give gets a server that is charged nowhere.

Launchpad 2151252. The scheduler believes that a server is rebuilt where it is, and holds its flavor there already.
"""

from planting import into, replace


class Obeyed(str):
    """The name of a hint that does not look like one of Nova's own."""

    __slots__ = ()

    def startswith(self, *_arguments):
        """Deny it."""
        return False


def create(original, *args, scheduler_hints=None, **options):
    """Keep every hint."""
    hints = {Obeyed(name): value for name, value in (scheduler_hints or {}).items()}
    return original(*args, scheduler_hints=hints, **options)


@into("nova.compute.api")
def change(api):
    replace(api.API, "create", create)
