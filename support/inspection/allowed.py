"""Readings that a cloud may refuse: what is not read is not judged, and listed with its reason."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from stocktake.support.accounting.findings import WHEN_CELLS_ANSWER, NotJudged, Reason, Rule
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.errors import Unverified

T = TypeVar("T")


class Allowed:
    """Collects what could not be read of a cloud, and why."""

    def __init__(self) -> None:
        self.not_judged: list[NotJudged] = []

    def read(self, what: str, read: Callable[[], T], otherwise: T, *, rules: tuple[Rule, ...] = ()) -> T:
        """Return what `read` returns; `otherwise` if a policy forbids it, or the API is too old for it.

        `rules` are those that cannot be applied without. Raises ApiError for any other failure.
        """
        try:
            return read()
        except Limited as refusal:
            if refusal.status != HTTPStatus.FORBIDDEN:
                raise
            self._note(Reason.FORBIDDEN, f"{what} could not be read: {refusal.reason}", refusal.remedy, rules)
        except ApiError:
            raise
        except Unverified as lack:
            self._note(Reason.OLD_API, f"{what} could not be read: {lack.reason}", lack.remedy, rules)
        return otherwise

    def read_in_cells(
        self, what: str, read: Callable[[], T], otherwise: T, *, may_be_down: bool, rules: tuple[Rule, ...] = ()
    ) -> T:
        """Do the same for what Nova reads in every cell: where one does not answer, Nova answers 500."""
        try:
            return self.read(what, read, otherwise, rules=rules)
        except ApiError as failure:
            if failure.status != HTTPStatus.INTERNAL_SERVER_ERROR or not may_be_down:
                raise
            self._note(
                Reason.CELL_DOWN, f"{what}: Nova shows none while a cell does not answer", WHEN_CELLS_ANSWER, rules
            )
            return otherwise

    def _note(self, reason: Reason, sentence: str, remedy: str, rules: tuple[Rule, ...]) -> None:
        self.not_judged.append(NotJudged(reason, sentence, remedy, rules))
