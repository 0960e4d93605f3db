import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_db.sqlalchemy import enginefacade, engines
from sqlalchemy.sql.compiler import SQLCompiler
from stocktake.support.lab.services import configuration, databases


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "keystone.py"
    file.write_text("# builds databases")
    return file


def builder(path: Path) -> Callable[[], None]:
    def build() -> None:
        with databases.editing(path) as connection:
            connection.execute("CREATE TABLE thing (name TEXT)")
            connection.execute("INSERT INTO thing VALUES ('built')")

    return build


def content(path: Path) -> list[str]:
    with databases.editing(path) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM thing")]


def never() -> None:
    raise AssertionError("it should have come from the cache")


def test_a_database_is_built_once_and_copied_after(tmp_path: Path, source: Path):
    first, second = tmp_path / "1" / "a.sqlite", tmp_path / "2" / "a.sqlite"
    for path in (first, second):
        path.parent.mkdir()

    assert not databases.provide([first], build=builder(first), source=source)
    assert databases.provide([second], build=never, source=source)
    assert content(second) == ["built"]


def test_what_is_changed_in_a_copy_stays_there(tmp_path: Path, source: Path):
    paths = [tmp_path / name / "a.sqlite" for name in "123"]
    for path in paths:
        path.parent.mkdir()
    databases.provide([paths[0]], build=builder(paths[0]), source=source)
    for path in paths[1:]:
        databases.provide([path], build=never, source=source)
        with databases.editing(path) as connection:
            connection.execute("DELETE FROM thing")

    assert content(paths[0]) == ["built"]


def test_other_building_code_makes_another_database(tmp_path: Path, source: Path):
    path = tmp_path / "a.sqlite"
    databases.provide([path], build=builder(path), source=source)
    path.unlink()
    source.write_text("# builds them in another way")

    assert not databases.provide([path], build=builder(path), source=source)


def test_other_services_make_another_database(tmp_path: Path, source: Path):
    path = tmp_path / "a.sqlite"
    databases.provide([path], build=builder(path), source=source)
    path.unlink()

    assert not databases.provide([path], build=builder(path), source=source, services=("neutron",))


def test_other_packages_make_another_database(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.sqlite"
    databases.provide([path], build=builder(path), source=source)
    path.unlink()
    monkeypatch.setattr(databases.metadata, "version", lambda name: "99")

    assert not databases.provide([path], build=builder(path), source=source)


def test_without_a_cache_databases_are_built(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(databases.state, "cache_folder", lambda: None)
    for name in "12":
        path = tmp_path / f"{name}.sqlite"

        assert not databases.provide([path], build=builder(path), source=source)
        assert content(path) == ["built"]


def test_databases_are_in_write_ahead_mode(tmp_path: Path, source: Path):
    for name in "12":  # built, then copied
        path = tmp_path / name / "a.sqlite"
        path.parent.mkdir()
        databases.provide([path], build=builder(path), source=source)
        with databases.editing(path) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_edit_that_fails_changes_nothing(tmp_path: Path, source: Path):
    path = tmp_path / "a.sqlite"
    databases.provide([path], build=builder(path), source=source)

    def edit() -> None:
        with databases.editing(path) as connection:
            connection.execute("DELETE FROM thing")
            connection.execute("nonsense")

    with pytest.raises(sqlite3.OperationalError):
        edit()
    assert content(path) == ["built"]


@enginefacade.transaction_context_provider
class Context:
    """What oslo.db wants of a service's request context."""


@pytest.fixture
def told_of_writers() -> bool:
    return True


@pytest.fixture
def facade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told_of_writers: bool
) -> Iterator[enginefacade._TransactionContextManager]:
    monkeypatch.setattr(engines, "pool", engines.pool)
    monkeypatch.setattr(engines, "_thread_yield", engines._thread_yield)
    manager = enginefacade._TransactionContextManager
    monkeypatch.setattr(manager, "_transaction_scope", manager._transaction_scope)
    monkeypatch.setattr(sa, "create_engine", sa.create_engine)
    databases.adapt_oslo_db(told_of_writers=told_of_writers)
    path = tmp_path / "counter.sqlite"
    with databases.editing(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counter (value INTEGER)")
        connection.execute("INSERT INTO counter VALUES (0)")
    facade = enginefacade.transaction_context()
    facade.configure(connection=f"sqlite:///{path}", sqlite_synchronous=False)
    yield facade
    sa.event.remove(sa.Engine, "begin", databases.begin if told_of_writers else databases.begin_as_writer)


def counted(transaction: Callable[[], AbstractContextManager[Any]]) -> int:
    """Count 80 in four threads, each time in a transaction that reads before it writes; return how far it came."""
    failures: list[Exception] = []

    def count() -> None:
        try:
            for _turn in range(20):
                with transaction() as session:
                    value = session.execute(sa.text("SELECT value FROM counter")).scalar()
                    session.execute(sa.text(f"UPDATE counter SET value = {value + 1}"))
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=count) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with transaction() as session:
        return int(session.execute(sa.text("SELECT value FROM counter")).scalar())


def test_writers_that_read_first_wait_for_each_other(facade: enginefacade._TransactionContextManager):
    """SQLite itself answers "database is locked" to all but one of them."""
    assert counted(lambda: facade.writer.using(Context())) == 80
    facade.writer.get_engine().dispose()


@pytest.mark.parametrize("told_of_writers", [False])
def test_all_wait_for_each_other_where_oslo_db_is_not_told_who_writes(facade: enginefacade._TransactionContextManager):
    engine = facade.writer.get_engine()
    assert counted(engine.begin) == 80
    engine.dispose()


def test_connections_are_kept(facade: enginefacade._TransactionContextManager):
    opened = []
    engine = facade.writer.get_engine()
    sa.event.listen(engine, "connect", lambda *_arguments: opened.append(1))
    for _turn in range(10):
        with facade.reader.using(Context()) as session:
            session.execute(sa.text("SELECT 1"))

    assert len(opened) <= 1
    engine.dispose()


def test_the_connection_used_last_is_used_next(facade: enginefacade._TransactionContextManager):
    """It has the most statements prepared; taking turns would prepare each of them on every connection."""
    engine, used = facade.writer.get_engine(), []
    with facade.reader.using(Context()) as one, facade.reader.using(Context()) as other:
        for session in (one, other):
            session.execute(sa.text("SELECT 1"))  # takes a connection
    sa.event.listen(engine, "checkout", lambda connection, *_rest: used.append(connection))
    for _turn in range(5):
        with facade.reader.using(Context()) as session:
            session.execute(sa.text("SELECT 1"))

    assert len(used) == 5
    assert len(set(map(id, used))) == 1
    engine.dispose()


def test_a_connection_keeps_its_prepared_statements(tmp_path: Path):
    engine = sa.create_engine(configuration.database_url(tmp_path / "a.sqlite"))
    _path, options = engine.dialect.create_connect_args(engine.url)

    assert options["cached_statements"] == configuration.PREPARED_STATEMENTS
    assert options["timeout"] == 30


def test_statements_are_compiled_once_however_many_there_are(facade: enginefacade._TransactionContextManager):
    """SQLAlchemy's own cache would have forgotten the first ones by then."""
    compiled: list[str] = []

    def run_all() -> int:
        before = len(compiled)
        with facade.reader.using(Context()) as session:
            for number in range(800):
                session.execute(sa.select(sa.literal_column(str(number))))
        return len(compiled) - before

    original = SQLCompiler.__init__

    def counting(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        compiled.append(self.string)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLCompiler, "__init__", counting)
        assert run_all() >= 800
        assert run_all() == 0


def test_a_transaction_reads_one_state_and_begins_by_no_statement(facade: enginefacade._TransactionContextManager):
    """Without BEGIN, SQLite would show each statement of a reader what was committed meanwhile."""
    engine, executed = facade.writer.get_engine(), []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: executed.append(statement))
    read = sa.text("SELECT value FROM counter")
    with facade.reader.using(Context()) as reader:
        before = reader.execute(read).scalar()
        with facade.writer.using(Context()) as writer:
            writer.execute(sa.text("UPDATE counter SET value = 7"))
        assert reader.execute(read).scalar() == before == 0
    with facade.reader.using(Context()) as reader:
        assert reader.execute(read).scalar() == 7

    assert "BEGIN" not in executed
    engine.dispose()


def test_a_transaction_that_fails_is_rolled_back(facade: enginefacade._TransactionContextManager):
    def write() -> None:
        with facade.writer.using(Context()) as session:
            session.execute(sa.text("UPDATE counter SET value = 7"))
            session.execute(sa.text("nonsense"))

    with pytest.raises(sa.exc.OperationalError):
        write()
    with facade.reader.using(Context()) as session:
        assert session.execute(sa.text("SELECT value FROM counter")).scalar() == 0
    facade.writer.get_engine().dispose()


def test_a_thread_continues_after_a_transaction(
    facade: enginefacade._TransactionContextManager, monkeypatch: pytest.MonkeyPatch
):
    slept: list[float] = []
    monkeypatch.setattr(engines.time, "sleep", slept.append)
    with facade.reader.using(Context()) as session:
        session.execute(sa.text("SELECT 1"))

    assert slept == []
    facade.writer.get_engine().dispose()
