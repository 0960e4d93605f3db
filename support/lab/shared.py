"""What the services have in common, imported once before they are forked."""

import gc
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

# Every one of them is imported by at least two services; none of them starts a thread or reads configuration.
MODULES = (
    "sqlalchemy.orm",
    "oslo_db.sqlalchemy.enginefacade",
    "oslo_db.sqlalchemy.models",
    "oslo_messaging",
    "oslo_policy.policy",
    "oslo_middleware.cors",
    "oslo_reports.guru_meditation_report",
    "oslo_concurrency.processutils",
    "oslo_cache",
    "oslo_upgradecheck",
    "oslo_context.context",
    "keystonemiddleware.auth_token",
    "keystoneauth1.session",
    "keystoneauth1.loading",
    "openstack.connection",
    "osprofiler.web",
    "paste.deploy",
    "webob.dec",
    "routes",
    "alembic.command",
    "jsonschema",
    "cryptography.fernet",
    "os_traits",
    "os_resource_classes",
    "requests",
    "waitress",
)


class _NoEventlet:
    """Refuses to import eventlet, which some libraries would otherwise prefer to native threads."""

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        if name.partition(".")[0] == "eventlet":
            raise ImportError("the lab's services use native threads")


class _Lazily:
    """Finds a package's modules, and runs each only when something in it is used."""

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
    """Have a package that is imported without being needed cost nothing."""
    sys.meta_path.insert(0, _Lazily(package))


def load() -> None:
    """Choose native threads for oslo.service and import `MODULES`.

    What is imported stays, so looking for garbage meanwhile is a waste; `settle` ends that.
    """
    gc.disable()
    sys.meta_path.insert(0, _NoEventlet())
    from oslo_service import backend  # noqa: PLC0415

    backend.init_backend(backend.BackendType.THREADING)
    for name in MODULES:
        importlib.import_module(name)


def settle() -> None:
    """Everything is imported: look for garbage again, but never among what is here now."""
    gc.freeze()
    gc.enable()
