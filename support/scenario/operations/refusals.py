"""Asking a cloud for something it may refuse.

A refusal is an answer like any other: the step that asks keeps it on the books, and the next step must speak of it.
A refusal that no step speaks of fails the scenario.
"""

from collections.abc import Callable
from typing import TypeVar

from stocktake.support.api.replies import ApiError
from stocktake.support.scenario.context import Context

T = TypeVar("T")

REFUSALS = range(400, 500)


def ask(context: Context, send: Callable[[], T]) -> T | None:
    """Send a request; return what it returns, or None when it was refused (HTTP 4xx), which the books then show.

    Raises ApiError for anything else that went wrong, which is the API's failure and not its answer.
    """
    context.answers.refusal = None
    try:
        return send()
    except ApiError as error:
        if error.status not in REFUSALS:
            raise
        context.answers.refusal = error
        return None


def unspoken_refusal(context: Context) -> ApiError | None:
    """Return the refusal that no step has spoken of yet, and forget it."""
    refusal, context.answers.refusal = context.answers.refusal, None
    return refusal
