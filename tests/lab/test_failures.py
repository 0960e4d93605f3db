"""Threads of failed hosts: they unwind without effects, and serve other hosts afterwards."""

import contextlib
import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # oslo.messaging may find eventlet, and tell
    from keystoneauth1 import session
    from oslo_db.sqlalchemy import enginefacade
    from oslo_messaging._drivers import impl_fake
    from stocktake.support.lab.hosts import failures


@pytest.fixture(autouse=True)
def effects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches a database, another service or a message queue; the originals are put back."""

    @contextlib.contextmanager
    def transaction(self: Any, context: Any) -> Any:
        done.append("transaction")
        yield

    done: list[str] = []
    monkeypatch.setattr(enginefacade._TransactionContextManager, "_transaction_scope", transaction)
    monkeypatch.setattr(session.Session, "request", lambda self: done.append("request"))
    monkeypatch.setattr(impl_fake.FakeDriver, "send", lambda self: done.append("message"))
    failures.install()
    return done


def write() -> None:
    with enginefacade._TransactionContextManager._transaction_scope(None, None):
        pass


def ask() -> None:
    session.Session.request(None)


def send() -> None:
    impl_fake.FakeDriver.send(None)


@pytest.mark.parametrize("act", [write, ask, send])
def test_the_error_handling_of_a_failed_host_has_no_effects(act: Any, effects: list[str]):
    @failures.until_failed
    def build() -> None:
        try:
            failures.fail()
        finally:
            act()

    build()

    assert effects == []


def test_nova_does_not_handle_the_failure():
    handled = []

    @failures.until_failed
    def build() -> None:
        try:
            failures.fail()
        except Exception as error:  # noqa: BLE001 - as Nova does
            handled.append(error)

    build()

    assert handled == []


def test_the_thread_serves_other_hosts_afterwards(effects: list[str]):
    failures.until_failed(failures.fail)()

    for act in (write, ask, send):
        act()

    assert effects == ["transaction", "request", "message"]


def test_what_does_not_fail_is_as_before():
    assert failures.until_failed(lambda amount: amount + 1)(2) == 3
    with pytest.raises(ValueError, match="for Nova"):
        failures.until_failed(lambda: int("for Nova"))()
