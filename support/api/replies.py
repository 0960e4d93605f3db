"""Responses of an API: a reply, a refusal, or a lost response, and what they contain."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from stocktake.support.errors import CloudError, Unverified

if TYPE_CHECKING:
    import requests

T = TypeVar("T")

REFUSALS = range(400, 500)
"""HTTP statuses with which an API refuses a request."""
LOST_STATUSES = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
SETTLING = 3.0  # seconds in which the effect of a request whose answer was lost must show
SETTLING_AFTER_TIMEOUT = 15.0  # seconds; the API may be working on it still
LONGEST_MESSAGE = 500  # characters of a response that is not JSON


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, without headers and bodies. `status` is None when no answer came.

    `time` is when it was sent, in seconds since the epoch; `seconds` how long the answer took.
    """

    time: float
    method: str
    service: str
    path: str
    status: int | None
    request_id: str | None
    seconds: float
    microversion: str | None
    problem: str | None = None

    def __str__(self) -> str:
        version = f" at {self.microversion}" if self.microversion else ""
        answer = self.status if self.status is not None else self.problem
        request = f" {self.request_id}" if self.request_id else ""
        return f"{self.service} {self.method} {self.path}{version} -> {answer} in {self.seconds:.2f} s{request}"


@dataclass(frozen=True)
class Reply:
    """A response. `body` is the decoded JSON (None when empty, text if not JSON); `seconds` is how long it took.

    `attempts` counts how often the request was sent until this answer came.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any
    request_id: str | None
    seconds: float
    attempts: int = 1


class ApiError(CloudError):
    """An API refused a request. The message is the API's own, with request and request id.

    `status` is None when the API did not answer at all; `attempts` counts how often the request was sent.
    """

    def __init__(
        self,
        sentence: str,
        *,
        service: str,
        method: str,
        path: str,
        status: int | None = None,
        message: str = "",
        request_id: str | None = None,
        attempts: int = 1,
    ):
        CloudError.__init__(self, sentence)
        self.attempts = attempts
        self.service = service
        self.method = method
        self.path = path
        self.status = status
        self.message = message
        self.request_id = request_id


class Limited(ApiError, Unverified):  # noqa: N818 - an outcome, not a failure
    """A refusal because of a limit of the environment, such as a quota or a policy: not a verdict on its accounts.

    A scenario that expects a refusal checks it as any other `ApiError`; if it does not, it is unverified.
    """

    def __init__(self, reason: str, remedy: str, **facts: Any):
        ApiError.__init__(self, f"{reason}; {remedy}", **facts)
        self.reason = reason
        self.remedy = remedy


class LostAnswer(ApiError):  # noqa: N818 - an open question, which `exactly_once` answers
    """A request that must not be repeated blindly was sent, and its answer did not arrive: it may have taken effect.

    `settling` is the time in seconds within which the effect, if there is one, will show.
    """

    def __init__(self, sentence: str, *, settling: float = SETTLING, **facts: Any):
        super().__init__(sentence, **facts)
        self.settling = settling


def request_id_of(response: "requests.Response") -> str | None:
    """Return the id under which the API logged the request, None when it does not say."""
    return response.headers.get("x-openstack-request-id") or response.headers.get("x-compute-request-id")


def retry_after(response: Any) -> float | None:
    """Return the seconds an answer asks to wait: a number, or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After") if response is not None else None
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def date_of(response: "requests.Response") -> float | None:
    """Return when an answer was made by the clock of its service, in seconds since the epoch (RFC 9110, 6.6.1)."""
    try:
        return parsedate_to_datetime(response.headers.get("Date") or "").timestamp()
    except ValueError:
        return None


def message_of(reply: Reply | None, response: "requests.Response") -> str:
    """Return the API's own words about an error, whichever shape they come in.

    Nova: {"badRequest": {"message"}}; Keystone: {"error": {"message"}}; Placement: {"errors": [{"detail"}]}, whose
    first paragraph only explains the status; Glance and proxies: HTML.
    """
    body = reply.body if reply is not None else response.text
    if isinstance(body, Mapping):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            text = str(errors[0].get("detail") or errors[0].get("title") or "")
            return one_line(text.strip().split("\n\n")[-1])
        for part in body.values():
            if isinstance(part, Mapping) and part.get("message"):
                return one_line(part["message"])
        if body.get("message"):
            return one_line(body["message"])
    text = re.sub(r"(?s)<(title|h1|style|script)\b.*?</\1>|<[^>]*>", " ", str(body or ""))
    return one_line(text)[:LONGEST_MESSAGE] or response.reason or "no message"


def none_if_missing(read: Callable[[], T]) -> T | None:
    """Return what `read` returns, None when the API answers it with 404."""
    try:
        return read()
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def one_line(text: object) -> str:
    """Return a text with every run of white space made one space."""
    return " ".join(str(text).split())
