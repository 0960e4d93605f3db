"""Volumes and their attachments: what Cinder says, and the table in which a feature shows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from hamcrest.core.base_matcher import BaseMatcher
from stocktake.support.accounting.rows import RowsEqual
from stocktake.support.accounting.rows import draw as rows_drawn
from stocktake.support.accounting.tables import DataTable, read_rows
from stocktake.support.errors import FeatureError

COLUMNS = ("volume", "status", "server", "host")
SIZE, TYPE = "GB", "type"


class Attachment(Protocol):
    """One attachment of a volume; `host` is that of a compute service, None before one has connected the volume."""

    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def server(self) -> str | None: ...  # noqa: D102
    @property
    def host(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True)
class Volume:
    """What Cinder says of one volume; `type` is the name of its type.

    `hosts_shown` is False for users to whom it shows no hosts of attachments.
    `recent` says that it has changed a moment ago: Nova attaches and detaches volumes without giving the server a task.
    `moving` says that Cinder has Nova exchange it for another volume, or that it is the other one.
    """

    id: str
    name: str
    status: str
    size: int
    attachments: tuple[Attachment, ...] = ()
    hosts_shown: bool = True
    recent: bool = False
    moving: bool = False
    type: str | None = None


@dataclass(frozen=True)
class Row:
    """One row of a feature's table: a volume, and one of its attachments if it has any; names are the feature's.

    `size` is in GB; it and `type` are None where the table does not say them.
    """

    volume: str
    status: str
    server: str = ""
    host: str = ""
    size: int | None = None
    type: str | None = None

    def cells(self) -> list[str]:
        """Return the cells, in the order of columns."""
        said = [str(value) for value in (self.size, self.type) if value is not None]
        return [self.volume, self.status, self.server, self.host, *said]


def read_volumes(datatable: DataTable) -> tuple[Row, ...]:
    """Read a table of volumes: volume, status, server, host, and optionally GB and type; an empty cell is no server, or
    no host.

    Raises FeatureError.

    >>> read_volumes([["volume", "status", "server", "host"], ["data", "in-use", "web", "alpha"]])
    (Row(volume='data', status='in-use', server='web', host='alpha', size=None, type=None),)
    """
    what = "the table of volumes"
    rows = []
    for number, row in enumerate(read_rows(datatable, what, COLUMNS, (SIZE, TYPE)), start=1):
        for column in (*COLUMNS[:2], TYPE):
            if column in row and not row[column]:
                raise FeatureError(f'{what}, row {number}, column "{column}" is empty; name the {column}')
        if SIZE in row and not row[SIZE].isdecimal():
            raise FeatureError(f'{what}, row {number}, column "{SIZE}": "{row[SIZE]}" is not a whole number such as 1')
        volume, status, server, host = (row[column] for column in COLUMNS)
        rows.append(Row(volume, status, server, host, int(row[SIZE]) if SIZE in row else None, row.get(TYPE)))
    return tuple(rows)


def draw(rows: Collection[Row]) -> str:
    """Draw rows as a feature's table."""
    return rows_drawn(rows, columns_of(rows))


def columns_of(rows: Collection[Row]) -> list[str]:
    """Return the columns of these rows, which all say the size or do not, and likewise the type."""
    said = {SIZE: any(row.size is not None for row in rows), TYPE: any(row.type is not None for row in rows)}
    return [*COLUMNS, *(column for column, is_said in said.items() if is_said)]


def volumes_equal(expected: Sequence[Row]) -> BaseMatcher[Collection[Row]]:
    """Match exactly these rows, in any order: a volume, or an attachment, that is not listed must not exist.

    >>> from hamcrest.core.string_description import StringDescription
    >>> description = StringDescription()
    >>> volumes_equal([Row("data", "available")]).matches([Row("data", "in-use", "web", "alpha")], description)
    False
    >>> print(description)
    Cinder says
          | volume | status    | server | host  |            |
          | data   | available |        |       | missing    |
          | data   | in-use    | web    | alpha | unexpected |
    """
    return RowsEqual(expected, columns_of(expected), what="volumes", source="Cinder")
