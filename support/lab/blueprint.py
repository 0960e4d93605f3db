"""The plan of one lab: its folder, ports and secrets, decided before any of its processes starts."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stocktake.support.lab.optional import OPTIONAL
from stocktake.support.lab.shape import SERVICES, Shape

LISTENERS = (*SERVICES, "control")  # of a plain lab; the control endpoint listens inside the Nova process

SERVICE_TYPES: Mapping[str, str] = {
    "keystone": "identity",
    "glance": "image",
    "placement": "placement",
    "nova": "compute",
    **{name: service.kind for name, service in OPTIONAL.items()},
}

# Names that are the same in every lab, so that prepared databases can hold them.
PROJECTS = {
    name: uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.project.stocktake.invalid").hex
    for name in ("admin", "service", "lab-user")
}
IMAGE_NAME = "stocktake-image"
IMAGE_ID = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{IMAGE_NAME}.image.stocktake.invalid"))
IMAGE_BYTES = bytes(65536)
REGION = "lab"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Blueprint:
    """Everything the processes of one lab agree on.

    `ports` maps each name of `listening` to a TCP port of the loopback interface, `host_names` are the initial compute
    hosts. `shape` is how the lab differs from the usual one. The secrets are random, different for each lab, and never
    shown by repr.
    """

    folder: Path
    host_names: tuple[str, ...]
    ports: Mapping[str, int]
    shape: Shape = field(default_factory=Shape)
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    user_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    service_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    control_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def services(self) -> tuple[str, ...]:
        """The names of all services of the lab."""
        return (*SERVICES, *self.shape.services)

    def url(self, name: str) -> str:
        """Base URL of a listener, without a trailing slash: `http://127.0.0.1:PORT`."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    @property
    def identity_url(self) -> str:
        """What clients call auth_url."""
        return f"{self.url('keystone')}/v3"

    def endpoint(self, service: str) -> str:
        """The URL of a service in Keystone's catalog."""
        paths = {"keystone": "/v3", "glance": "", "placement": "", "nova": "/v2.1"}
        return self.url(service) + (paths[service] if service in paths else OPTIONAL[service].path)

    def home(self, service: str) -> Path:
        """The service's own folder: configuration, databases, files."""
        return self.folder / service

    def log(self, service: str) -> Path:
        """The file that receives all output of the service's process."""
        return self.folder / "logs" / f"{service}.log"

    @property
    def clouds_yaml(self) -> Path:
        """The file in which clients find this lab as clouds `lab` and `lab-user`."""
        return self.folder / "clouds.yaml"


def listening(shape: Shape) -> tuple[str, ...]:
    """What listens in a lab of this shape, the optional services last."""
    return (*LISTENERS, *shape.services)


def host_names(count: int) -> tuple[str, ...]:
    """`host1` to `hostN`."""
    return tuple(f"host{number}" for number in range(1, count + 1))
