"""Doubles of OpenStack's APIs that answer over real HTTP on loopback, as told, faults included."""

import contextlib
import json
import re
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import yaml
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.traits import Traits
from stocktake.support.api.placement.values import Inventory
from stocktake.support.api.session import Session
from stocktake.support.config.target import Target
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.ownership.journal import Journal
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.context import Context
from stocktake.support.waiting import SYSTEM_CLOCK

PASSWORD = "correct-horse-battery"
SLOW = 5.0  # seconds
CATALOG = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "placement": "/placement",
    "image": "/image",
    "volumev3": "/volume/v3/a-project",
}
"""Type of a service, and where it is: below the doubles' address, or somewhere else."""


@dataclass
class Answer:
    """What to answer; `then` is called before: what the request did.

    `fault`: "reset" closes the connection instead; "cut" sends half of the body as if it were all, "short" promises
    more than it sends, "slow" waits until the test is over.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    then: Callable[["Request"], None] | None = None


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


class Apis:
    """Keystone, and whatever else a test tells: `answer("GET", "/compute/v2.1/servers", say(503), say(200, {}))`.

    Answers to one request are used in turn, the last of them for ever. What nobody told is a 404.
    """

    say = Answer

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.tokens: list[str] = []
        self.catalog = dict(CATALOG)
        self.service_ids = {kind: f"id-of-{kind}" for kind in CATALOG}
        self.over = threading.Event()
        self.token: str | None = None  # None gives out another one every time
        self._scheme = "http"
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"apis": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        links = [{"rel": "self", "href": f"{self.url}/identity/v3"}]
        self.answer(
            "GET", "/identity/v3", Answer(body={"version": {"id": "v3.14", "status": "stable", "links": links}})
        )
        self.versions("compute", "2.1", "2.104")
        self.versions("placement", "1.0", "1.39")

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https"
        self._answer_version()

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = list(answers)

    def versions(self, service: str, least: str, most: str) -> None:
        path, document = {
            "compute": ("/compute/v2.1/", {"version": {"id": "v2.1", "min_version": least, "version": most}}),
            "placement": ("/placement/", {"versions": [{"id": "v1.0", "min_version": least, "max_version": most}]}),
        }[service]
        self.answer("GET", path, Answer(body=document))

    def asked(self, pattern: str = ".*") -> list[Request]:
        """Return the requests whose "METHOD /path" fits, Keystone's own excepted."""
        return [r for r in self.requests if "/identity/v3" not in r.path and re.fullmatch(pattern, r.line)]

    def next_answer(self, request: Request) -> Answer:
        self.requests.append(request)
        plain = request.path.partition("?")[0]
        for path in (request.path, plain):
            waiting = self._answers.get((request.method, path))
            if waiting:
                return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if (request.method, plain) == ("POST", "/identity/v3/auth/tokens"):
            return self._login(request)
        return Answer(404, {"itemNotFound": {"code": 404, "message": f"nobody told what {request.line} answers"}})

    def _answer_version(self) -> None:
        links = [{"rel": "self", "href": f"{self.url}/identity/v3"}]
        self.answer(
            "GET", "/identity/v3", Answer(body={"version": {"id": "v3.14", "status": "stable", "links": links}})
        )

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _login(self, request: Request) -> Answer:
        if request.body["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            return Answer(
                401, {"error": {"code": 401, "message": "The request you have made requires authentication."}}
            )
        return self.new_token()

    def new_token(self) -> Answer:
        """Return the answer to a right password."""
        token = self.token or f"gAAAA-token-number-{len(self.tokens) + 1}-of-this-test"
        self.tokens.append(token)
        catalog = [
            {
                "id": self.service_ids.get(kind),
                "type": kind,
                "name": kind,
                "endpoints": [
                    {"interface": "public", "region": "here", "region_id": "here", "url": self._at(path), "id": kind}
                ],
            }
            for kind, path in self.catalog.items()
        ]
        body = {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "a-user", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "a-project", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "catalog": catalog,
        }
        return Answer(201, {"token": body}, {"X-Subject-Token": token})


class Handler(BaseHTTPRequestHandler):
    """Answers for the `apis` of a subclass."""

    apis: Apis
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer with a body takes 40 ms

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(sent) if sent else None
        except ValueError:
            body = sent
        request = Request(self.command, self.path, dict(self.headers), body)
        answer = self.apis.next_answer(request)
        if answer.then:
            answer.then(request)
        if answer.fault == "slow":
            self.apis.over.wait(SLOW)
        if answer.fault == "reset":
            self.close_connection = True
        else:
            with contextlib.suppress(OSError):  # whoever asked may have given up
                self.give(answer)

    def give(self, answer: Answer) -> None:
        is_text = isinstance(answer.body, str)
        data = b"" if answer.body is None else answer.body.encode() if is_text else json.dumps(answer.body).encode()
        if answer.fault == "cut":
            data = data[: len(data) // 2]
        kind = "text/html" if is_text else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(data)), "Date": self.date_time_string()}
        headers |= answer.headers
        if answer.fault == "short":
            headers |= {"Content-Length": str(len(data) + 10), "Connection": "close"}
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)  # which closes the connection after `Connection: close`
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - names http.server looks for

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def apis() -> Iterator[Apis]:
    """A cloud's APIs, as the test tells them."""
    apis = Apis()
    yield apis
    apis.stop()


@pytest.fixture
def clouds_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a clouds.yaml and makes it the one that is read: `clouds_yaml({"name": {...}})`."""
    for name in ("OS_CLOUD", "OS_CLIENT_SECURE_FILE"):
        monkeypatch.delenv(name, raising=False)

    def write(clouds: Any) -> Path:
        path = tmp_path / "clouds.yaml"
        path.write_text(clouds if isinstance(clouds, str) else yaml.safe_dump({"clouds": clouds}))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
        return path

    return write


def cloud_entry(auth_url: str, *, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    """Return what stands in clouds.yaml under a cloud's name."""
    auth = {
        "auth_url": auth_url,
        "username": "admin",
        "password": password,
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    return {"auth": auth, "region_name": "here", **more}


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Makes entries of clouds.yaml."""
    return cloud_entry


@pytest.fixture
def open_session(apis: Apis, clouds_yaml: Callable[..., Path], fake_clock: Any) -> Callable[..., Session]:
    """Opens a session with the doubles; keywords are keys of the cloud, `stocktake=` its settings. Time is fake."""

    def opened(**more: Any) -> Session:
        clouds_yaml({"double": cloud_entry(f"{apis.url}/identity/v3", **more)})
        return Session(Target.load("double"), clock=fake_clock)

    return opened


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """A session with the doubles."""
    return open_session()


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# Placement itself, inside this process


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def placement_application(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Placement itself, with a database of its own and without Keystone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oslo_config import cfg  # noqa: PLC0415 - its imports warn
        from oslo_policy import opts as policy_opts  # noqa: PLC0415
        from placement import conf, deploy  # noqa: PLC0415

        database = tmp_path_factory.mktemp("placement") / "placement.sqlite"
        config = cfg.ConfigOpts()
        conf.register_opts(config)
        config.set_override("connection", f"sqlite:///{database}", group="placement_database")
        config.set_override("sqlite_synchronous", False, group="placement_database")
        config.set_override("sync_on_startup", True, group="placement_database")
        config.set_override("auth_strategy", "noauth2", group="api")
        config([], default_config_files=[], default_config_dirs=[])
        policy_opts.set_defaults(config)
        return deploy.loadapp(config)


@pytest.fixture(scope="session")
def placement_address(placement_application: Any) -> Iterator[str]:
    """Where Placement listens."""
    server = make_server("127.0.0.1", 0, placement_application, handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


# A scenario's world: Nova's answers as a test tells them, books, and time that passes only in waits


class Nova:
    """Nova's part of the doubles, in the words of the tests: hosts, and what one server looks like in turn.

    A server "web" has the id "web-id", unless `ids` gives it another one.
    """

    gone = None
    url = "/compute/v2.1"

    def __init__(self, apis: Apis):
        self.ids: dict[str, str] = {}
        self._apis = apis
        self._services: dict[str, dict[str, Any]] = {}

    def host(self, name: str, *, node: str | None = None, uuid: str | None = None, **more: Any) -> ComputeHost:
        """Tell of a compute host; again with other details when they have changed."""
        host = ComputeHost(name, node or f"{name}.example", uuid or f"{name}-uuid")
        service = {"id": f"{name}-service", "host": name, "binary": "nova-compute", "state": "up", "status": "enabled"}
        self._services[name] = service | {"zone": "nova", "forced_down": False, **more}
        hypervisor = {"id": host.provider, "hypervisor_hostname": host.node, "service": {"host": name}}
        hypervisor |= {"hypervisor_type": "fake"}
        self._tell_services()
        self._tell("GET", f"/os-hypervisors/detail?hypervisor_hostname_pattern={name}", {"hypervisors": [hypervisor]})
        self._tell(
            "GET", f"/os-hypervisors/detail?hypervisor_hostname_pattern={host.node}", {"hypervisors": [hypervisor]}
        )
        self._tell("GET", f"/os-migrations?host={name}&limit=1000", {"migrations": []})
        self.counts(host)
        return host

    def counts(self, host: ComputeHost, **figures: int) -> None:
        """Tell a hypervisor's own figures, such as vcpus_used=1; those that are not told are 0."""
        shown = {"id": host.provider, "hypervisor_hostname": host.node, "service": {"host": host.service}}
        shown |= {"vcpus_used": 0, "memory_mb_used": 0, "local_gb_used": 0, **figures}
        self._tell("GET", f"/os-hypervisors/{host.provider}", {"hypervisor": shown})

    def retire(self, name: str) -> None:
        """Forget a host's compute service and node."""
        del self._services[name]
        self._tell_services()
        self._tell("GET", f"/os-services?host={name}&binary=nova-compute", {"services": []})
        for shown in (name, f"{name}.example"):
            self._tell("GET", f"/os-hypervisors/detail?hypervisor_hostname_pattern={shown}", {"hypervisors": []})

    def goes_down(self, name: str) -> None:
        """Tell that a host's compute service is down."""
        self._services[name]["state"] = "down"
        self._tell_services()

    def looks(self, server: str, *states: dict[str, Any] | None) -> None:
        """Tell what a server looks like at each reading, the last for ever: status, task, host and more, or `gone`."""
        answers = [self._shown(server, state) for state in states]
        self._apis.answer("GET", f"{self.url}/servers/{self._id(server)}", *answers)

    def records(self, server: str, action: str, request: str, *readings: list[tuple[str, str | None]] | None) -> None:
        """Tell an action's events at each reading: (name, result) each, None while running; None before the first."""
        answers = [self._recorded(action, request, reading) for reading in readings]
        self._apis.answer("GET", f"{self.url}/servers/{self._id(server)}/os-instance-actions/{request}", *answers)

    def moves(self, server: str, *readings: list[dict[str, Any]]) -> None:
        """Tell a server's migrations at each reading."""
        path = f"{self.url}/os-migrations?instance_uuid={self._id(server)}&limit=1000"
        self._apis.answer("GET", path, *(Answer(body={"migrations": self._moves(server, each)}) for each in readings))

    def moves_on(self, host: str, *moves: dict[str, Any]) -> None:
        """Tell the migrations that leave a host or come to it, whosesoever."""
        self._tell("GET", f"/os-migrations?host={host}&limit=1000", {"migrations": self._moves("other", list(moves))})

    def accepts(self, method: str, path: str, *requests: str, body: Any = None, status: int = 202) -> None:
        """Agree to a request, under these request ids in turn."""
        ids = requests or ("req-1",)
        answers = [Answer(status, body, {"x-openstack-request-id": request}) for request in ids]
        self._apis.answer(method, self.url + path, *answers)

    def refuses(self, method: str, path: str, status: int = 409, message: str = "no") -> None:
        """Say no."""
        self._apis.answer(method, self.url + path, Answer(status, {"conflictingRequest": {"message": message}}))

    def asked(self, pattern: str) -> list[Request]:
        """Return the requests whose "METHOD /path" below Nova's address fits."""
        method, _, path = pattern.partition(" ")
        return self._apis.asked(f"{method} {re.escape(self.url)}{path}")

    def _id(self, server: str) -> str:
        return self.ids.get(server, f"{server}-id")

    def _tell(self, method: str, path: str, body: Any) -> None:
        self._apis.answer(method, self.url + path, Answer(body=body))

    def _tell_services(self) -> None:
        for name, service in self._services.items():
            self._tell("GET", f"/os-services?host={name}&binary=nova-compute", {"services": [service]})
        self._tell("GET", "/os-services?binary=nova-compute", {"services": list(self._services.values())})

    def _shown(self, server: str, state: dict[str, Any] | None) -> Answer:
        if state is None:
            return Answer(
                404, {"itemNotFound": {"code": 404, "message": f"Instance {self._id(server)} could not be found."}}
            )
        shown = {"id": self._id(server), "name": server, "image": {"id": "an-image"}, **state}
        shown["OS-EXT-STS:task_state"] = shown.pop("task", None)
        shown["OS-EXT-SRV-ATTR:host"] = shown.pop("host", None)
        if "fault" in shown:
            shown["fault"] = {"message": shown["fault"], "code": 500}
        return Answer(body={"server": shown})

    def _recorded(self, action: str, request: str, events: list[tuple[str, str | None]] | None) -> Answer:
        if events is None:
            return Answer(404, {"itemNotFound": {"code": 404, "message": "no such action"}})
        told = [
            {"event": name, "result": result, "start_time": str(number), "finish_time": result and "9"}
            for number, (name, result) in enumerate(events)
        ]
        message = "Error" if any(result == "Error" for _, result in events) else None
        return Answer(
            body={"instanceAction": {"action": action, "request_id": request, "message": message, "events": told}}
        )

    def _moves(self, server: str, moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"id": 1, "uuid": "a-migration", "instance_uuid": self._id(server), **move} for move in moves]


@pytest.fixture
def nova(apis: Apis) -> Nova:
    """Nova's part of the doubles."""
    return Nova(apis)


@pytest.fixture
def passing_time(monkeypatch: pytest.MonkeyPatch, fake_clock: Any) -> Any:
    """Time for everything that waits: it passes in waits only, and at once."""
    monkeypatch.setattr(SYSTEM_CLOCK, "now", fake_clock.now)
    monkeypatch.setattr(SYSTEM_CLOCK, "sleep", fake_clock.sleep)
    return fake_clock


@pytest.fixture
def open_cloud(
    apis: Apis, clouds_yaml: Callable[..., Path], passing_time: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Cloud]]:
    """Opens a cloud on the doubles, with a journal of its own; keywords are settings. Time is fake.

    Accounts settle soon unless a test says otherwise: the real Placement is read again and again while they do not.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    apis.answer("GET", "/image/v2/images", Answer(body={"images": [an_image()]}))
    with contextlib.ExitStack() as stack:

        def opened(**settings: Any) -> Cloud:
            patience = {"accounts": 2, **settings.pop("patience", {})}
            described = cloud_entry(f"{apis.url}/identity/v3", stocktake={**settings, "patience": patience})
            clouds_yaml({"double": described})
            target = Target.load("double")
            journal = stack.enter_context(Journal(Mark.new(), cloud="double", auth_url=apis.url, folder=tmp_path))
            return Cloud(target, journal)

        yield opened


def an_image() -> dict[str, Any]:
    image = {"id": "an-image", "name": "cirros", "status": "active", "size": 512, "min_disk": 0, "min_ram": 0}
    return {**image, "visibility": "public"}


@pytest.fixture
def cloud(open_cloud: Callable[..., Cloud]) -> Cloud:
    """A cloud on the doubles."""
    return open_cloud()


@pytest.fixture
def context(cloud: Cloud, nova: Nova, passing_time: Any) -> Context:
    """The books of a scenario that is alone and holds cmp-1 and cmp-2, playing "alpha" and "beta"."""
    roles = Roles([nova.host("cmp-1"), nova.host("cmp-2")])
    roles.bind("alpha", "beta")
    return Context(cloud, 1, roles, Undoing(cloud.journal, cloud), alone=True)


class Accounts:
    """Real accounts: hosts that are providers of the real Placement, and consumers that hold something there."""

    def __init__(self, placement: Placement, nova: Nova):
        self.placement = placement
        self.traits = Traits(placement.session)
        self._nova = nova

    def host(self, name: str, **more: Any) -> ComputeHost:
        """Make a host of 8 VCPU, 8192 MB and 100 GB, known to Nova under a name that no other test uses."""
        real = f"{name}-{uuid4().hex[:8]}"
        provider = self.placement.create_provider(f"{real}.example")
        room = {"VCPU": Inventory(8), "MEMORY_MB": Inventory(8192), "DISK_GB": Inventory(100)}
        self.placement.set_inventories(provider.uuid, room)
        return self._nova.host(real, uuid=provider.uuid, **more)

    def hold(self, where: str | ComputeHost, consumer: str | None = None, **amounts: int) -> str:
        """Let a consumer hold these amounts on a host, beside what it holds elsewhere; return its uuid."""
        consumer = consumer or str(uuid4())
        provider = where if isinstance(where, str) else where.provider
        now = self.placement.allocations(consumer)
        rows = {**now.allocations, provider: Resources(amounts)}
        self.placement.set_allocations(
            consumer,
            {each: held for each, held in rows.items() if held},
            generation=now.generation,
            project_id="a-project",
            user_id="a-user",
        )
        return consumer


@pytest.fixture
def accounts(apis: Apis, nova: Nova, cloud: Cloud, placement_address: str) -> Accounts:
    """The real Placement behind the cloud."""
    apis.catalog["placement"] = placement_address
    apis.token = "admin"
    return Accounts(cloud.placement, nova)


@pytest.fixture
def real_books(accounts: Accounts, cloud: Cloud, passing_time: Any) -> Context:
    """The books of a scenario that holds two hosts of the real Placement, playing "alpha" and "beta"."""
    roles = Roles([accounts.host("cmp-1"), accounts.host("cmp-2")])
    roles.bind("alpha", "beta")
    context = Context(cloud, 1, roles, Undoing(cloud.journal, cloud))
    context.accounts.open()
    return context
