"""The control endpoint of a lab: actions on hosts, and those that only the embedded cloud offers."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests
from stocktake.support.api.connection_errors import never_connected, why
from stocktake.support.errors import CloudError, NotDone, Unverified
from stocktake.support.hosts.disruption import Guests

HTTP_LIMIT = 120.0  # seconds for one request to a control endpoint; a compute service may be slow to start
IN_CLOUDS_YAML = '"stocktake: control:" of the cloud in clouds.yaml'
UNTRUSTED = (401, 403)
PLACEMENT = "placement"
"""The service into which most faults are injected."""


class HttpControl:
    """The control endpoint of a lab: JSON over HTTP with a token."""

    def __init__(self, url: str, token: str):
        self.url = url.rstrip("/")
        self.acts = 0
        self.awaited_interval: float | None = None
        self._session = requests.Session()
        # The endpoint is on this machine, so no proxy must be used.
        self._session.trust_env = False
        self._session.headers["X-Control-Token"] = token

    def __repr__(self) -> str:
        return f"HttpControl({self.url!r})"

    def missing(self, action: str) -> Unverified | None:  # noqa: ARG002 - a lab can do everything
        """Nothing is missing."""
        return None

    def hosts(self) -> list[dict[str, str]]:
        """Every compute host: `host`, `state` ("up", "failed" or "stopped") and `driver`."""
        return list(self._request("GET", "/hosts")["hosts"])

    def stop_host(self, host: str) -> None:
        """Stop the host's compute service; its guests keep running."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/stop")

    def fail_host(self, host: str) -> None:
        """Halt the host like a power failure that Nova does not notice before `stop_host`."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/fail")

    def drop_messages(self, host: str) -> None:
        """Delete the messages that wait for a failed or stopped host."""
        self._request("DELETE", f"/hosts/{quote(host, safe='')}/messages")

    def return_host(self, host: str, guests: Guests = "kept") -> None:
        """Start the host's compute service again, its guests as they were or lost."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/return", {"guests": guests})

    def return_host_as(self, host: str, driver: str) -> None:
        """Start the compute service of a libvirt host again, with its guests, and the hardware of another profile."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/return", {"guests": "kept", "driver": driver})

    def register_host(self, host: str) -> None:
        """Start a compute service on a host whose own was deleted; its network agent has gone on running meanwhile."""
        body = {"guests": "kept", "network_agent": "running"}
        self._request("POST", f"/hosts/{quote(host, safe='')}/return", body)

    def start_network_agent(self, host: str) -> None:
        """Let the network agent of a host start anew, which then reports what the host has of the network."""
        self._request("PUT", f"/hosts/{quote(host, safe='')}/network-agent", {})

    def run_periodic(self, host: str | None = None) -> None:
        """Return when the resource tracker's periodic task has run on that host, or on all that are up."""
        path = "/periodic" if host is None else f"/hosts/{quote(host, safe='')}/periodic"
        self._request("POST", path)

    def run_periodics(self, hosts: Sequence[str]) -> None:
        """Return when the resource tracker's periodic task has run on each of these hosts, one after the other."""
        self._request("POST", "/periodic", {"hosts": list(hosts)})

    def run_task(self, host: str, task: str) -> None:
        """Return when another periodic task of that host's compute manager has run, by the name of its method."""
        self._request("POST", f"/hosts/{quote(host, safe='')}/periodic", {"task": task})

    def read_log(self, host: str | None, request_ids: Iterable[str]) -> list[str]:  # noqa: ARG002 - one log for all
        """Warning and error lines of Nova's log that belong to these requests."""
        params = [("request_id", request_id) for request_id in request_ids]
        return list(self._request("GET", "/logs", params=[*params, ("level", "WARNING")])["lines"])

    def add_host(self, driver: str, name: str | None = None) -> str:
        """Add a compute host with that virt driver class and return its name."""
        return str(self._request("POST", "/hosts", {"driver": driver} | ({"host": name} if name else {}))["host"])

    def remove_host(self, host: str) -> None:
        """Remove a host that `add_host` added."""
        self._request("DELETE", f"/hosts/{quote(host, safe='')}")

    def option(self, option: str, group: str = "DEFAULT") -> Any:
        """Read one of Nova's options."""
        return self._request("GET", "/options", params=[("group", group), ("name", option)])["value"]

    def configure(self, option: str, value: Any, group: str = "DEFAULT") -> Any:
        """Set one of Nova's options and return what it was before."""
        return self._request("PUT", "/options", {"group": group, "name": option, "value": value})["was"]

    # Only a lab offers these

    def set_capabilities(self, host: str, capabilities: Mapping[str, bool]) -> dict[str, bool]:
        """Change the `supports_...` capabilities of a host's virt driver; return the previous ones."""
        path = f"/hosts/{quote(host, safe='')}/capabilities"
        return dict(self._request("PUT", path, dict(capabilities))["was"])

    def lose_cell(self, number: int) -> None:
        """Let the database of one of Nova's cells, counted from 1, fail every query from now on, for good."""
        self._request("POST", f"/cells/{number}/lose")

    def nova_manage(self, *arguments: str) -> tuple[int, str]:
        """Run nova-manage with these arguments and return its exit status and what it printed."""
        done = self._request("POST", "/nova-manage", {"args": list(arguments)})
        return int(done["status"]), str(done["output"]) + str(done["errors"])

    def hold_topic(self, topic: str) -> None:
        """Let messages of a topic of Nova, such as `scheduler`, wait."""
        self._request("POST", f"/topics/{quote(topic, safe='')}/hold")

    def release_topic(self, topic: str) -> None:
        """Deliver the messages of a topic again."""
        self._request("POST", f"/topics/{quote(topic, safe='')}/release")

    def pending(self, topic: str) -> int:
        """Return how many messages of a topic wait or are being handled."""
        return int(self._request("GET", f"/topics/{quote(topic, safe='')}")["pending"])

    def inject_fault(
        self, method: str, path_regex: str, *, status: int, detail: str, times: int = 1, service: str = PLACEMENT
    ) -> None:
        """Let a service answer the next requests of that method and path with an error, and not carry them out.

        The error's code is that of a concurrent update in Placement; `detail` is its message.
        """
        fault = {"method": method, "path_regex": path_regex, "status": status, "detail": detail, "times": times}
        self._request("PUT", f"/faults/{service}", fault)

    def fault(self, service: str = PLACEMENT) -> Mapping[str, Any]:
        """Return the fault that was injected: `seen` is how often it was returned, `times` how often it still will
        be."""
        return self._request("GET", f"/faults/{service}")

    def remove_fault(self, service: str = PLACEMENT) -> None:
        """Remove the fault that was injected, if any."""
        self._request("DELETE", f"/faults/{service}")

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, params: Sequence[tuple[str, str]] = ()
    ) -> dict[str, Any]:
        self.acts += method != "GET"
        try:
            answer = self._session.request(
                method, self.url + path, json=body if method != "GET" else None, params=params, timeout=HTTP_LIMIT
            )
            content = answer.json() if answer.content else {}
        except requests.RequestException as error:
            if never_connected(error):
                reason = f"the control endpoint {self.url} cannot be reached: {why(error)}"
                raise NotDone(reason, f'correct "url" under {IN_CLOUDS_YAML}') from error
            raise CloudError(f"the control endpoint {self.url} did not answer {method} {path}: {why(error)}") from error
        if answer.status_code in UNTRUSTED:
            raise NotDone(
                f"the control endpoint {self.url} does not accept the token", f'correct "token" under {IN_CLOUDS_YAML}'
            )
        if answer.status_code == HTTPStatus.NOT_IMPLEMENTED and isinstance(content, dict):
            raise Unverified(str(content.get("error")), str(content.get("remedy")))
        if not answer.ok:
            said = content.get("error") or content.get("message") or content if isinstance(content, dict) else content
            raise CloudError(f"the control endpoint refused {method} {path} with {answer.status_code}: {said}")
        return content if isinstance(content, dict) else {}
