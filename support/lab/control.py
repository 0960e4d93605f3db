"""The lab's control endpoint: what an operator does to machines, and what no OpenStack API offers.

JSON over HTTP on loopback; every request must carry the lab's token in `X-Control-Token`.
"""

import hmac
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from oslo_config import cfg
from oslo_log import log as logging

from support.lab import faults, hosts, logs
from support.lab.blueprint import LOOPBACK, Blueprint
from support.lab.hosts import DEFAULT_DRIVER, RESOURCE_PERIODIC, Fleet, Refused, UnknownHost

CONF = cfg.CONF
LOG = logging.getLogger(__name__)

NOVA_MANAGE_SECONDS = 120.0
PLACEMENT_SECONDS = 10.0

Body = dict[str, Any]
Query = dict[str, list[str]]
Handler = Callable[..., Body]


class Application:
    """The endpoint as a WSGI application."""

    def __init__(self, plan: Blueprint, fleet: Fleet):
        self._plan = plan
        self._fleet = fleet
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            ("GET", re.compile(r"/hosts"), self._list_hosts),
            ("POST", re.compile(r"/hosts"), self._add_host),
            ("DELETE", re.compile(r"/hosts/([^/]+)"), self._remove_host),
            ("POST", re.compile(r"/hosts/([^/]+)/stop"), self._stop_host),
            ("POST", re.compile(r"/hosts/([^/]+)/return"), self._return_host),
            ("POST", re.compile(r"/hosts/([^/]+)/periodic"), self._run_periodic),
            ("POST", re.compile(r"/periodic"), self._run_periodics),
            ("GET", re.compile(r"/logs"), self._read_logs),
            ("PUT", re.compile(r"/options"), self._set_option),
            ("PUT", re.compile(r"/hosts/([^/]+)/capabilities"), self._set_capabilities),
            ("POST", re.compile(r"/nova-manage"), self._run_nova_manage),
            ("PUT", re.compile(r"/placement-fault"), self._set_fault),
            ("GET", re.compile(r"/placement-fault"), self._get_fault),
            ("DELETE", re.compile(r"/placement-fault"), self._remove_fault),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, answer = self._answer(environ)
        text = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [text]

    def _answer(self, environ: dict[str, Any]) -> tuple[HTTPStatus, Body]:
        token = environ.get("HTTP_X_CONTROL_TOKEN", "")
        if not hmac.compare_digest(token.encode(), self._plan.control_token.encode()):
            return HTTPStatus.UNAUTHORIZED, {"error": "X-Control-Token is missing or not this lab's"}
        path, method = environ["PATH_INFO"].rstrip("/"), environ["REQUEST_METHOD"]
        matches = [
            (verb, match, handler) for verb, pattern, handler in self._routes if (match := pattern.fullmatch(path))
        ]
        if not matches:
            return HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {path}"}
        for verb, match, handler in matches:
            if verb == method:
                return self._call(handler, match.groups(), environ)
        return HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"{path} takes {', '.join(verb for verb, *_ in matches)}"}

    def _call(self, handler: Handler, arguments: Iterable[str], environ: dict[str, Any]) -> tuple[HTTPStatus, Body]:
        try:
            return HTTPStatus.OK, handler(*arguments, body=_read_body(environ), query=_read_query(environ))
        except UnknownHost as error:
            return HTTPStatus.NOT_FOUND, {"error": str(error)}
        except Refused as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}
        except Exception as error:
            LOG.exception("a control request failed")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"{type(error).__name__}: {error}"}

    def _list_hosts(self, *, body: Body, query: Query) -> Body:
        return {"hosts": [_describe(host) for host in self._fleet.list()]}

    def _add_host(self, *, body: Body, query: Query) -> Body:
        return _describe(self._fleet.add(body.get("driver", DEFAULT_DRIVER), body.get("host")))

    def _remove_host(self, name: str, *, body: Body, query: Query) -> Body:
        self._fleet.remove(name)
        return {}

    def _stop_host(self, name: str, *, body: Body, query: Query) -> Body:
        self._fleet.stop(name)
        return {}

    def _return_host(self, name: str, *, body: Body, query: Query) -> Body:
        guests = body.get("guests", "kept")
        if guests not in {"kept", "lost"}:
            raise Refused(f'guests: {guests!r} is neither "kept" nor "lost"')
        self._fleet.bring_back(name, guests_kept=guests == "kept")
        return {}

    def _run_periodic(self, name: str, *, body: Body, query: Query) -> Body:
        self._fleet.run_periodic(name, body.get("task", RESOURCE_PERIODIC))
        return {}

    def _run_periodics(self, *, body: Body, query: Query) -> Body:
        up = [host.name for host in self._fleet.list() if host.service is not None]
        names = body.get("hosts", up)
        for name in names:
            self._fleet.run_periodic(name, body.get("task", RESOURCE_PERIODIC))
        return {"hosts": names}

    def _read_logs(self, *, body: Body, query: Query) -> Body:
        level = query.get("level", ["DEBUG"])[0]
        if level not in logs.LEVELS:
            raise Refused(f"level: {level!r} is none of {', '.join(logs.LEVELS)}")
        return {"lines": logs.find(self._plan, query.get("request_id", []), level)}

    def _set_option(self, *, body: Body, query: Query) -> Body:
        missing = {"name", "value"} - body.keys()
        if missing:
            raise Refused(f"the body lacks {' and '.join(sorted(missing))}")
        name, group = body["name"], body.get("group", "DEFAULT")
        where = None if group == "DEFAULT" else group
        try:
            was = (CONF[where] if where else CONF)[name]
            CONF.set_override(name, body["value"], where)
        except (cfg.NoSuchOptError, cfg.NoSuchGroupError) as error:
            raise Refused(f"Nova has no option {name!r} in [{group}]") from error
        except ValueError as error:
            raise Refused(f"[{group}] {name}: {error}") from error
        return {"was": was}

    def _set_capabilities(self, name: str, *, body: Body, query: Query) -> Body:
        return {"was": self._fleet.set_capabilities(name, body)}

    def _run_nova_manage(self, *, body: Body, query: Query) -> Body:
        arguments = body.get("args")
        if not isinstance(arguments, list) or not all(isinstance(argument, str) for argument in arguments):
            raise Refused('args: a list of words is needed, such as ["placement", "audit"]')
        config = self._plan.home("nova") / "nova.conf"
        command = [sys.executable, "-P", "-m", "support.lab.nova_manage", str(os.getpid()), str(config), *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=NOVA_MANAGE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"nova-manage has not ended within {NOVA_MANAGE_SECONDS:.0f} seconds") from error
        return {"status": done.returncode, "output": done.stdout, "errors": done.stderr}

    def _set_fault(self, *, body: Body, query: Query) -> Body:
        fault = {"times": 1, "code": faults.CONCURRENT_UPDATE, "detail": "injected by the lab", **body}
        missing = {"method", "path_regex", "status"} - fault.keys()
        if missing:
            raise Refused(f"the body lacks {', '.join(sorted(missing))}")
        try:
            re.compile(fault["path_regex"])
            HTTPStatus(fault["status"])
        except (re.error, ValueError, TypeError) as error:
            raise Refused(f"path_regex or status cannot be used: {error}") from error
        return self._ask_placement("PUT", fault)

    def _get_fault(self, *, body: Body, query: Query) -> Body:
        return self._ask_placement("GET")

    def _remove_fault(self, *, body: Body, query: Query) -> Body:
        return self._ask_placement("DELETE")

    def _ask_placement(self, method: str, body: Body | None = None) -> Body:
        connection = http.client.HTTPConnection(LOOPBACK, self._plan.ports["placement"], timeout=PLACEMENT_SECONDS)
        try:
            connection.request(
                method,
                faults.PATH,
                json.dumps(body) if body is not None else None,
                {"X-Control-Token": self._plan.control_token},
            )
            answer: Body = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer


def _describe(host: hosts.Host) -> Body:
    return {"host": host.name, "state": host.state, "driver": host.driver_name}


def _read_body(environ: dict[str, Any]) -> Body:
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


def _read_query(environ: dict[str, Any]) -> Query:
    return parse_qs(environ.get("QUERY_STRING", ""))
