"""Hypervisors: compute nodes with the figures that Nova itself keeps of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

from stocktake.support.api import microversions
from stocktake.support.api.compute.client import ComputeClient
from stocktake.support.api.replies import ApiError

HYPERVISOR_TYPES = {"fake": {"fake"}, "libvirt": {"KVM", "QEMU", "LXC", "Parallels"}}
"""What `hypervisor_type` of os-hypervisors says for each virt driver, in any case of letters."""


@dataclass(frozen=True)
class Hypervisor:
    """A compute node. `id` is its uuid and also its resource provider's; `host` is the compute service's host.

    `cpu` is what the driver reports of its CPUs: arch, vendor, model and features; only libvirt's reports all of that.
    Usage figures (and totals) exist from 2.53 to 2.87 and include what the host reserves; otherwise they are None.
    """

    id: str
    hostname: str
    host: str | None
    state: str | None = None
    status: str | None = None
    type: str | None = None
    version: int | None = None
    cpu: Mapping[str, Any] = field(default_factory=dict)
    vcpus: int | None = None
    vcpus_used: int | None = None
    memory_mb: int | None = None
    memory_mb_used: int | None = None
    local_gb: int | None = None
    local_gb_used: int | None = None
    running_vms: int | None = None
    servers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read one element of `GET /os-hypervisors/detail`, or the `hypervisor` of `GET /os-hypervisors/{id}`.

        `cpu_info` is a mapping from 2.28 on.
        """
        cpu = body.get("cpu_info")
        return cls(
            id=str(body["id"]),
            hostname=body["hypervisor_hostname"],
            host=(body.get("service") or {}).get("host"),
            state=body.get("state"),
            status=body.get("status"),
            type=body.get("hypervisor_type"),
            version=body.get("hypervisor_version"),
            cpu=cpu if isinstance(cpu, Mapping) else {},
            vcpus=body.get("vcpus"),
            vcpus_used=body.get("vcpus_used"),
            memory_mb=body.get("memory_mb"),
            memory_mb_used=body.get("memory_mb_used"),
            local_gb=body.get("local_gb"),
            local_gb_used=body.get("local_gb_used"),
            running_vms=body.get("running_vms"),
            servers=tuple(server["uuid"] for server in body.get("servers") or ()),
        )


class Hypervisors(ComputeClient):
    """The compute nodes of a cloud, for administrators."""

    def all(self, *, hostname: str | None = None) -> list[Hypervisor]:
        """List compute nodes with their usage figures, at 2.53, which every release of Nova so far supports.

        `hostname` is part of a hypervisor's hostname. None found is an empty list.
        """
        version = self._require(microversions.HYPERVISOR_UUIDS, "the usage figures of a hypervisor by uuid")
        try:
            filters = {"hypervisor_hostname_pattern": hostname}
            listed = list(self._pages("/os-hypervisors/detail", "hypervisors", filters, version, paged=not hostname))
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND and hostname:
                return []
            raise
        return [Hypervisor.from_json(hypervisor) for hypervisor in listed]

    def get(self, hypervisor_id: str) -> Hypervisor:
        """Return one compute node by uuid, with its usage figures (2.53)."""
        version = self._require(microversions.HYPERVISOR_UUIDS, "the usage figures of a hypervisor by uuid")
        return Hypervisor.from_json(self._get(f"/os-hypervisors/{hypervisor_id}", version)["hypervisor"])

    def of_host(self, host: str) -> list[Hypervisor]:
        """Return the compute nodes of a compute service's host, usually one.

        Requests nodes named like the host, and all nodes only if there is none: a host's node may have another name.
        """
        named = [node for node in self.all(hostname=host) if node.host == host]
        return named or [node for node in self.all() if node.host == host]
