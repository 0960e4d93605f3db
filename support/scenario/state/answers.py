"""The last answers that one scenario was given: what the steps that follow speak of."""

from dataclasses import dataclass

from stocktake.support.api.replies import ApiError, Reply


@dataclass
class LastAnswers:
    """The last refusal that no step has spoken of yet, the last raw reply, and what the last nova-manage said.

    `tool` is its exit status and output.
    """

    refusal: ApiError | None = None
    reply: Reply | None = None
    tool: tuple[int, str] | None = None
