"""One authenticated session with one cloud over HTTP, with retries for failures of networks and APIs.

keystoneauth1 brings authentication, the catalog and TLS; openstacksdk's region says which interface, region and
certificates. What is decided here: which address and which microversion a request goes to, and for how long an API
is waited for. How one request is sent, and what may be sent again: `request`.
"""

import re
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from hamcrest import is_not, none
from stocktake.support.api.credentials import Credentials
from stocktake.support.api.endpoints import (
    API_PREFIX,
    SERVICE_TYPES,
    address_in_catalog,
    identity_in_catalog,
    services_in_catalog,
    with_version,
)
from stocktake.support.api.microversions import Microversion, VersionRange, offered_by
from stocktake.support.api.redaction import redact
from stocktake.support.api.replies import Exchange, LostAnswer, Reply
from stocktake.support.api.request import Call
from stocktake.support.api.rescoping import rescoped
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.waiting import SYSTEM_CLOCK, Clock, TookTooLong, eventually

if TYPE_CHECKING:
    from keystoneauth1.access import AccessInfo
    from keystoneauth1.session import Session as KeystoneSession

T = TypeVar("T")

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
FIRST_CONTACT = 10.0  # seconds; if Keystone never responded, its address is more likely wrong than that it restarts
SECOND_CHANCE = 3.0  # seconds; for an API that has already timed out, so that the clean-up ends, too
PATIENCE_WITH_WRITES = 3.0  # a lost request may be still on its way for so many times the slowest that was answered
LOST_BEFORE_GIVING_UP = 4  # consecutive responses; if so many are lost, the API is down
EXCHANGES_KEPT = 500
ACTION = re.compile(r"/servers/([^/]+)/action\b")


class Session:
    """One authenticated session with one cloud, as one user.

    Thread-safe as far as requests is; meant for one thread. `exchanges` holds the latest requests for reports,
    `request_ids` those of all answers received, by sessions of other users too that were made of this one; `changes`
    counts the requests that were meant to change something, by the first part of their path, and `changed` by the first
    two; `acted_on` are the ids of servers of which an action was requested, answered or not; `own_quota` says that the
    scenario has set the quota of the project, so that a refusal for it is no limit of the environment, and `why_given`
    why the run has no project of its own.
    `clock` is what every wait of this session goes by. `watch` is called with each request and its answer.
    """

    def __init__(self, target: Target, *, auth: Any = None, clock: Clock = SYSTEM_CLOCK):
        self.target = target
        self.exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_KEPT)
        self.request_ids: set[str] = set()
        self.changes: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.acted_on: set[str] = set()
        self.watch: Callable[[Exchange], object] | None = None
        self.own_quota = False
        self.why_given: str | None = None
        self._given_up: set[str] = set()
        self._auth = auth
        self.clock = clock
        self._keystone: KeystoneSession | None = None
        self._as_given: KeystoneSession | None = None
        self._endpoints: dict[str, str] = {}
        self._versions: dict[str, VersionRange] = {}
        self._secrets: set[str] = set(target.secrets)
        self._ahead: dict[str, float] = {}
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
        long: bool = False,
    ) -> Reply:
        """Send one request to a service of SERVICE_TYPES and return the answer.

        `path` is relative to the service's endpoint and begins with "/". `ok` are the statuses to return, by default
        all below 400. `repeatable` says whether it may be sent again when the answer was lost, by default according
        to the method. `authenticated=False` sends it without a token. `long` is for a list that no API divides into
        pages: its answer is waited for as long as that to a change. A DELETE that finds nothing when sent again has
        done its work and is returned.

        Raises ApiError for any other status, LostAnswer when it may have taken effect, CloudError when
        authentication is refused, and ApiError without status when the API was still failing after the patience
        for "api".
        """
        call = Call(
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
            long=long,
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
        deadline = self.clock.now() + self.target.settings.patience_for("api")
        for attempt in count(1):
            try:
                return send()
            except LostAnswer as lost:
                found = self.look_for(
                    find, within=max(lost.settling, PATIENCE_WITH_WRITES * self._slowest_write), what=what
                )
                if found is not None:
                    return found
                if attempt >= LOST_BEFORE_GIVING_UP and self.clock.now() >= deadline:
                    raise
        raise AssertionError("unreachable")

    def look_for(self, find: Callable[[], T | None], *, within: float, what: str) -> T | None:
        """Return what `find` returns as soon as that is something; None when `within` seconds have passed."""
        try:
            return eventually(find, is_not(none()), within=within, what=what, clock=self.clock)
        except TookTooLong:
            return None

    def note(self, exchange: Exchange) -> None:
        """Remember a request for reports, and how slow this cloud is at changing something."""
        self.exchanges.append(exchange)
        if self.watch is not None:
            self.watch(exchange)
        if exchange.method not in ("GET", "HEAD"):
            parts = exchange.path.partition("?")[0].strip("/").split("/")
            self.changes[parts[0]] += 1
            self.changed["/".join(parts[:2])] += 1
            if acted_on := ACTION.match(exchange.path):
                self.acted_on.add(acted_on[1])
            if exchange.status is not None:
                self._slowest_write = max(self._slowest_write, exchange.seconds)

    def note_time(self, service: str, time_there: float) -> None:
        """Remember what a service's clock showed when it answered just now, in seconds since the epoch."""
        self._ahead[service] = time_there - time.time()

    def time_at(self, service: str) -> float:
        """Return what the clock of a service shows, in seconds since the epoch; our own clock's until it answered."""
        return time.time() + self._ahead.get(service, 0.0)

    def _patiently(self, call: Call, attempt: Callable[[], Reply | None] | None = None) -> Reply:
        """Send until an answer comes that is one, or patience ends; then blame the API."""
        attempt = attempt or call.attempt
        began = self.clock.now()
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
                within=max(0.0, began + patience - self.clock.now()),
                what=f"the {call.service} API to answer {call.method} {call.path}",
                describe=lambda reply: "answered" if reply else call.problem,
                clock=self.clock,
            )
        except TookTooLong:
            self._given_up.add(call.service)
            raise call.unanswered(self.clock.now() - began) from None
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
            self._versions[service] = offered_by(body, service)
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

    @property
    def access(self) -> "AccessInfo":
        """What Keystone says about the session's user. Raises CloudError when authentication fails."""
        return self._authenticated(lambda keystone: keystone.auth.get_access(keystone))

    def work_in(self, project_id: str | None) -> None:
        """Work in another project in which the user has roles from now on; None is that of clouds.yaml again.

        Whether Keystone lets the user change to it shows at the next request.
        """
        self._as_given = given = self._as_given or self.keystone
        self._keystone = given if project_id is None else rescoped(given, self.endpoint("identity"), project_id)

    def another(self) -> "Session":
        """Return a second session of the same user of clouds.yaml, for another thread: it shares no connection."""
        session = Session(Target.load(self.target.name), clock=self.clock)
        session._contacted = self._contacted
        session._versions = dict(self._versions)
        return session

    def as_user(self, credentials: Credentials | None = None) -> "Session":
        """Return a second session for a user without the admin role, with the same patience for the same Keystone.

        Without credentials, the user of the cloud entry named under `stocktake: user_cloud`. Raises Unverified when
        there is none.
        """
        session = Session(self.target.load_user(), clock=self.clock) if credentials is None else self._for(credentials)
        session._contacted = self._contacted and session.target.auth_url == self.target.auth_url
        session.request_ids = self.request_ids
        return session

    def _for(self, credentials: Credentials) -> "Session":
        from keystoneauth1.identity import V3Password  # noqa: PLC0415 - start-up time

        auth = V3Password(
            auth_url=self.endpoint("identity"),
            user_id=credentials.user_id,
            password=credentials.password,
            project_id=credentials.project_id,
        )
        session = Session(self.target, auth=auth, clock=self.clock)
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

    def services(self) -> frozenset[str]:
        """Return the types of the services that the cloud has, as its catalog calls them."""
        return self._authenticated(services_in_catalog)

    def identity_of(self, service: str) -> str | None:
        """Return what the catalog calls a service for good: its id in Keystone and its region, whatever its address.

        None where the catalog does not say.
        """
        return self._authenticated(lambda keystone: identity_in_catalog(keystone, self._in_catalog(service)))

    def _find_endpoint(self, service: str) -> str:
        address = self._catalog_address(service)
        if not address:
            region = self.target.region
            raise CloudError(
                f'cloud "{self.target.name}" has no {service} service in its catalog for region '
                f'"{region.get_region_name(service)}" and interface "{region.get_interface(service)}"'
            )
        return with_version(address.rstrip("/"), API_PREFIX[service], lambda: self.project_id)

    def _catalog_address(self, service: str) -> str | None:
        override = self.target.region.get_endpoint(SERVICE_TYPES[service])
        if override:
            return str(override)
        return self._authenticated(lambda keystone: address_in_catalog(keystone, self._in_catalog(service)))

    def _in_catalog(self, service: str) -> dict[str, Any]:
        """Return how keystoneauth is asked for a service."""
        region, kind = self.target.region, SERVICE_TYPES[service]
        return {
            "service_type": kind,
            "service_name": region.get_service_name(kind),
            "interface": region.get_interface(kind),
            "region_name": region.get_region_name(kind),
        }

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
        host = urlsplit(self.target.auth_url).hostname or ""
        if host == "localhost" or host.startswith("127.") or host == "::1":
            keystone.session.trust_env = False  # a proxy for the outside world cannot reach this machine's loopback
        if keystone.timeout is None:
            keystone.timeout = self.target.settings.patience_for("api") / 2
        return keystone

    def _authenticated(self, ask: Callable[[Any], T]) -> T:
        """Ask keystoneauth something that may need a token or the catalog, patiently."""
        call = Call(self, method="POST", service="identity", path="/auth/tokens", repeatable=True)
        answers: list[T] = []

        def attempt() -> Reply | None:
            if not call.authenticate():
                return None
            answers.append(ask(self.keystone))
            return Reply(200, {}, None, None, 0.0)

        self._patiently(call, attempt)
        return answers[-1]

    def know_token(self, token: str | None) -> None:
        """Remember that Keystone issued a token, and redact it."""
        self._contacted = True
        self.learn_secret(token)

    def learn_secret(self, secret: str | None) -> None:
        """Remember something `redact` must hide."""
        if secret:
            self._secrets.add(secret)

    def redact(self, text: str) -> str:
        """Hide every password and token in a text, those known by value and those known by shape."""
        return redact(text, self._secrets)


def _present(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}
