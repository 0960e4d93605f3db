"""Requests that a cloud may refuse.

A refusal is a response like any other: the step that sends the request keeps it, and the next step must check it.
A refusal that no step checks fails the scenario.
"""

from collections.abc import Callable
from typing import TypeVar

from stocktake.support.api.replies import REFUSALS, ApiError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.shortages import limit_behind_refusal

T = TypeVar("T")


def ask(context: Context, send: Callable[[], T]) -> T | None:
    """Send a request; return what it returns, or None when it was refused (HTTP 4xx), which the context then shows.

    Raises ApiError for any other error, which is a failure of the API, or Unverified if a limit of the cloud is the
    reason.
    """
    context.answers.refusal, context.answers.last_request = None, send
    try:
        return send()
    except ApiError as error:
        if error.status not in REFUSALS:
            raise limit_behind_refusal(context, error) or error from None
        context.answers.refusal = error
        return None


def check_spoken(context: Context) -> None:
    """Raise the refusal that no step has checked yet, if there is one, and forget it.

    Raises Unverified instead if a limit of the cloud is the reason.
    """
    refusal, context.answers.refusal = context.answers.refusal, None
    if refusal is not None:
        raise limit_behind_refusal(context, refusal) or refusal
