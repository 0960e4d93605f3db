"""openstacksdk's reader of clouds.yaml, without the rest of openstacksdk.

Three habits of the libraries cost a second before the first request, on every run:

* importing any part of `openstack` executes its `__init__`, which imports the clients of every OpenStack service;
* keystoneauth finds its plugins by scanning the entry points of everything that is installed;
* keystoneauth imports a profiler if it happens to be installed (a lab brings it along), with all its drivers.

They are avoided here without losing anything: the package loads the rest of itself on first use, a plugin that is not
keystoneauth's own is still found by the scan, and others can still import the profiler.
"""

import importlib
import importlib.metadata
import importlib.util
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openstack.config.loader import OpenStackConfig

PLUGIN_GROUP = "keystoneauth1.plugin"
"""The entry point group in which keystoneauth and others offer ways to authenticate."""

# keystoneauth warns at every attempt if an address does not respond; the session reports that once, at the end.
for of_discovery in ("keystoneauth.identity.base", "keystoneauth.identity.generic.base"):
    logging.getLogger(of_discovery).setLevel(logging.ERROR)


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore warnings between libraries, which would fail a run that turns warnings into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_config() -> "OpenStackConfig":
    """Read clouds.yaml, clouds-public.yaml, secure.yaml and OS_* variables by openstacksdk's rules.

    Raises what openstacksdk and PyYAML raise: ConfigException, YAMLError, OSError.
    """
    _postpone_package_init("openstack")
    with quiet(), _absent("osprofiler.web"):
        from openstack.config.loader import OpenStackConfig  # noqa: PLC0415 - half of this program's start-up time

    class Config(OpenStackConfig):
        """Finds keystoneauth's own plugins without asking every installed distribution."""

        def _get_auth_loader(self, config: dict[str, Any]) -> Any:
            if config["auth_type"] != "v3multifactor":  # the only one that needs more than its class
                for entry in importlib.metadata.distribution("keystoneauth1").entry_points:
                    if entry.group == PLUGIN_GROUP and entry.name == config["auth_type"]:
                        return entry.load()()
            return super()._get_auth_loader(config)

    return Config(app_name="stocktake")


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Make an optional module appear as not installed inside the block, unless it is already loaded."""
    if module in sys.modules:
        yield
        return
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    modules[module] = None  # which marks a module as missing
    try:
        yield
    finally:
        del modules[module]


class _Postponed(ModuleType):
    """A package whose submodules can be imported before its `__init__` has run; it runs on the first other use."""

    def __getattr__(self, name: str) -> Any:
        submodule = f"{self.__name__}.{name}"
        if importlib.util.find_spec(submodule) is not None:
            return importlib.import_module(submodule)
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


def _postpone_package_init(package: str) -> None:
    """Put the package into `sys.modules` without executing its `__init__`, unless it is there already."""
    spec = None if package in sys.modules else importlib.util.find_spec(package)
    if spec is not None:
        module = importlib.util.module_from_spec(spec)
        module.__class__ = _Postponed
        sys.modules[package] = module
