"""Operations that end with their host: a thread that belonged to a failed host does nothing more that others could see.

All hosts of the lab share one process, so the thread of an operation cannot simply vanish with its host. It unwinds
instead, and releases its locks; whatever Nova's own error handling tries on the way (to write to a database, to ask
another service, to send a message) is refused.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from keystoneauth1 import session
from oslo_db.sqlalchemy import enginefacade
from oslo_messaging._drivers import impl_fake

_thread = threading.local()


class HostFailed(BaseException):
    """The host of this operation has failed. Not an Exception, so that Nova does not handle it."""


def fail() -> None:
    """End the operation of this thread, whose host has failed. Raises HostFailed, now and at its next effect."""
    _thread.failed = True
    raise HostFailed


def until_failed(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation that ends quietly when its host fails, after which its thread may serve another host."""

    @functools.wraps(operation)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return operation(*args, **kwargs)
        except HostFailed:
            return None
        finally:
            _thread.failed = False

    return run


def install() -> None:
    """Let threads of failed hosts have no effects in this process, from now on."""
    manager = enginefacade._TransactionContextManager
    scope = manager._transaction_scope

    @contextlib.contextmanager
    def transaction_of_the_living(self: Any, context: Any) -> Iterator[Any]:
        _check()
        with scope(self, context) as resource:
            yield resource

    manager._transaction_scope = transaction_of_the_living
    for owner, name in ((session.Session, "request"), (impl_fake.FakeDriver, "send")):
        setattr(owner, name, _of_the_living(getattr(owner, name)))


def _of_the_living(act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def checked(*args: Any, **kwargs: Any) -> Any:
        _check()
        return act(*args, **kwargs)

    return checked


def _check() -> None:
    if getattr(_thread, "failed", False):
        raise HostFailed
