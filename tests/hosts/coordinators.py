"""Real coordinators of leases, etcd and Redis, each a process on loopback with a port and a folder of its own."""

import importlib.util
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from hamcrest import is_
from stocktake.support.waiting import eventually

PATIENCE = 30  # seconds, for what takes a moment


def free_port() -> int:
    """A port that nobody uses yet."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Service(ABC):
    """A coordinator that can be stopped and started again.

    `lifetime` is for how many seconds it keeps locks at a time; by default as long as its driver does.
    """

    program: ClassVar[str]
    modules: ClassVar[tuple[str, ...]]
    scheme: ClassVar[str]
    options: ClassVar[str] = ""

    def __init__(self, folder: Path, unavailable: Callable[[str], None], lifetime: int | None = None):
        self.folder = folder
        self.lifetime = lifetime
        self.port, self.peers = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        for program in (self.program, *self.modules):
            found = shutil.which(program) if program == self.program else importlib.util.find_spec(program)
            if not found:
                unavailable(f"{program} is not installed")

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Its tooz URL."""
        if self.lifetime is None:
            return self.address
        return f"{self.address}?lock_timeout={self.lifetime}&membership_timeout={self.lifetime}{self.options}"

    @abstractmethod
    def command(self) -> tuple[str, ...]:
        """The words that start it."""

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        eventually(self.answers, is_(True), within=PATIENCE, what=f"{self.program} to answer")

    def answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Start it, and stop it when the block ends."""
        self.start()
        try:
            yield self
        finally:
            self.stop()


class Etcd(Service):
    program, modules, scheme = "etcd", ("etcd3gw",), "etcd3+http"
    options = "&timeout=5"

    def command(self) -> tuple[str, ...]:
        clients, peers = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.peers}"
        return (
            *("etcd", "--data-dir", "data", "--listen-client-urls", clients, "--advertise-client-urls", clients),
            *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
            *("--initial-cluster", f"default={peers}"),
        )


class Redis(Service):
    program, modules, scheme = "redis-server", ("redis",), "redis"

    def command(self) -> tuple[str, ...]:
        return ("redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no")
