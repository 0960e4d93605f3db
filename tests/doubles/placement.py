"""Placement itself, inside this process, and providers and consumers in it."""

import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.placement.placement import Placement
from stocktake.support.api.placement.traits import Traits
from stocktake.support.api.placement.values import Inventory
from stocktake.support.hosts.roles import ComputeHost
from stocktake.support.scenario.cloud import Cloud

from tests.doubles.apis import Apis
from tests.doubles.nova import Nova

# Placement itself, inside this process


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def placement_application(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Placement itself, with a database of its own and without Keystone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oslo_config import cfg  # noqa: PLC0415 - its imports warn
        from oslo_policy import opts as policy_opts  # noqa: PLC0415
        from placement import conf, deploy  # noqa: PLC0415

        database = tmp_path_factory.mktemp("placement") / "placement.sqlite"
        config = cfg.ConfigOpts()
        conf.register_opts(config)
        config.set_override("connection", f"sqlite:///{database}", group="placement_database")
        config.set_override("sqlite_synchronous", False, group="placement_database")
        config.set_override("sync_on_startup", True, group="placement_database")
        config.set_override("auth_strategy", "noauth2", group="api")
        config([], default_config_files=[], default_config_dirs=[])
        policy_opts.set_defaults(config)
        return deploy.loadapp(config)


@pytest.fixture(scope="session")
def placement_address(placement_application: Any) -> Iterator[str]:
    """Where Placement listens."""
    server = make_server("127.0.0.1", 0, placement_application, handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Accounts:
    """Real accounts: hosts that are providers of the real Placement, and consumers that hold something there."""

    def __init__(self, placement: Placement, nova: Nova):
        self.placement = placement
        self.traits = Traits(placement.session)
        self._nova = nova

    def host(self, name: str, **more: Any) -> ComputeHost:
        """Make a host of 8 VCPU, 8192 MB and 100 GB, known to Nova under a name that no other test uses."""
        real = f"{name}-{uuid4().hex[:8]}"
        provider = self.placement.create_provider(f"{real}.example")
        room = {"VCPU": Inventory(8), "MEMORY_MB": Inventory(8192), "DISK_GB": Inventory(100)}
        self.placement.set_inventories(provider.uuid, room)
        return self._nova.host(real, uuid=provider.uuid, **more)

    def hold(self, where: str | ComputeHost, consumer: str | None = None, **amounts: int) -> str:
        """Let a consumer hold these amounts on a host, beside what it holds elsewhere; return its uuid."""
        consumer = consumer or str(uuid4())
        provider = where if isinstance(where, str) else where.provider
        now = self.placement.allocations(consumer)
        rows = {**now.allocations, provider: Resources(amounts)}
        self.placement.set_allocations(
            consumer,
            {each: held for each, held in rows.items() if held},
            generation=now.generation,
            project_id="a-project",
            user_id="a-user",
        )
        return consumer


@pytest.fixture
def accounts(apis: Apis, nova: Nova, cloud: Cloud, placement_address: str) -> Accounts:
    """The real Placement behind the cloud."""
    apis.catalog["placement"] = placement_address
    apis.token = "admin"
    return Accounts(cloud.placement, nova)
