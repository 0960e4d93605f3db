"""Modules that the services share, imported once before they are forked."""

import gc
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

from stocktake.support.lab.releases import Era

# Each of them is imported by at least two services; none of them starts a thread or reads configuration.
# All services need the basics; Keystone needs little else.
BASICS = (
    "sqlalchemy.orm",
    "oslo_db.sqlalchemy.enginefacade",
    "oslo_db.sqlalchemy.models",
    "oslo_messaging",
    "oslo_policy.policy",
    "oslo_middleware.cors",
    "oslo_cache",
    "oslo_context.context",
    "keystonemiddleware.auth_token",
    "osprofiler.web",
    "webob.dec",
    "jsonschema",
    "cryptography.fernet",
    "waitress",
)
MORE = (
    "oslo_reports.guru_meditation_report",
    "oslo_concurrency.processutils",
    "oslo_upgradecheck",
    "keystoneauth1.session",
    "keystoneauth1.loading",
    "openstack.connection",
    "paste.deploy",
    "routes",
    "alembic.command",
    "os_traits",
    "os_resource_classes",
    "requests",
)


# New objects before a collection, and collections of each generation before one of the next; 700, 10, 10 by default.
COLLECTIONS = (20_000, 20, 10)


class _NoEventlet:
    """Refuses to import eventlet, which some libraries would otherwise prefer to native threads."""

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        if name.partition(".")[0] == "eventlet":
            raise ImportError("the lab's services use native threads")


def allow_eventlet() -> None:
    """Let this process import eventlet from now on, for a service that imports it without patching anything."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _NoEventlet)]


class _Lazily:
    """Finds a package's modules, and executes each only when something in it is used."""

    def __init__(self, package: str):
        self._package = package

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != self._package:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def import_lazily(package: str) -> None:
    """Import a package lazily that is imported but rarely used."""
    sys.meta_path.insert(0, _Lazily(package))


def load_basics(era: Era) -> None:
    """Choose native threads for oslo.service, where a release has the choice, and import `BASICS`.

    Imported modules are permanent, so garbage collection is paused until `settle`.
    """
    gc.disable()
    if era.no_eventlet:
        sys.meta_path.insert(0, _NoEventlet())
    if era.native_threads:
        from oslo_service import backend  # noqa: PLC0415

        backend.init_backend(backend.BackendType.THREADING)
    _import(BASICS)
    # Reads the entry points of all installed packages, which each service would otherwise do.
    from stevedore import ExtensionManager  # noqa: PLC0415

    ExtensionManager("stocktake.nothing")


def load_more() -> None:
    """Import `MORE`."""
    _import(MORE)


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        importlib.import_module(name)


def settle() -> None:
    """Resume garbage collection after all imports, and exclude everything that exists now.

    A request creates so many objects that Python's default thresholds take 5 % of Nova's processor time.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    gc.enable()
