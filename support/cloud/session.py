"""Talking to one cloud: one authenticated session over HTTP that survives what networks and APIs do.

keystoneauth1 brings authentication, the catalog and TLS; openstacksdk's region says which interface, region and
certificates. What is decided here: which microversion a request asks for, what may be sent again, and how a refusal
or a failure is told.

What may be sent again. A request that reached nobody (connection refused, 429, an expired token) always. One whose
answer was lost (connection broken, timeout, 502, 503, 504, a body cut short) only if doing it twice equals doing it
once: GET, HEAD, PUT and DELETE. For any other, `LostAnswer` is raised, and `exactly_once` lets the caller look for
what the lost request did before sending it again.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from hamcrest import is_not, none

from support.cloud.sdk import quiet
from support.cloud.target import Target
from support.cloud.values import Credentials, Microversion, VersionRange
from support.errors import CloudError, Unverified
from support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

if TYPE_CHECKING:
    import requests
    from keystoneauth1.session import Session as KeystoneSession

T = TypeVar("T")

SERVICE_TYPES: Mapping[str, str] = {
    "compute": "compute",
    "placement": "placement",
    "image": "image",
    "identity": "identity",
    "volume": "block-storage",
}
"""Our word for a service, and its type in the catalog (older names of it are known to keystoneauth)."""

API_PREFIX: Mapping[str, str] = {
    "compute": "/v2.1",
    "image": "/v2",
    "identity": "/v3",
    "volume": "/v3",
    "placement": "",
}
"""The API version spoken, appended where the catalog has only the service's root."""

MICROVERSION_TYPE: Mapping[str, str] = {"compute": "compute", "placement": "placement", "volume": "volume"}
"""Services with microversions, and their name in the OpenStack-API-Version header."""

NO_CONTENT = 204
BAD_REQUEST = 400
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
TOO_LARGE = 413
TOO_MANY = 429
FAILED = 500
GATEWAY_TIMEOUT = 504
LOST_STATUSES = frozenset({502, 503, GATEWAY_TIMEOUT})
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
FIRST_CONTACT = 10.0  # seconds; a Keystone that never answered is more likely mistyped than restarting
TOKEN_RENEWALS = 3  # per request; a token that is refused more often than that is not what is wrong
SECOND_CHANCE = 3.0  # seconds; for an API that patience has ended for, so that cleaning up after it ends as well
CONNECT_TIMEOUT = 10.0  # seconds
WRITE_TIMEOUT = 120.0  # seconds; Nova answers some actions only after a call to another service of up to 60 s
SETTLING = 3.0  # seconds in which the effect of a request whose answer was lost must show
SETTLING_AFTER_TIMEOUT = 15.0  # seconds; the API may be working on it still
PATIENCE_WITH_WRITES = 3.0  # a lost request may be still on its way for so many times the slowest that was answered
LOST_BEFORE_GIVING_UP = 4  # answers in a row; so many are lost by an API that is down, not by one that stumbles
EXCHANGES_KEPT = 500
HIDDEN = "***"
SHORTEST_SECRET = 4  # characters; hiding "a" would hide everything
LONGEST_MESSAGE = 500  # characters of an answer that is no JSON

API_VERSION = re.compile(r"/v\d+(\.\d+)?(?=/|$)")
"""Where an address names the API's version; what follows is a project id, or nothing."""

TOKEN_SHAPES = re.compile(r"gAAAA[\w-]{20,}={0,2}")
SECRET_FIELDS = re.compile(
    r"""(["']?(?:adminPass|password|secret|X-Auth-Token|X-Subject-Token|X-Control-Token|token)["']?\s*[:=]\s*)"""
    r"""("[^"]*"|'[^']*'|[^\s,;}&]+)""",
    re.IGNORECASE,
)


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
    """An answer. `body` is the decoded JSON (None when empty, text when it is no JSON); `seconds` is how long it took.

    `attempts` counts how often the request was sent until this answer came.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any
    request_id: str | None
    seconds: float
    attempts: int = 1


class ApiError(CloudError):
    """An API said no. The message is the API's own, with request and request id.

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
        super().__init__(sentence)
        self.attempts = attempts
        self.service = service
        self.method = method
        self.path = path
        self.status = status
        self.message = message
        self.request_id = request_id


class LostAnswer(ApiError):  # noqa: N818 - an open question, which `exactly_once` answers
    """A request that must not be repeated blindly was sent, and its answer did not arrive: it may have taken effect.

    `settling` is the time in seconds within which the effect, if there is one, will show.
    """

    def __init__(self, sentence: str, *, settling: float = SETTLING, **facts: Any):
        super().__init__(sentence, **facts)
        self.settling = settling


class Session:
    """One authenticated session with one cloud, as one user.

    Thread-safe as far as requests is; meant for one thread. `exchanges` holds the latest requests for reports,
    `request_ids` those of all answers received; `changes` counts the requests that were meant to change something.
    """

    def __init__(self, target: Target, *, auth: Any = None, clock: Clock = SYSTEM_CLOCK):
        self.target = target
        self.exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_KEPT)
        self.request_ids: set[str] = set()
        self.changes = 0
        self._given_up: set[str] = set()
        self._auth = auth
        self._clock = clock
        self._keystone: KeystoneSession | None = None
        self._endpoints: dict[str, str] = {}
        self._versions: dict[str, VersionRange] = {}
        self._secrets: set[str] = set(target.secrets)
        self._contacted = False
        self._slowest_write = 0.0

    def __repr__(self) -> str:
        return f"Session({self.target.name!r})"

    # Requests

    def request(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        microversion: str | None = None,
        params: Mapping[str, Any] | None = None,
        ok: Collection[int] | None = None,
        repeatable: bool | None = None,
        authenticated: bool = True,
    ) -> Reply:
        """Send one request to a service of SERVICE_TYPES and return the answer.

        `path` is relative to the service's endpoint and begins with "/". `ok` are the statuses to return, by default
        all below 400. `repeatable` says whether it may be sent again when the answer was lost, by default according
        to the method. `authenticated=False` sends it without a token. A DELETE that finds nothing when sent again has
        done its work and is returned.

        Raises ApiError for any other status, LostAnswer when it may have taken effect, CloudError when
        authentication is refused, and ApiError without status when the API was still failing after the patience
        for "api".
        """
        call = _Call(
            self,
            method=method,
            service=service,
            path=path + (f"?{urlencode(_present(params), doseq=True)}" if params and _present(params) else ""),
            microversion=microversion,
            ok=ok,
            repeatable=method in REPEATABLE if repeatable is None else repeatable,
            body={"json": json} if data is None else {"data": data},
            headers=dict(headers or {}),
            authenticated=authenticated,
        )
        return self._patiently(call)

    def get(self, service: str, path: str, **options: Any) -> Any:
        """Return the body of a GET."""
        return self.request("GET", service, path, **options).body

    def exactly_once(self, send: Callable[[], T], find: Callable[[], T | None], *, what: str) -> T:
        """Do something that must not be done twice, over an API that may lose the answer.

        `send` does it; `find` looks for its effect and returns what `send` would have, or None. `what` names it for
        the failure. Raises what `send` and `find` raise, LostAnswer excepted until patience for "api" is over and
        `LOST_BEFORE_GIVING_UP` answers are lost: looking takes time, which an API that answers again is not to pay.
        """
        deadline = self._clock.now() + self.target.settings.patience_for("api")
        for attempt in count(1):
            try:
                return send()
            except LostAnswer as lost:
                found = self.look_for(
                    find, within=max(lost.settling, PATIENCE_WITH_WRITES * self._slowest_write), what=what
                )
                if found is not None:
                    return found
                if attempt >= LOST_BEFORE_GIVING_UP and self._clock.now() >= deadline:
                    raise
        raise AssertionError("unreachable")

    def look_for(self, find: Callable[[], T | None], *, within: float, what: str) -> T | None:
        """Return what `find` returns as soon as that is something; None when `within` seconds have passed."""
        try:
            return eventually(find, is_not(none()), within=within, what=what, clock=self._clock)
        except TookTooLong:
            return None

    def _note(self, exchange: Exchange) -> None:
        """Remember a request for reports, and how slow this cloud is at changing something."""
        self.exchanges.append(exchange)
        if exchange.method not in ("GET", "HEAD"):
            self.changes += 1
            if exchange.status is not None:
                self._slowest_write = max(self._slowest_write, exchange.seconds)

    def _patiently(self, call: "_Call", attempt: Callable[[], Reply | None] | None = None) -> Reply:
        """Send until an answer comes that is one, or patience ends; then blame the API."""
        attempt = attempt or call.attempt
        began = self._clock.now()
        reply = attempt()
        if reply is not None:
            self._given_up.discard(call.service)
            return reply
        patience = self.target.settings.patience_for("api")
        if not self._contacted:
            patience = min(patience, FIRST_CONTACT)
        elif call.service in self._given_up:
            patience = min(patience, SECOND_CHANCE)
        try:
            reply = eventually(
                attempt,
                is_not(none()),
                within=max(0.0, began + patience - self._clock.now()),
                what=f"the {call.service} API to answer {call.method} {call.path}",
                describe=lambda reply: "answered" if reply else call.problem,
                clock=self._clock,
            )
        except TookTooLong:
            self._given_up.add(call.service)
            waited = self._clock.now() - began
            raise call.failure(
                f"the {call.service} API did not answer {call.method} {call.path} for {waited:.0f} s "
                f"({call.attempts} attempts): {call.problem}"
            ) from None
        assert reply is not None  # noqa: S101 - what the matcher accepted
        self._given_up.discard(call.service)
        return reply

    # Microversions

    def versions(self, service: str) -> VersionRange:
        """Return the microversions a service offers (asked once).

        Compute and volume answer at the root of their API version, Placement at its own root.
        """
        if service not in self._versions:
            body = self.request("GET", service, "/").body
            self._versions[service] = _offered(body, service)
        return self._versions[service]

    def offers(self, service: str, version: str) -> bool:
        """Tell whether a service can be asked at that microversion."""
        return Microversion.parse(version) in self.versions(service)

    def require(self, service: str, version: str, *, what: str) -> str:
        """Return that microversion. Raises Unverified, naming what needs it, when the service does not offer it."""
        offered = self.versions(service)
        if Microversion.parse(version) in offered:
            return version
        older = Microversion.parse(version) > offered.most
        raise Unverified(
            f'{what} needs {service} API {version}, cloud "{self.target.name}" offers {offered}',
            f"run it on a cloud with a {'newer' if older else 'older'} {service} service",
        )

    def best(self, service: str, *versions: str, what: str) -> str:
        """Return the highest of these microversions that is offered. Raises Unverified when none is."""
        for version in sorted(versions, key=Microversion.parse, reverse=True):
            if self.offers(service, version):
                return version
        return self.require(service, min(versions, key=Microversion.parse), what=what)

    # Who and where

    def log_in(self) -> None:
        """Get a token, unless there is one. Raises CloudError when Keystone says no or does not answer."""
        self._authenticated(lambda _keystone: None)

    @property
    def project_id(self) -> str:
        """The project requests work in. Raises CloudError when authentication fails."""
        return str(self._authenticated(lambda keystone: keystone.get_project_id()))

    @property
    def user_id(self) -> str:
        """The user requests are made by. Raises CloudError when authentication fails."""
        return str(self._authenticated(lambda keystone: keystone.get_user_id()))

    def as_user(self, credentials: Credentials | None = None) -> "Session":
        """Return a second session for a user without the admin role.

        Without credentials, the user of the cloud entry named under `stocktake: user_cloud`. Raises Unverified when
        there is none.
        """
        if credentials is None:
            return Session(self.target.load_user(), clock=self._clock)
        from keystoneauth1.identity import V3Password  # noqa: PLC0415 - start-up time

        auth = V3Password(
            auth_url=self.endpoint("identity"),
            user_id=credentials.user_id,
            password=credentials.password,
            project_id=credentials.project_id,
        )
        session = Session(self.target, auth=auth, clock=self._clock)
        session.learn_secret(credentials.password)
        return session

    def endpoint(self, service: str) -> str:
        """Return the address of a service's API, without a slash at its end.

        From `{service}_endpoint_override` of clouds.yaml, or the catalog by region and interface. A project id in
        the catalog's address is left out: no API needs it any more. Raises CloudError when there is none.
        """
        if service not in self._endpoints:
            self._endpoints[service] = self._find_endpoint(service)
        return self._endpoints[service]

    def offers_service(self, service: str) -> bool:
        """Tell whether the cloud has such a service at all."""
        return self._catalog_address(service) is not None

    def _find_endpoint(self, service: str) -> str:
        address = self._catalog_address(service)
        if not address:
            region = self.target.region
            raise CloudError(
                f'cloud "{self.target.name}" has no {service} service in its catalog for region '
                f'"{region.get_region_name(service)}" and interface "{region.get_interface(service)}"'
            )
        version = API_VERSION.search(address)
        if not API_PREFIX[service]:
            return address.rstrip("/")
        return address[: version.end()] if version else address.rstrip("/") + API_PREFIX[service]

    def _catalog_address(self, service: str) -> str | None:
        region, kind = self.target.region, SERVICE_TYPES[service]
        override = region.get_endpoint(kind)
        if override:
            return str(override)
        wanted = {
            "service_type": kind,
            "service_name": region.get_service_name(kind),
            "interface": region.get_interface(kind),
            "region_name": region.get_region_name(kind),
        }
        return self._authenticated(lambda keystone: _address(keystone, wanted))

    # Authentication

    @property
    def keystone(self) -> "KeystoneSession":
        """keystoneauth1's session: the token, the certificates and the connections."""
        if self._keystone is None:
            self._keystone = self._open()
        return self._keystone

    def _open(self) -> "KeystoneSession":
        region = self.target.region
        if self._auth is None:
            keystone = region.get_session()
        else:
            from keystoneauth1.session import Session as KeystoneSession  # noqa: PLC0415 - start-up time

            verify, cert = region.get_requests_verify_args()
            keystone = KeystoneSession(auth=self._auth, verify=verify, cert=cert, app_name="stocktake")
        host = urlsplit(str(region.get_auth_args().get("auth_url", ""))).hostname or ""
        if host == "localhost" or host.startswith("127.") or host == "::1":
            keystone.session.trust_env = False  # a proxy for the outside world cannot reach this machine's loopback
        if keystone.timeout is None:
            keystone.timeout = self.target.settings.patience_for("api") / 2
        return keystone

    def _authenticated(self, ask: Callable[[Any], T]) -> T:
        """Ask keystoneauth something that may need a token or the catalog, patiently."""
        call = _Call(self, method="POST", service="identity", path="/auth/tokens", repeatable=True)
        answers: list[T] = []

        def attempt() -> Reply | None:
            if not call.authenticate():
                return None
            answers.append(ask(self.keystone))
            return Reply(200, {}, None, None, 0.0)

        self._patiently(call, attempt)
        return answers[-1]

    def know_token(self, token: str | None) -> None:
        """Remember that Keystone gave out a token, and hide it."""
        self._contacted = True
        self.learn_secret(token)

    def learn_secret(self, secret: str | None) -> None:
        """Remember something `redact` must hide."""
        if secret:
            self._secrets.add(secret)

    def redact(self, text: str) -> str:
        """Hide every password and token in a text, those known by value and those known by shape."""
        return redact(text, self._secrets)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Put `***` in place of the given secrets, of Keystone's tokens and of the values of fields that hold secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    text = TOKEN_SHAPES.sub(HIDDEN, text)
    return SECRET_FIELDS.sub(lambda match: match[1] + HIDDEN, text)


class _Call:
    """One request, sent as often as it takes. `problem` says why the latest attempt was not the last."""

    def __init__(
        self,
        session: Session,
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
    ):
        self.session = session
        self.method = method
        self.service = service
        self.path = path
        self.attempts = 0
        self.problem = "not sent yet"
        self._repeatable = repeatable
        self._microversion = microversion
        self._ok = ok
        self._body = body or {}
        self._headers = headers or {}
        self._authenticated = authenticated
        self._not_before = 0.0
        self._renewals = 0
        self._maybe_done = False

    def attempt(self) -> Reply | None:
        """Send once; return the answer, or None when it should be sent again. Raises what `Session.request` does."""
        if self.session._clock.now() < self._not_before:
            return None
        if not self.authenticate():
            return None
        from keystoneauth1.exceptions import ConnectionError as KeystoneConnectionError  # noqa: PLC0415 - start-up time

        url = self.session.endpoint(self.service) + self.path
        self.attempts += 1
        began, started = time.time(), time.perf_counter()
        try:
            response = self._send(url)
        except KeystoneConnectionError as error:
            self._record(began, started, None, problem=type(error).__name__)
            self._broken_off(error)
            return None
        reply = self._read(response, time.perf_counter() - started)
        self._record(began, started, response, request_id=_request_id(response))
        return self._judge(response, reply)

    def authenticate(self) -> bool:
        """Get a token unless there is one. False when Keystone should be asked again; raises when it says no."""
        from keystoneauth1.exceptions import ClientException  # noqa: PLC0415 - start-up time

        try:
            with nullcontext() if self.session.keystone.verify else quiet():
                token = self.session.keystone.get_token()
        except (ClientException, ValueError) as error:  # ValueError: a body that is no JSON
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
        if isinstance(error, exceptions.HttpError):
            if error.http_status not in LOST_STATUSES | {TOO_MANY}:
                address = self.session.target.region.get_auth_args().get("auth_url")
                message = f"{address} is no address of Keystone: {_line(error)}" if undiscovered else _line(error)
                raise self._refused(message, error.http_status, error.request_id) from None
            return self._again(f"Keystone answered {error.http_status}", error.response)
        passing = (exceptions.ConnectionError, exceptions.DiscoveryFailure, exceptions.InvalidResponse, ValueError)
        if not isinstance(error, passing):
            raise self._refused(_line(error), None, None) from None
        return self._again(f"Keystone cannot be reached: {_line(error)}")

    def failure(self, sentence: str, **facts: Any) -> ApiError:
        """Return an ApiError about this request."""
        return ApiError(self.session.redact(sentence), **self._facts(**facts))

    def _send(self, url: str) -> "requests.Response":
        patience = self.session.target.settings.patience_for("api")
        read_timeout = patience / 2 if self.method in ("GET", "HEAD") else max(WRITE_TIMEOUT, patience)
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
        return Reply(response.status_code, response.headers, body, _request_id(response), seconds, self.attempts)

    def _judge(self, response: "requests.Response", reply: Reply | None) -> Reply | None:
        status = response.status_code
        if status == UNAUTHORIZED and self._authenticated and self._renewals < TOKEN_RENEWALS:
            self._renewals += 1
            self.session.keystone.invalidate()
            self._again("the token is no longer valid")
            return self.attempt()
        if self._is_no_answer(response, reply):
            return None
        request_id = _request_id(response)
        if request_id:
            self.session.request_ids.add(request_id)
        if reply is not None and (status in self._ok if self._ok is not None else status < BAD_REQUEST):
            return reply
        if reply is not None and status == NOT_FOUND and self.method == "DELETE" and self._maybe_done:
            return reply
        message = _message(reply, response)
        request = f" ({request_id})" if request_id else ""
        raise self.failure(
            f"the {self.service} API answered {status} to {self.method} {self.path}: {message}{request}",
            status=status,
            message=message,
            request_id=request_id,
        )

    def _is_no_answer(self, response: "requests.Response", reply: Reply | None) -> bool:
        """Tell whether to send again, and note why. Raises LostAnswer for what may have been done and is not to be."""
        status = response.status_code
        if status == TOO_MANY or (status == TOO_LARGE and "Retry-After" in response.headers):
            self._again("too many requests", response)
        elif status in LOST_STATUSES:
            self._lost(f"answered {status}: {_message(reply, response)}", response)
        elif reply is None and status < BAD_REQUEST:
            self._lost(f"answered {status} with a body that was cut short", response)
        elif reply is None and status < FAILED:  # refused, so that sending it again does nothing twice
            self._again(f"answered {status} with a body that was cut short", response)
        else:
            return False
        return True

    def _broken_off(self, error: Exception) -> None:
        """Decide about a request that got no answer. Raises unless it may be sent again."""
        from keystoneauth1 import exceptions  # noqa: PLC0415 - start-up time

        if isinstance(error, exceptions.SSLError):
            raise self._untrusted(error, self.service) from None
        if _never_sent(error):
            self._again(_line(error))
            return
        slow = isinstance(error, exceptions.ConnectTimeout)
        self._lost(_line(error), settling=SETTLING_AFTER_TIMEOUT if slow else SETTLING)

    def _lost(self, problem: str, response: Any = None, *, settling: float = SETTLING) -> None:
        self._maybe_done = True
        if response is not None and response.status_code == GATEWAY_TIMEOUT:
            settling = SETTLING_AFTER_TIMEOUT
        if not self._repeatable:
            sentence = f"the answer of the {self.service} API to {self.method} {self.path} was lost: {problem}"
            raise LostAnswer(self.session.redact(sentence), settling=settling, **self._facts())
        self._again(problem, response)

    def _again(self, problem: str, response: Any = None) -> bool:
        """Note why to send again, and not before when; always False."""
        self.problem = self.session.redact(problem)
        wait = _retry_after(response)
        if wait:
            self._not_before = self.session._clock.now() + wait
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
            f'the certificate of the {service} API of cloud "{target.name}" is not trusted: {_line(error)}; '
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
        self.session._note(
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


def _address(keystone: Any, wanted: Mapping[str, Any]) -> str | None:
    from keystoneauth1.exceptions import EndpointNotFound  # noqa: PLC0415 - start-up time

    try:
        found = keystone.get_endpoint(**wanted)
    except EndpointNotFound:
        return None
    return str(found) if found else None


def _offered(body: Any, service: str) -> VersionRange:
    """Read a version document: {"version": {...}} of one API version, or {"versions": [{...}]} of a root."""
    document = body if isinstance(body, Mapping) else {}
    found = document.get("version") or (document.get("versions") or [{}])[0]
    least, most = found.get("min_version"), found.get("max_version") or found.get("version")
    if not least or not most:
        raise CloudError(f"the {service} API does not say which microversions it offers")
    return VersionRange(Microversion.parse(least), Microversion.parse(most))


def _present(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}


def _request_id(response: "requests.Response") -> str | None:
    return response.headers.get("x-openstack-request-id") or response.headers.get("x-compute-request-id")


def _never_sent(error: BaseException) -> bool:
    """Tell whether the connection was never made, so that no server can have seen the request."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 - start-up time

    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        one = queue.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        if isinstance(one, (NewConnectionError, ConnectTimeoutError)):
            return True
        seen.append(one)
        queue += [one.__context__, one.__cause__, getattr(one, "reason", None), *one.args]
    return False


def _retry_after(response: Any) -> float | None:
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


def _message(reply: Reply | None, response: "requests.Response") -> str:
    """Return the API's own words about an error, whichever shape they come in.

    Nova: {"badRequest": {"message"}}; Keystone: {"error": {"message"}}; Placement: {"errors": [{"detail"}]}, whose
    first paragraph only explains the status; Glance and proxies: HTML.
    """
    body = reply.body if reply is not None else response.text
    if isinstance(body, Mapping):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            text = str(errors[0].get("detail") or errors[0].get("title") or "")
            return _line(text.strip().split("\n\n")[-1])
        for part in body.values():
            if isinstance(part, Mapping) and part.get("message"):
                return _line(part["message"])
        if body.get("message"):
            return _line(body["message"])
    text = re.sub(r"(?s)<(title|h1|style|script)\b.*?</\1>|<[^>]*>", " ", str(body or ""))
    return _line(text)[:LONGEST_MESSAGE] or response.reason or "no message"


def _line(text: object) -> str:
    return " ".join(str(text).split())
