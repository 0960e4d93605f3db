"""Lets several libvirt hosts share one process: each with options, devices and files of its own.

Nova's libvirt driver reads its configuration all the time, and its helpers ask the machine they run on. In a lab, many
hosts are one process. So each thread knows for which host it works: a host's service starts in the host's context,
which the threads it starts inherit, and the tasks it submits to the thread pools of the process.
"""

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, Protocol

import futurist
from oslo_config import cfg

Option = tuple[str | None, str]
"""The group of an option, None for DEFAULT, and its name."""


class Owner(Protocol):
    """A host, as far as its threads need to know it: its own values of options, typed as oslo.config expects them."""

    @property
    def options(self) -> Mapping[Option, Any]: ...  # noqa: D102


_owner: ContextVar[Owner | None] = ContextVar("owner", default=None)


@contextmanager
def acting_as(owner: Owner) -> Iterator[None]:
    """Work for this host in the block."""
    token = _owner.set(owner)
    try:
        yield
    finally:
        _owner.reset(token)


def owner() -> Any:
    """Return the host that this thread works for. Raises LookupError if it works for none."""
    found = _owner.get()
    if found is None:
        raise LookupError(f"thread {threading.current_thread().name} works for no libvirt host")
    return found


def install() -> None:
    """Let threads and pool tasks inherit the host they work for, and let options have its values, from now on."""
    for owner_class, name, wrapped in (
        (threading.Thread, "start", _inheriting_thread),
        (futurist.ThreadPoolExecutor, "submit", _inheriting_task),
        (cfg.ConfigOpts, "_get", _own_value),
    ):
        setattr(owner_class, name, wrapped(getattr(owner_class, name)))


def _inheriting_thread(start: Callable[..., Any]) -> Callable[..., Any]:
    """Context variables are inherited by threads only from Python 3.14 on."""

    @functools.wraps(start)
    def start_in_context(thread: threading.Thread) -> None:
        thread.run = functools.partial(copy_context().run, thread.run)  # type: ignore[method-assign]
        start(thread)

    return start_in_context


def _inheriting_task(submit: Callable[..., Any]) -> Callable[..., Any]:
    """The threads of a pool serve many hosts, so each task brings its context."""

    @functools.wraps(submit)
    def submit_in_context(pool: Any, task: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return submit(pool, copy_context().run, task, *args, **options)

    return submit_in_context


def _own_value(get: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get)
    def get_own(conf: Any, name: str, group: Any = None, namespace: Any = None) -> Any:
        host = _owner.get()
        if host is not None:
            key = (group.name if isinstance(group, cfg.OptGroup) else group, name)
            if key in host.options:
                return host.options[key]
        return get(conf, name, group, namespace)

    return get_own
