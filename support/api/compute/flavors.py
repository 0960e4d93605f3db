"""Flavors and their extra specs."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from stocktake.support.accounting.flavors import Flavor
from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.replies import none_if_missing


def flavor_from_json(body: Mapping[str, Any]) -> Flavor:
    """Read a flavor of `GET /flavors/{id}`, or the one embedded in a server since 2.47.

    The two differ: the embedded one has `original_name` and no id, the other has the ephemeral disk under
    `OS-FLV-EXT-DATA:ephemeral`; swap of 0 MB is sent as "" before 2.75.
    """
    return Flavor(
        name=body.get("name") or body.get("original_name", ""),
        vcpus=body["vcpus"],
        ram=body["ram"],
        disk=body["disk"],
        ephemeral=body.get("ephemeral") or body.get("OS-FLV-EXT-DATA:ephemeral") or 0,
        swap=int(body.get("swap") or 0),
        extra_specs=dict(body.get("extra_specs") or {}),
        id=body.get("id"),
    )


class Flavors(ComputeClient):
    """The flavors of a cloud; only administrators create and delete them."""

    def create(self, flavor: Flavor, *, public: bool = True) -> Flavor:
        """Create a flavor and its extra specs; return it with its id (chosen here unless the value has one).

        The id makes a repeated request harmless: if it is taken, the flavor exists.
        """
        flavor_id = flavor.id or str(uuid4())
        body = {
            "id": flavor_id,
            "name": flavor.name,
            "vcpus": flavor.vcpus,
            "ram": flavor.ram,
            "disk": flavor.disk,
            "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
            "swap": flavor.swap,
            "os-flavor-access:is_public": public,
        }
        self.session.exactly_once(
            lambda: self._post("/flavors", {"flavor": body}).body,
            lambda: none_if_missing(lambda: self._get(f"/flavors/{flavor_id}")),
            what=f'flavor "{flavor.name}" to show after a lost answer',
        )
        if flavor.extra_specs:
            self.set_extra_specs(flavor_id, flavor.extra_specs)
        return Flavor(
            name=flavor.name,
            vcpus=flavor.vcpus,
            ram=flavor.ram,
            disk=flavor.disk,
            ephemeral=flavor.ephemeral,
            swap=flavor.swap,
            extra_specs=flavor.extra_specs,
            id=flavor_id,
        )

    def grant(self, flavor_id: str, project_id: str) -> None:
        """Let the users of a project see and use a flavor that is not public (API reference, "Add Flavor Access To
        Tenant"); 409 says that they may."""
        body = {"addTenantAccess": {"tenant": project_id}}
        path, granted = f"/flavors/{flavor_id}/action", (HTTPStatus.OK, HTTPStatus.CONFLICT)
        self.session.request("POST", "compute", path, json=body, repeatable=True, ok=granted)

    def set_extra_specs(self, flavor_id: str, extra_specs: Mapping[str, str]) -> None:
        """Add or change extra specs of a flavor; others stay. Servers keep those that they were created with."""
        body = {"extra_specs": dict(extra_specs)}
        self.session.request("POST", "compute", f"/flavors/{flavor_id}/os-extra_specs", json=body, repeatable=True)

    def get(self, flavor_id: str) -> Flavor:
        """Return a flavor with its extra specs: in one request at 2.61, in two before."""
        if self.session.offers("compute", microversions.FLAVOR_WITH_EXTRA_SPECS):
            return flavor_from_json(self._get(f"/flavors/{flavor_id}", microversions.FLAVOR_WITH_EXTRA_SPECS)["flavor"])
        specs = self._get(f"/flavors/{flavor_id}/os-extra_specs")
        return flavor_from_json({**self._get(f"/flavors/{flavor_id}")["flavor"], **specs})

    def all(self, *, only_public: bool = False) -> list[Flavor]:
        """List flavors, private ones included unless `only_public`; with extra specs from 2.61, without before."""
        with_specs = self.session.offers("compute", microversions.FLAVOR_WITH_EXTRA_SPECS)
        version = microversions.FLAVOR_WITH_EXTRA_SPECS if with_specs else None
        filters = {} if only_public else {"is_public": "None"}
        return [flavor_from_json(f) for f in self._pages("/flavors/detail", "flavors", filters, version)]

    def named(self, name: str) -> Flavor | None:
        """Return the flavor of that name, None when there is none. Nova cannot search: this lists all flavors."""
        return next((flavor for flavor in self.all() if flavor.name == name), None)

    def delete(self, flavor_id: str) -> None:
        """Delete a flavor, if it exists; its servers are kept."""
        self.session.request("DELETE", "compute", f"/flavors/{flavor_id}", ok=(202, HTTPStatus.NOT_FOUND))
