"""Cyborg over HTTP: device profiles, and the requests that Nova makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from stocktake.support.accounting.accelerators import of_groups
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.session import Session


@dataclass(frozen=True)
class DeviceProfile:
    """A device profile, which flavors name: what it asks for, all groups together."""

    id: str
    name: str
    resources: Resources

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a device profile of the Accelerator API v2."""
        return cls(body["uuid"], body["name"], of_groups(body["groups"]))


@dataclass(frozen=True)
class AcceleratorRequest:
    """An accelerator request (ARQ); once it is bound, `server` has it on `host`, the name of a compute node.

    `provider` is the uuid of the resource provider of the accelerator.
    """

    id: str
    state: str
    profile: str
    server: str | None = None
    host: str | None = None
    provider: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read an accelerator request of the Accelerator API v2."""
        names = ("device_profile_name", "instance_uuid", "hostname", "device_rp_uuid")
        profile, server, host, provider = (body.get(name) or None for name in names)
        return cls(body["uuid"], body["state"], profile or "", server, host, provider)


class Accelerators:
    """The accelerator API (v2) of one cloud."""

    def __init__(self, session: Session):
        self.session = session

    @property
    def offered(self) -> bool:
        """Whether the catalog has an accelerator service."""
        return self.session.offers_service("accelerator")

    def profiles(self) -> list[DeviceProfile]:
        """List all device profiles."""
        listed = self.session.get("accelerator", "/device_profiles")["device_profiles"]
        return [DeviceProfile.from_json(profile) for profile in listed]

    def create_profile(self, name: str, groups: Sequence[Mapping[str, str]]) -> DeviceProfile:
        """Create a device profile (for administrators).

        The name must be unused, so that the profile can be found if the response is lost.
        """
        body = [{"name": name, "groups": [dict(group) for group in groups]}]
        return self.session.exactly_once(
            lambda: DeviceProfile.from_json(
                self.session.request("POST", "accelerator", "/device_profiles", json=body).body
            ),
            lambda: next((profile for profile in self.profiles() if profile.name == name), None),
            what=f'device profile "{name}" to show after a lost answer',
        )

    def delete_profile(self, profile_id: str) -> None:
        """Delete a device profile, which no request may use any more (for administrators)."""
        self.session.request("DELETE", "accelerator", f"/device_profiles/{profile_id}")

    def requests(self) -> list[AcceleratorRequest]:
        """List all accelerator requests that the user may see."""
        listed = self.session.get("accelerator", "/accelerator_requests", long=True)["arqs"]
        return [AcceleratorRequest.from_json(request) for request in listed]
