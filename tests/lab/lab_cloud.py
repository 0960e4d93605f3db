"""A real lab's APIs, found through openstacksdk, which knows nothing of Stocktake; and its control endpoint."""

import json
import warnings
from typing import Any

import requests
import yaml
from hamcrest import contains_exactly, equal_to, has_entries
from stocktake.support.lab.client import Lab
from stocktake.support.waiting import eventually

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its dependencies deprecate is not this test's business
    from openstack.config import OpenStackConfig

SECONDS = 120  # for one operation, on a busy machine

Json = dict[str, Any]


class Cloud:
    """The lab's APIs as its administrator, and its control endpoint."""

    def __init__(self, lab: Lab, name: str = "lab"):
        clouds = yaml.safe_load(lab.clouds_yaml.read_text())["clouds"]
        self.settings = clouds["lab"]["stocktake"]
        config = OpenStackConfig(config_files=[str(lab.clouds_yaml)], load_envvars=False)
        self.session = config.get_one(name).get_session()
        self._control = self.settings["control"]

    def url(self, service: str) -> str:
        return str(self.session.get_endpoint(service_type=service))

    def compute(self, method: str, path: str, body: object = None) -> requests.Response:
        return self._request("compute", "2.95", method, path, body)

    def placement(self, path: str) -> Json:
        return self._request("placement", "1.28", "GET", path, None).json()

    def volume(self, method: str, path: str, body: object = None) -> requests.Response:
        return self._request("volume", "3.42", method, path, body)

    def images(self, **filters: str) -> list[Json]:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self._request("image", "2.0", "GET", f"/v2/images?{query}", None).json()["images"]

    def _request(self, service: str, version: str, method: str, path: str, body: object) -> requests.Response:
        return self.session.request(
            path,
            method,
            json=body,
            endpoint_filter={"service_type": service},
            headers={"OpenStack-API-Version": f"{service} {version}"},
            raise_exc=False,
        )

    def control(self, method: str, path: str, body: Json | None = None, token: str | None = None) -> requests.Response:
        headers = {"X-Control-Token": self._control["token"] if token is None else token}
        return requests.request(method, self._control["url"] + path, json=body, headers=headers, timeout=SECONDS)

    def told(self, method: str, path: str, body: Json | None = None) -> Json:
        """The control endpoint's answer, which must be a success."""
        answer = self.control(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def server(self, server: str) -> Json:
        return self.compute("GET", f"/servers/{server}").json()["server"]

    def act(self, server: str, action: Json) -> str:
        answer = self.compute("POST", f"/servers/{server}/action", action)
        assert answer.status_code < 300, answer.text
        return answer.headers["x-openstack-request-id"]

    def await_server(self, server: str, **wanted: Any) -> Json:
        """The server, once it has these attributes and nothing is being done with it."""
        names = {"host": "OS-EXT-SRV-ATTR:host"}
        expected = {names.get(name, name): value for name, value in wanted.items()} | {"OS-EXT-STS:task_state": None}
        return eventually(
            lambda: self.server(server),
            has_entries(expected),
            within=SECONDS,
            what=f"the server with {wanted}",
            describe=lambda reading: json.dumps({name: reading[name] for name in expected}),
        )

    def await_live_migration(self, server: str, status: str) -> int:
        """The id of the server's live migration, once it has this status."""
        migrations = eventually(
            lambda: self.compute("GET", f"/servers/{server}/migrations").json()["migrations"],
            contains_exactly(has_entries(status=status)),
            within=SECONDS,
            what=f"a live migration that is {status}",
        )
        return int(migrations[0]["id"])

    def books(self, server: str) -> dict[str, dict[str, int]]:
        """Who of the hosts holds what for the server."""
        allocations = self.placement(f"/allocations/{server}")["allocations"]
        return {self.host_of(provider): held["resources"] for provider, held in allocations.items()}

    def await_books(self, server: str, *hosts: str) -> None:
        eventually(
            lambda: set(self.books(server)), equal_to(set(hosts)), within=SECONDS, what=f"allocations on {hosts}"
        )

    def host_of(self, provider: str) -> str:
        return str(self.placement(f"/resource_providers/{provider}")["name"])

    def provider_of(self, host: str) -> str:
        (provider,) = self.placement(f"/resource_providers?name={host}")["resource_providers"]
        return str(provider["uuid"])

    def services(self) -> dict[str, Json]:
        answer = self.compute("GET", "/os-services?binary=nova-compute").json()
        return {service["host"]: service for service in answer["services"]}
