"""Nova's own stand-ins for what the lab does not have: Neutron, Cinder, privileged helpers, a machine per host."""

import importlib
import sys
import threading
import types
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fixtures
from oslo_config import cfg
from stocktake.support.lab.releases import Era

CONF = cfg.CONF

# `openstack server create --network none` asks for a network of that name.
NO_NETWORK = {"id": "5f1a9d1e-6d0f-4c7b-9a39-0d1b6a1f7c00", "name": "none"}


class _Adapter(fixtures.Fixture):
    """What Nova's fixtures expect of the test that uses them."""

    def stub_out(self, old: str, new: Any) -> None:
        self.useFixture(fixtures.MonkeyPatch(old, new))

    def flags(self, group: str | None = None, **options: Any) -> None:
        for name, value in options.items():
            CONF.set_override(name, value, group)


def install(era: Era, services: Collection[str]) -> None:
    """Install the stand-ins for the lifetime of the process, but none for the optional `services` of the lab.

    Only names that a release has can be replaced: a fixture that fails leaves the one that uses it unusable.
    """
    adapter = _Adapter()
    adapter.setUp()
    if "neutron" not in services:
        networks = adapter.useFixture(stand_in("neutron").NeutronFixture(adapter))
        networks._networks[NO_NETWORK["id"]] = {**networks.network_1, **NO_NETWORK}
    if "cinder" not in services:
        volumes = adapter.useFixture(stand_in("cinder").CinderFixture(adapter))
        kept = volumes.volumes if era.volumes_in_stand_in else {}
        # Data that is deleted with servers; the stand-in does not have it.
        adapter.stub_out("nova.volume.cinder.API.delete", lambda _api, _context, volume: kept.pop(volume, None))
    else:
        _detach_where_the_driver_is(adapter)
    if era.node_identity_file:
        _one_machine_for_many_hosts(adapter)
    if era.shared_executors:  # stopping one host's service would end the thread pools that all hosts share
        adapter.stub_out("nova.thread_pool_factory.shutdown_all_executors", lambda: None)


class _OfHost:
    """Nova's configuration, with the host that the current thread works for."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def __getattr__(self, name: str) -> Any:
        return getattr(CONF, name)

    @property
    def host(self) -> str:
        """The host in the block that the thread is in, else the configured one."""
        return getattr(self._thread, "host", CONF.host)

    @contextmanager
    def at(self, host: str) -> Iterator[None]:
        """Have this thread work for a host in the block."""
        self._thread.host = host
        try:
            yield
        finally:
            del self._thread.host


def _detach_where_the_driver_is(adapter: _Adapter) -> None:
    """Nova asks a driver to disconnect a volume only if the server is on the configured host, which is none of those
    that share this process: the driver knows which of them it is on."""
    from nova.virt import block_device  # noqa: PLC0415 - in Nova's process only

    configuration, detach = _OfHost(), block_device.DriverVolumeBlockDevice._do_detach

    def detach_at(device: Any, context: Any, server: Any, volumes: Any, driver: Any, *args: Any, **kwargs: Any) -> Any:
        with configuration.at(driver.virtapi._compute.host):
            return detach(device, context, server, volumes, driver, *args, **kwargs)

    adapter.stub_out("nova.virt.block_device.CONF", configuration)
    adapter.stub_out("nova.virt.block_device.DriverVolumeBlockDevice._do_detach", detach_at)


def _one_machine_for_many_hosts(adapter: _Adapter) -> None:
    """Nova keeps a compute node's identity in a file of its machine, but here all hosts share one machine."""
    adapter.stub_out("nova.virt.node.read_local_node_uuid", lambda: None)
    adapter.stub_out("nova.virt.node.write_local_node_uuid", lambda _uuid: None)
    adapter.stub_out("nova.compute.manager.ComputeManager._ensure_existing_node_identity", lambda _self, _ref: None)


def stand_in(name: str) -> types.ModuleType:
    """Import a module of nova.tests.fixtures, without the rest of that package.

    The package as a whole imports Nova's entire test environment, and with it packages that only Nova's developers
    have. The modules needed here take one name from the rest.
    """
    package = "nova.tests.fixtures"
    if package not in sys.modules:
        import nova.tests  # noqa: PLC0415

        shell = types.ModuleType(package)
        shell.__path__ = [str(Path(folder) / "fixtures") for folder in nova.tests.__path__]
        sys.modules[package] = shell
        nova.tests.fixtures = shell
        rest = types.ModuleType(f"{package}.nova")
        rest.PROJECT_ID = "6f70656e737461636b20342065766572"  # type: ignore[attr-defined]
        sys.modules[rest.__name__] = shell.nova = rest  # type: ignore[attr-defined]
    return importlib.import_module(f"{package}.{name}")
