"""One attempt to undo something, in two halves, so that several can be in progress at once."""

from collections.abc import Callable

from stocktake.support.ownership.kinds.kind import Leaked, Leftover


class Attempt:
    """The removal of one leftover: `problem` is what went wrong, `leak` what it had leaked, which has been removed,
    too."""

    def __init__(self, leftover: Leftover):
        self.leftover = leftover
        self.problem: Exception | None = None
        self.leak: Leaked | None = None

    def begin(self) -> None:
        """Begin the removal; errors are kept in `problem`."""
        self._try(self.leftover.remove)

    def end(self) -> None:
        """Wait until the removal is complete, unless beginning it has failed."""
        if self.problem is None:
            self._try(self.leftover.finish)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Leaked as leak:
            self.leak = leak
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one must not keep the others
            self.problem = error
