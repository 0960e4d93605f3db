"""The last responses that one scenario received, which the following steps check."""

from collections.abc import Callable
from dataclasses import dataclass

from stocktake.support.api.replies import ApiError, Reply


@dataclass
class LastAnswers:
    """The last refusal that no step has checked yet, the last raw reply, and the result of the last nova-manage.

    `tool` is its exit status and output; `last_request` sends the last request again that may be refused.
    """

    refusal: ApiError | None = None
    last_request: Callable[[], object] | None = None
    reply: Reply | None = None
    tool: tuple[int, str] | None = None
