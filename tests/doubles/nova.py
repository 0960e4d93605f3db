"""Nova's answers, in the words of the tests: hosts, servers, their migrations and events."""

import re
from typing import Any

import pytest
from stocktake.support.hosts.roles import ComputeHost

from tests.doubles.apis import Answer, Apis, Request

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
        self._nodes: dict[str, dict[str, Any]] = {}
        self._aggregates: list[dict[str, Any]] = []

    def host(
        self, name: str, *, node: str | None = None, uuid: str | None = None, hypervisor: Any = None, **more: Any
    ) -> ComputeHost:
        """Tell of a compute host; again with other details, of its service or `hypervisor`, when they have changed."""
        host = ComputeHost(name, node or f"{name}.example", uuid or f"{name}-uuid")
        service = {"id": f"{name}-service", "host": name, "binary": "nova-compute", "state": "up", "status": "enabled"}
        self._services[name] = service | {"zone": "nova", "forced_down": False, **more}
        shown = {"id": host.provider, "hypervisor_hostname": host.node, "service": {"host": name}}
        self._nodes[name] = shown | {"hypervisor_type": "fake"} | (hypervisor or {})
        self._tell_services()
        self._tell_nodes()
        self.aggregate()
        for pattern in (name, host.node):
            path = f"/os-hypervisors/detail?hypervisor_hostname_pattern={pattern}"
            self._tell("GET", path, {"hypervisors": [self._nodes[name]]})
        self._tell("GET", f"/os-migrations?host={name}&limit=200", {"migrations": []})
        self.counts(host)
        return host

    def aggregate(self, name: str = "", *hosts: ComputeHost, zone: str | None = None, **metadata: str) -> None:
        """Tell of a host aggregate, beside those told before; of none without a name."""
        if name:
            told = {"availability_zone": zone, "hosts": [host.service for host in hosts], "metadata": metadata}
            number = len(self._aggregates) + 1
            self._aggregates.append({"id": number, "uuid": f"aggregate-{number}", "name": name, **told})
        self._tell("GET", "/os-aggregates", {"aggregates": self._aggregates})

    def counts(self, host: ComputeHost, **figures: int) -> None:
        """Tell a hypervisor's own figures, such as vcpus_used=1; those that are not told are 0."""
        shown = {"id": host.provider, "hypervisor_hostname": host.node, "service": {"host": host.service}}
        shown |= {"vcpus_used": 0, "memory_mb_used": 0, "local_gb_used": 0, **figures}
        self._tell("GET", f"/os-hypervisors/{host.provider}", {"hypervisor": shown})

    def retire(self, name: str) -> None:
        """Forget a host's compute service and node."""
        del self._services[name], self._nodes[name]
        self._tell_services()
        self._tell_nodes()
        self._tell("GET", f"/os-services?host={name}&binary=nova-compute", {"services": []})
        for shown in (name, f"{name}.example"):
            self._tell("GET", f"/os-hypervisors/detail?hypervisor_hostname_pattern={shown}", {"hypervisors": []})

    def is_for_us_alone(self, *hosts: str) -> None:
        """Tell that nobody has a server, on these hosts or elsewhere, that these hold nothing, and their traits."""
        self._tell("GET", "/servers/detail?all_tenants=1&limit=200", {"servers": []})
        for host in hosts:
            self._tell("GET", f"/servers/detail?host={host}&all_tenants=1&limit=200", {"servers": []})
            provider = f"/placement/resource_providers/{host}-uuid"
            none = {"allocations": {}, "resource_provider_generation": 1}
            self._apis.answer("GET", f"{provider}/allocations", Answer(body=none))
            traits = {"traits": ["COMPUTE_NODE"], "resource_provider_generation": 1}
            self._apis.answer("GET", f"{provider}/traits", Answer(body=traits))

    def goes_down(self, name: str) -> None:
        """Tell that a host's compute service is down."""
        self._services[name]["state"] = "down"
        self._tell_services()

    def heeds(self, name: str) -> None:
        """Let a host's compute service become what it is told, such as disabled, or down when it is forced down."""
        state: dict[str, Any] = {}

        def change(request: Request) -> None:
            state.update(request.body)
            if "forced_down" in request.body:
                state["state"] = "down" if request.body["forced_down"] else "up"
            self.host(name, **state)

        shown = {"service": {"id": f"{name}-service", "host": name, "binary": "nova-compute"}}
        self._apis.answer("PUT", f"{self.url}/os-services/{name}-service", Answer(body=shown, then=change))

    @property
    def forced_down(self) -> list[bool]:
        """What Nova was told in turn: that a host is down, or that it no longer is."""
        return [request.body["forced_down"] for request in self.asked("PUT .*") if "forced_down" in request.body]

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
        path = f"{self.url}/os-migrations?instance_uuid={self._id(server)}&limit=200"
        self._apis.answer("GET", path, *(Answer(body={"migrations": self._moves(server, each)}) for each in readings))

    def moves_on(self, host: str, *moves: dict[str, Any]) -> None:
        """Tell the migrations that leave a host or come to it, whosesoever."""
        self._tell("GET", f"/os-migrations?host={host}&limit=200", {"migrations": self._moves("other", list(moves))})

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

    def _tell_nodes(self) -> None:
        self._tell("GET", "/os-hypervisors/detail?limit=200", {"hypervisors": list(self._nodes.values())})

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
