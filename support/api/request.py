"""One API request with safe retries.

A request that had no effect (connection refused, 429, an expired token) is always sent again. One whose response was
lost (broken connection, timeout, 502, 503, 504, incomplete body) is sent again only if it is idempotent: GET, HEAD, PUT
and DELETE. For any other, `LostAnswer` is raised, and `Session.exactly_once` lets the caller look for the effect of the
lost request before sending it again.
"""

import time
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from stocktake.support.api.connection_errors import address_in, never_connected, why
from stocktake.support.api.limits import is_quota, limit_in, too_many_requests
from stocktake.support.api.replies import (
    LOST_STATUSES,
    SETTLING,
    SETTLING_AFTER_TIMEOUT,
    ApiError,
    Exchange,
    Limited,
    LostAnswer,
    Reply,
    date_of,
    message_of,
    one_line,
    request_id_of,
    retry_after,
)
from stocktake.support.config.sdk import quiet
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError
from stocktake.support.waiting import Clock

if TYPE_CHECKING:
    import requests
    from keystoneauth1.session import Session as KeystoneSession

MICROVERSION_TYPE: Mapping[str, str] = {"compute": "compute", "placement": "placement", "volume": "volume"}
"""Services with microversions, and their name in the OpenStack-API-Version header."""

TOKEN_RENEWALS = 3  # per request; beyond that, the token is not the cause
CONNECT_TIMEOUT = 10.0  # seconds
LONG_TIMEOUT = 120.0  # seconds; Nova answers some actions only after a call to another service of up to 60 s


class Connection(Protocol):
    """What a request needs of the session it belongs to."""

    @property
    def target(self) -> Target:
        """The cloud, as clouds.yaml describes it."""

    @property
    def clock(self) -> Clock:
        """The clock of its waits."""

    @property
    def keystone(self) -> "KeystoneSession":
        """The token, the certificates and the connections."""

    @property
    def own_quota(self) -> bool:
        """Whether the scenario has set the quota of the project."""

    @property
    def why_given(self) -> str | None:
        """Why the run has no project of its own."""

    @property
    def request_ids(self) -> set[str]:
        """The request ids of all answers received."""

    def endpoint(self, service: str) -> str:
        """Return the address of a service's API."""

    def know_token(self, token: str | None) -> None:
        """Remember that Keystone issued a token, and redact it."""

    def redact(self, text: str) -> str:
        """Hide every password and token in a text."""

    def note(self, exchange: Exchange) -> None:
        """Remember a request for reports."""

    def note_time(self, service: str, time_there: float) -> None:
        """Remember what a service's clock showed when it answered just now."""


class Call:
    """One request with its retries. `problem` says why the latest attempt must be repeated."""

    def __init__(
        self,
        session: Connection,
        *,
        method: str,
        service: str,
        path: str,
        repeatable: bool,
        microversion: str | None = None,
        ok: Collection[int] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        authenticated: bool = True,
        long: bool = False,
    ):
        self.session = session
        self.method = method
        self.service = service
        self.path = path
        self.attempts = 0
        self.problem = "not sent yet"
        self._authority = "Keystone"
        self._repeatable = repeatable
        self._microversion = microversion
        self._ok = ok
        self._body = body or {}
        self._headers = headers or {}
        self._authenticated = authenticated
        self._long = long
        self._too_many = False
        self._not_before = 0.0
        self._renewals = 0
        self._maybe_done = False

    def attempt(self) -> Reply | None:
        """Send once; return the answer, or None when it should be sent again. Raises what `Session.request` does."""
        if self.session.clock.now() < self._not_before:
            return None
        if not self.authenticate():
            return None
        from keystoneauth1.exceptions import ConnectionError as KeystoneConnectionError  # noqa: PLC0415 - start-up time

        url = self.session.endpoint(self.service) + self.path
        self.attempts, self._too_many = self.attempts + 1, False
        began, started = time.time(), time.perf_counter()
        try:
            response = self._send(url)
        except KeystoneConnectionError as error:
            self._record(began, started, None, problem=type(error).__name__)
            self._broken_off(error, url)
            return None
        time_there = date_of(response)
        if time_there is not None:
            self.session.note_time(self.service, time_there)
        reply = self._read(response, time.perf_counter() - started)
        self._record(began, started, response, request_id=request_id_of(response))
        return self._judge(response, reply)

    def authenticate(self) -> bool:
        """Get a token unless there is one. False when Keystone should be asked again; raises when it refuses."""
        from keystoneauth1.exceptions import ClientException  # noqa: PLC0415 - start-up time

        try:
            with nullcontext() if self.session.keystone.verify else quiet():
                token = self.session.keystone.get_token()
        except (ClientException, ValueError) as error:  # ValueError: a body that is not JSON
            return self._no_token(error)
        self.session.know_token(token)
        return True

    def _no_token(self, error: Exception) -> bool:
        """Decide whether to ask Keystone again (False), or raise why not."""
        from keystoneauth1 import exceptions  # noqa: PLC0415 - start-up time

        undiscovered = isinstance(error, exceptions.DiscoveryFailure)
        if undiscovered and isinstance(error.__context__, exceptions.ClientException):
            error = error.__context__  # what keystoneauth met before it said that it found no Keystone
        if isinstance(error, exceptions.SSLError):
            raise self._untrusted(error, "identity") from None
        target = self.session.target
        address = address_in(error) or target.auth_url
        self._authority = "the identity provider" if target.names_beside_keystone(address) else "Keystone"
        if isinstance(error, exceptions.HttpError):
            if error.http_status not in LOST_STATUSES | {HTTPStatus.TOO_MANY_REQUESTS}:
                where = "" if self._authority == "Keystone" else f"{self._authority} {address}: "
                if undiscovered:
                    where = f"{target.auth_url} is not an address of Keystone: "
                raise self._refused(where + one_line(error), error.http_status, error.request_id) from None
            return self._again(f"{self._authority} answered {error.http_status}", error.response)
        passing = (exceptions.ConnectionError, exceptions.DiscoveryFailure, exceptions.InvalidResponse, ValueError)
        if not isinstance(error, passing):
            raise self._refused(one_line(error), None, None) from None
        shown = target.auth_url if target.auth_url.startswith(address) else address
        return self._again(f"{shown} cannot be reached: {why(error)}")

    def unanswered(self, waited: float) -> ApiError:
        """Return the error of a request that got no answer for so many seconds, which is not sent without a token.

        It names the service that did not issue one: Keystone, or an identity provider.
        """
        if not self.attempts:
            target = self.session.target
            sentence = f'{self._authority} of cloud "{target.name}" issued no token for {waited:.0f} s: {self.problem}'
            return self.failure(f"{sentence} (auth: in {target.file})")
        if self._too_many:
            limit = too_many_requests(self.session.target, self.service, self._sent(waited))
            return Limited(limit.reason, limit.remedy, **self._facts(status=HTTPStatus.TOO_MANY_REQUESTS))
        return self.failure(f"the {self.service} API did not answer {self._sent(waited)}: {self.problem}")

    def _sent(self, waited: float) -> str:
        return f"{self.method} {self.path} for {waited:.0f} s ({self.attempts} attempts)"

    def failure(self, sentence: str, **facts: Any) -> ApiError:
        """Return an ApiError about this request."""
        return ApiError(self.session.redact(sentence), **self._facts(**facts))

    def _send(self, url: str) -> "requests.Response":
        patience = self.session.target.settings.patience_for("api")
        is_short = self.method in ("GET", "HEAD") and not self._long
        read_timeout = patience / 2 if is_short else max(LONG_TIMEOUT, patience)
        options: dict[str, Any] = dict(self._body)
        if self._microversion and self.service in MICROVERSION_TYPE:
            options["microversion"] = self._microversion
            options["microversion_service_type"] = MICROVERSION_TYPE[self.service]
        if not self.session.target.region.config.get("api_timeout"):
            options["timeout"] = (CONNECT_TIMEOUT, read_timeout)
        # Bodies of answers hold passwords of servers, so keystoneauth must not log them.
        return self.session.keystone.request(
            url,
            self.method,
            headers={"Accept": "application/json", **self._headers},
            raise_exc=False,
            allow_reauth=False,
            authenticated=self._authenticated,
            connect_retries=0,
            log=False,
            **options,
        )

    def _read(self, response: "requests.Response", seconds: float) -> Reply | None:
        """Decode an answer; None when its body was cut short."""
        body: Any = None
        if response.content:
            if "json" in response.headers.get("Content-Type", ""):
                try:
                    body = response.json()
                except ValueError:
                    return None
            else:
                body = response.text
        return Reply(response.status_code, response.headers, body, request_id_of(response), seconds, self.attempts)

    def _judge(self, response: "requests.Response", reply: Reply | None) -> Reply | None:
        status = response.status_code
        if status == HTTPStatus.UNAUTHORIZED and self._authenticated and self._renewals < TOKEN_RENEWALS:
            self._renewals += 1
            self.session.keystone.invalidate()
            self._again("the token is no longer valid")
            return self.attempt()
        if self._is_no_answer(response, reply):
            return None
        request_id = request_id_of(response)
        if request_id:
            self.session.request_ids.add(request_id)
        if reply is not None and (status in self._ok if self._ok is not None else status < HTTPStatus.BAD_REQUEST):
            return reply
        if reply is not None and status == HTTPStatus.NOT_FOUND and self.method == "DELETE" and self._maybe_done:
            return reply
        raise self._refusal(status, message_of(reply, response), request_id)

    def _refusal(self, status: int, message: str, request_id: str | None) -> ApiError:
        """Return the error of a request that was refused, which says whether a limit of the environment is why."""
        facts = {"status": status, "message": message, "request_id": request_id}
        line, session = f"{self.method} {self.path}", self.session
        limit = limit_in(session.target, self.service, line, status, message, why_given=session.why_given)
        if limit is not None and not (session.own_quota and is_quota(status, message)):
            return Limited(session.redact(limit.reason), limit.remedy, **self._facts(**facts))
        request = f" ({request_id})" if request_id else ""
        return self.failure(f"the {self.service} API answered {status} to {line}: {message}{request}", **facts)

    def _is_no_answer(self, response: "requests.Response", reply: Reply | None) -> bool:
        """Tell whether to send again, and note why. Raises LostAnswer for what may have been done and is not to be."""
        status = response.status_code
        over_limit = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and "Retry-After" in response.headers
        over_limit = over_limit and not is_quota(status, message_of(reply, response))
        self._too_many = over_limit or status == HTTPStatus.TOO_MANY_REQUESTS
        if self._too_many:
            self._again("too many requests", response)
        elif status in LOST_STATUSES:
            self._lost(f"answered {status}: {message_of(reply, response)}", response)
        elif reply is None and status < HTTPStatus.BAD_REQUEST:
            self._lost(f"answered {status} with a body that was cut short", response)
        elif reply is None and status < HTTPStatus.INTERNAL_SERVER_ERROR:  # refused: harmless to send again
            self._again(f"answered {status} with a body that was cut short", response)
        else:
            return False
        return True

    def _broken_off(self, error: Exception, url: str) -> None:
        """Decide about a request that got no answer. Raises unless it may be sent again."""
        from keystoneauth1 import exceptions  # noqa: PLC0415 - start-up time

        if isinstance(error, exceptions.SSLError):
            raise self._untrusted(error, self.service) from None
        if never_connected(error):
            address = urlsplit(url)
            self._again(f"{address.scheme}://{address.netloc} cannot be reached: {why(error)}")
            return
        slow = isinstance(error, exceptions.ConnectTimeout)
        self._lost(why(error), settling=SETTLING_AFTER_TIMEOUT if slow else SETTLING)

    def _lost(self, problem: str, response: Any = None, *, settling: float = SETTLING) -> None:
        self._maybe_done = True
        if response is not None and response.status_code == HTTPStatus.GATEWAY_TIMEOUT:
            settling = SETTLING_AFTER_TIMEOUT
        if not self._repeatable:
            sentence = f"the answer of the {self.service} API to {self.method} {self.path} was lost: {problem}"
            raise LostAnswer(self.session.redact(sentence), settling=settling, **self._facts())
        self._again(problem, response)

    def _again(self, problem: str, response: Any = None) -> bool:
        """Note why to send again, and not before when; always False."""
        self.problem = self.session.redact(problem)
        wait = retry_after(response)
        if wait:
            self._not_before = self.session.clock.now() + wait
        return False

    def _refused(self, message: str, status: int | None, request_id: str | None) -> CloudError:
        target = self.session.target
        return ApiError(
            self.session.redact(f'cloud "{target.name}" refuses to authenticate: {message} (auth: in {target.file})'),
            **self._facts(status=status, message=message, request_id=request_id),
        )

    def _untrusted(self, error: Exception, service: str) -> CloudError:
        target = self.session.target
        return ApiError(
            f'the certificate of the {service} API of cloud "{target.name}" is not trusted: {one_line(error)}; '
            f"name its authority with cacert: in {target.file}",
            **self._facts(),
        )

    def _facts(self, **facts: Any) -> dict[str, Any]:
        return {"service": self.service, "method": self.method, "path": self.path, "attempts": self.attempts, **facts}

    def _record(
        self,
        began: float,
        started: float,
        response: "requests.Response | None",
        *,
        request_id: str | None = None,
        problem: str | None = None,
    ) -> None:
        self.session.note(
            Exchange(
                time=began,
                method=self.method,
                service=self.service,
                path=self.session.redact(self.path),
                status=None if response is None else response.status_code,
                request_id=request_id,
                seconds=time.perf_counter() - started,
                microversion=self._microversion,
                problem=problem,
            )
        )
