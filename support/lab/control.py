"""The lab's control endpoint: actions on machines, and others that no OpenStack API offers.

JSON over HTTP on loopback; every request must carry the lab's token in `X-Control-Token`. The response is 400 for what
cannot be carried out and 404 for an unknown host, both with a sentence in `error`, and 501 for what the lab or its
release does not have, with the reason in `error` and what to do in `remedy`.

| request | body | answer |
| --- | --- | --- |
| GET /hosts | | `{"hosts": [{"host", "state", "driver"}]}`; the state is `up`, `failed` or `stopped` |
| POST /hosts | `{"driver", "host"}`, both optional | the new host, as above |
| DELETE /hosts/NAME | | stops it permanently; Nova's records are left to API users |
| POST /hosts/NAME/stop | | Nova reports its compute service as down at once |
| POST /hosts/NAME/fail | | Nova reports its compute service as up until `stop`; messages wait, calls time out |
| DELETE /hosts/NAME/messages | | `{"dropped"}`: how many messages waited for a host that is not up |
| POST /hosts/NAME/return | `{"guests", "driver", "network_agent"}`, all optional | starts a new compute service |
| POST /hosts/NAME/periodic | `{"task"}`, optional | runs `update_available_resource`, or another task |
| POST /periodic | `{"hosts": [...], "task"}`, both optional | the same on several hosts, one after the other |
| PUT /hosts/NAME/capabilities | `{"supports_...": false}` | `{"was": {...}}` |
| PUT /hosts/NAME/network-agent | `{"kbits", "packet_rate"}`, both optional | its report: `{"resources_synced"}` |
| POST /hosts/NAME/network-agent/stop | | Neutron reports it as down at once |
| POST /hosts/NAME/ports/ID/up | | the network agent reports the device of a port as up |
| POST /cells/NUMBER/lose | | the cell's database fails every query from now on, for good |
| GET /logs?request_id=...&level=... | | `{"lines": [...]}` of all services, in order of time |
| GET /options?group=...&name=... | | `{"value"}` |
| PUT /options | `{"group", "name", "value"}` | `{"was"}`; Nova's configuration from now on |
| POST /nova-manage | `{"args": [...]}` | `{"status", "output", "errors"}` |
| POST /topics/NAME/hold | | messages of that topic, such as `scheduler`, wait |
| POST /topics/NAME/release | | they are delivered again |
| GET /topics/NAME | | `{"pending"}`: how many of its messages wait or are being handled |
| PUT /faults/SERVICE | `{"method", "path_regex", "status", "times", "code"}` | see `services.faults` |
| GET, DELETE /faults/SERVICE | | how often it was returned, as `seen` |
"""

import hmac
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from oslo_config import cfg
from oslo_log import log as logging
from stocktake.support.lab import inner_requests, logs
from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.hosts import fleet
from stocktake.support.lab.hosts.fleet import RESOURCE_PERIODIC, Fleet, NotOfThisLab, Refused, UnknownHost
from stocktake.support.lab.hosts.network import AgentRefused
from stocktake.support.lab.services import faults, messaging
from stocktake.support.lab.shape import DEFAULT_DRIVER

CONF = cfg.CONF
LOG = logging.getLogger(__name__)

NOVA_MANAGE_SECONDS = 120.0
FILTER_SECONDS = 10.0

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request: `name` is the host or topic in the path, if any, `inner` what follows it there."""

    name: str
    inner: str
    body: Json
    query: dict[str, list[str]]


class Application:
    """The endpoint as a WSGI application."""

    def __init__(self, plan: Blueprint, fleet: Fleet):
        self._plan = plan
        self._fleet = fleet
        host, topic, fault = "/hosts/([^/]+)", "/topics/([^/]+)", "/faults/([^/]+)"
        self._routes: list[tuple[str, str, Callable[[Request], Json]]] = [
            ("GET", "/hosts", self._list_hosts),
            ("POST", "/hosts", self._add_host),
            ("DELETE", host, self._remove_host),
            ("POST", f"{host}/stop", self._stop_host),
            ("POST", f"{host}/fail", self._fail_host),
            ("DELETE", f"{host}/messages", self._drop_messages),
            ("POST", f"{host}/return", self._return_host),
            ("POST", f"{host}/periodic", self._run_periodic),
            ("PUT", f"{host}/capabilities", self._set_capabilities),
            ("PUT", f"{host}/network-agent", self._report_network),
            ("POST", f"{host}/network-agent/stop", self._stop_network_agent),
            ("POST", f"{host}/ports/([^/]+)/up", self._bring_port_up),
            ("POST", "/periodic", self._run_periodics),
            ("POST", "/cells/([0-9]+)/lose", self._lose_cell),
            ("GET", topic, self._describe_topic),
            ("POST", f"{topic}/hold", self._hold_topic),
            ("POST", f"{topic}/release", self._release_topic),
            ("GET", "/logs", self._read_logs),
            ("GET", "/options", self._get_option),
            ("PUT", "/options", self._set_option),
            ("POST", "/nova-manage", self._run_nova_manage),
            ("PUT", fault, self._set_fault),
            ("GET", fault, self._get_fault),
            ("DELETE", fault, self._remove_fault),
        ]

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Handle one request; see the table at the top."""
        status, answer = self._answer(environ)
        return faults.answer(start_response, status, answer)

    def _answer(self, environ: Json) -> tuple[HTTPStatus, Json]:
        token = environ.get("HTTP_X_CONTROL_TOKEN", "")
        if not hmac.compare_digest(token.encode(), self._plan.control_token.encode()):
            return HTTPStatus.UNAUTHORIZED, {"error": "X-Control-Token is missing or not this lab's"}
        path, method = environ["PATH_INFO"].rstrip("/"), environ["REQUEST_METHOD"]
        fitting = {
            verb: (match, handler)
            for verb, pattern, handler in self._routes
            if (match := re.fullmatch(pattern, path)) is not None
        }
        if not fitting:
            return HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {path}"}
        if method not in fitting:
            return HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"{path} takes {', '.join(fitting)}"}
        match, handler = fitting[method]
        return _call(handler, match.groups(), environ)

    def _list_hosts(self, _request: Request) -> Json:
        return {"hosts": [_describe(host) for host in self._fleet.list()]}

    def _add_host(self, request: Request) -> Json:
        return _describe(self._fleet.add(request.body.get("driver", DEFAULT_DRIVER), request.body.get("host")))

    def _remove_host(self, request: Request) -> Json:
        self._fleet.remove(request.name)
        return {}

    def _stop_host(self, request: Request) -> Json:
        self._fleet.stop(request.name)
        return {}

    def _fail_host(self, request: Request) -> Json:
        self._fleet.fail(request.name)
        return {}

    def _drop_messages(self, request: Request) -> Json:
        return {"dropped": self._fleet.drop_messages(request.name)}

    def _describe_topic(self, request: Request) -> Json:
        return {"pending": messaging.pending(request.name)}

    def _hold_topic(self, request: Request) -> Json:
        messaging.hold(request.name)
        return {}

    def _release_topic(self, request: Request) -> Json:
        messaging.release(request.name)
        return {}

    def _return_host(self, request: Request) -> Json:
        """Start a compute service with guests that are "kept" (or "lost"), and what a driver has; the network agent is
        "started" as well (or has gone on "running")."""
        guests = request.body.get("guests", "kept")
        if guests not in {"kept", "lost"}:
            raise Refused(f'guests: {guests!r} is neither "kept" nor "lost"')
        agent = request.body.get("network_agent", "started")
        if agent not in {"started", "running"}:
            raise Refused(f'network_agent: {agent!r} is neither "started" nor "running"')
        self._fleet.bring_back(
            request.name,
            guests_kept=guests == "kept",
            driver=request.body.get("driver"),
            agent_starts=agent == "started",
        )
        return {}

    def _run_periodic(self, request: Request) -> Json:
        self._fleet.run_periodic(request.name, request.body.get("task", RESOURCE_PERIODIC))
        return {}

    def _run_periodics(self, request: Request) -> Json:
        up = [host.name for host in self._fleet.list() if host.service is not None]
        names = request.body.get("hosts", up)
        for name in names:
            self._fleet.run_periodic(name, request.body.get("task", RESOURCE_PERIODIC))
        return {"hosts": names}

    def _report_network(self, request: Request) -> Json:
        budget = {key: request.body[key] for key in ("kbits", "packet_rate") if key in request.body}
        if not all(type(amount) is int and amount > 0 for amount in budget.values()):
            raise Refused(f"{budget}: both are positive integers")
        return {"resources_synced": self._fleet.report_network(request.name, **budget)}

    def _stop_network_agent(self, request: Request) -> Json:
        self._fleet.stop_network_agent(request.name)
        return {}

    def _bring_port_up(self, request: Request) -> Json:
        self._fleet.bring_port_up(request.name, request.inner)
        return {}

    def _lose_cell(self, request: Request) -> Json:
        self._fleet.lose_cell(int(request.name))
        return {}

    def _set_capabilities(self, request: Request) -> Json:
        return {"was": self._fleet.set_capabilities(request.name, request.body)}

    def _read_logs(self, request: Request) -> Json:
        level = request.query.get("level", ["DEBUG"])[0]
        if level not in logs.LEVELS:
            raise Refused(f"level: {level!r} is not one of {', '.join(logs.LEVELS)}")
        return {"lines": logs.find(self._plan, request.query.get("request_id", []), level)}

    def _get_option(self, request: Request) -> Json:
        name, group = (request.query.get(key, [default])[0] for key, default in (("name", ""), ("group", "DEFAULT")))
        return {"value": _option(name, group)}

    def _set_option(self, request: Request) -> Json:
        _require(request.body, "name", "value")
        name, group = request.body["name"], request.body.get("group", "DEFAULT")
        was = _option(name, group)
        try:
            CONF.set_override(name, request.body["value"], None if group == "DEFAULT" else group)
        except ValueError as error:
            raise Refused(f"[{group}] {name}: {error}") from error
        return {"was": was}

    def _run_nova_manage(self, request: Request) -> Json:
        arguments = request.body.get("args")
        if not isinstance(arguments, list) or not all(isinstance(argument, str) for argument in arguments):
            raise Refused('args: a list of words is needed, such as ["placement", "audit"]')
        config = self._plan.home("nova") / "nova.conf"
        command = [
            sys.executable,
            "-P",
            "-m",
            "stocktake.support.lab.services.nova_manage",
            str(os.getpid()),
            str(config),
            *arguments,
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=NOVA_MANAGE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"nova-manage did not end within {NOVA_MANAGE_SECONDS:.0f} seconds") from error
        return {"status": done.returncode, "output": done.stdout, "errors": done.stderr}

    def _set_fault(self, request: Request) -> Json:
        _require(request.body, "method", "path_regex", "status")
        try:
            re.compile(request.body["path_regex"])
            HTTPStatus(request.body["status"])
        except (re.error, ValueError, TypeError) as error:
            raise Refused(f"path_regex or status cannot be used: {error}") from error
        return self._ask_filter(request.name, "PUT", request.body)

    def _get_fault(self, request: Request) -> Json:
        return self._ask_filter(request.name, "GET")

    def _remove_fault(self, request: Request) -> Json:
        return self._ask_filter(request.name, "DELETE")

    def _ask_filter(self, service: str, method: str, body: Json | None = None) -> Json:
        fallible = [name for name in faults.FALLIBLE if name in self._plan.services]
        if service not in fallible:
            raise Refused(f"no faults can be injected into {service!r}; choose one of {', '.join(fallible)}")
        return inner_requests.ask(self._plan, service, method, faults.PATH, body, seconds=FILTER_SECONDS)[1]


def _option(name: str, group: str) -> Any:
    try:
        return (CONF if group == "DEFAULT" else CONF[group])[name]
    except (cfg.NoSuchOptError, cfg.NoSuchGroupError) as error:
        raise Refused(f"Nova has no option {name!r} in [{group}]") from error


def _call(handler: Callable[[Request], Json], names: Sequence[str], environ: Json) -> tuple[HTTPStatus, Json]:
    try:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        name, inner = [*names, "", ""][:2]
        return HTTPStatus.OK, handler(Request(name, inner, _read_body(environ), query))
    except UnknownHost as error:
        return HTTPStatus.NOT_FOUND, {"error": str(error)}
    except NotOfThisLab as error:
        return HTTPStatus.NOT_IMPLEMENTED, {"error": error.reason, "remedy": error.remedy}
    except (Refused, AgentRefused) as error:
        return HTTPStatus.BAD_REQUEST, {"error": str(error)}
    except Exception as error:  # any exception of Nova is returned
        LOG.exception("a control request failed")
        return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"{type(error).__name__}: {error}"}


def _describe(host: fleet.Host) -> Json:
    return {"host": host.name, "state": host.state, "driver": host.driver_name}


def _read_body(environ: Json) -> Json:
    text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused("the body is not a JSON object")
    return body


def _require(body: Json, *names: str) -> None:
    missing = [name for name in names if name not in body]
    if missing:
        raise Refused(f"the body lacks {', '.join(missing)}")
