"""The services' SQLite databases: copied from a cache of prepared ones, and written by one thread at a time."""

import contextlib
import hashlib
import os
import sqlite3
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from stocktake.support.lab import state
from stocktake.support.lab.optional import OPTIONAL

# What a database's content depends on, besides the code that fills it.
PACKAGES = (
    "SQLAlchemy",
    "alembic",
    "glance",
    "keystone",
    "nova",
    "openstack-placement",
    "os-resource-classes",
    "os-traits",
    "oslo.db",
)

STATEMENTS = 5000


def provide(paths: list[Path], *, build: Callable[[], None], source: Path, services: Sequence[str] = ()) -> bool:
    """Provide databases at `paths`: copies of prepared ones if the cache has them, else created by `build`.

    Prepared databases are cached by the versions of `PACKAGES`, of Python and of `source`, the file with `build`, and
    by the optional `services` that their content depends on. They contain no secrets and no hosts. Returns whether they
    came from the cache; a read-only cache is not an error.
    """
    cache = _cache_folder(source, services)
    if cache and all((cache / path.name).is_file() for path in paths):
        for path in paths:
            path.write_bytes((cache / path.name).read_bytes())
        return True
    for path in paths:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    build()
    if cache:
        with contextlib.suppress(OSError, sqlite3.Error):
            _store(paths, cache)
    return False


def _cache_folder(source: Path, services: Sequence[str]) -> Path | None:
    base = state.cache_folder()
    if base is None:
        return None
    packages = [*PACKAGES, *(OPTIONAL[name].distribution for name in services)]
    versions = [f"python {sys.version}", *(f"{name} {metadata.version(name)}" for name in packages)]
    fingerprint = hashlib.sha256("\n".join(versions).encode() + source.read_bytes())
    return base / "databases" / f"{source.stem}-{fingerprint.hexdigest()[:16]}"


def _store(paths: list[Path], cache: Path) -> None:
    """Copy consistently, then show the files under their final names: two labs may do this at the same time."""
    cache.mkdir(parents=True, exist_ok=True)
    for path in paths:
        unfinished = cache / f"{path.name}.{os.getpid()}"
        with (
            contextlib.closing(sqlite3.connect(path)) as origin,
            contextlib.closing(sqlite3.connect(unfinished)) as copy,
        ):
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=WAL")
        unfinished.rename(cache / path.name)


@contextlib.contextmanager
def editing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are committed at the end, for what differs from lab to lab."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def adapt_oslo_db(*, told_of_writers: bool = True) -> None:
    """Make this process's oslo.db fit SQLite and a lab; before the first engine is made.

    `told_of_writers` says that the service tells oslo.db which of its transactions write.
    """
    keep_connections()
    keep_the_processor()
    begin_directly(begin if told_of_writers else begin_as_writer)
    remember_statements()
    one_writer_at_a_time()


def one_writer_at_a_time() -> None:
    """Make this process's oslo.db writer transactions wait for each other, database by database.

    SQLite rejects the second of two writers that have both read before ("database is locked") without waiting, which
    OpenStack's services do not expect.
    """
    from oslo_db.sqlalchemy import enginefacade  # noqa: PLC0415 - only services have it

    manager = enginefacade._TransactionContextManager
    scope = manager._transaction_scope
    locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
    guard = threading.Lock()

    @contextlib.contextmanager
    def serialised(self: Any, context: Any) -> Iterator[Any]:
        if self._mode is not enginefacade._WRITER:
            with scope(self, context) as resource:
                yield resource
            return
        url = str(self.reader.get_engine().url)
        with guard:
            lock = locks[url]
        with lock, scope(self, context) as resource:
            yield resource

    manager._transaction_scope = serialised


def keep_the_processor() -> None:
    """Let a thread of this process continue after a transaction.

    For green threads, oslo.db sleeps for zero seconds whenever a connection returns to its pool. A native thread
    thereby gives up the interpreter, and waits up to 5 ms to get it back.
    """
    from oslo_db.sqlalchemy import engines  # noqa: PLC0415 - only services have it

    engines._thread_yield = lambda _connection, _record: None


def begin_directly(how: Callable[[Any], None]) -> None:
    """Begin this process's SQLite transactions by the driver; oslo.db does so by a statement of SQLAlchemy's."""
    from sqlalchemy import event  # noqa: PLC0415 - only services have it
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    event.listen(Engine, "begin", how)  # listeners of single engines, such as oslo.db's, are called later


def begin(connection: Any) -> None:
    """Begin a transaction on a connection, and note that as oslo.db does."""
    _begin(connection, "BEGIN")


def begin_as_writer(connection: Any) -> None:
    """Begin a transaction that may write: it waits for others, where `one_writer_at_a_time` is not told to."""
    _begin(connection, "BEGIN IMMEDIATE")


def _begin(connection: Any, statement: str) -> None:
    if "in_transaction" not in connection.info:
        connection.connection.dbapi_connection.execute(statement)
        connection.info["in_transaction"] = True


def remember_statements() -> None:
    """Let this process's database engines cache every compiled SQL statement.

    SQLAlchemy caches 500, and Nova has more: in a lab that runs all features, Nova spent a third of its time on
    compiling statements again.
    """
    import sqlalchemy  # noqa: PLC0415 - only services have it

    sqlalchemy.create_engine = partial(sqlalchemy.create_engine, query_cache_size=STATEMENTS)


def keep_connections() -> None:
    """Pool this process's SQLite connections, which oslo.db would open anew for each transaction.

    The last connection to close removes the write-ahead log, which would slow down almost every read.
    """
    from oslo_db.sqlalchemy import engines  # noqa: PLC0415 - only services have it
    from sqlalchemy import pool  # noqa: PLC0415

    class Pool(pool.QueuePool):
        """Keeps up to 30 connections open, never tests them, and never lets a thread wait for one.

        The last one used comes first: it has the most statements prepared and the most pages in its cache.
        """

        def __init__(self, creator: Any, **options: Any):
            settings = {"pool_size": 30, "max_overflow": -1, "pre_ping": False, "use_lifo": True}
            super().__init__(creator, **{**options, **settings})

    engines.pool = SimpleNamespace(
        SingletonThreadPool=pool.SingletonThreadPool,
        StaticPool=pool.StaticPool,
        QueuePool=pool.QueuePool,
        NullPool=Pool,
    )
