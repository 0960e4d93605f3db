"""Accelerators of servers: what device profiles ask for, and Cyborg's requests in a feature's table.

A flavor names a device profile by `accel:device_profile`. Each of its groups asks Placement for resources of one
provider below the host (Nova, `nova.accelerator.cyborg.get_device_profile_request_groups`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hamcrest.core.base_matcher import BaseMatcher
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rows import RowsEqual
from stocktake.support.accounting.rows import draw as rows_drawn
from stocktake.support.accounting.tables import DataTable, read_rows
from stocktake.support.errors import FeatureError

SPEC = "accel:device_profile"
"""The extra spec by which a flavor names a device profile."""

COLUMNS = ("server", "host", "state")

_PREFIX = "resources:"


def of_groups(groups: Iterable[Mapping[str, str]]) -> Resources:
    """Add up what the groups of a device profile ask for.

    >>> of_groups([{"resources:FPGA": "1", "trait:CUSTOM_FAST": "required"}, {"resources:FPGA": "2"}])
    Resources(FPGA=3)
    """
    return Resources.total(
        Resources({key.removeprefix(_PREFIX): int(value)})
        for group in groups
        for key, value in group.items()
        if key.startswith(_PREFIX)
    )


@dataclass(frozen=True)
class Row:
    """One of Cyborg's requests in a feature's table; names are the feature's."""

    server: str
    host: str
    state: str

    def cells(self) -> list[str]:
        """Return the cells, in the order of columns."""
        return [self.server, self.host, self.state]


def read_requests(datatable: DataTable) -> tuple[Row, ...]:
    """Read a table of accelerator requests: server, host, state. Raises FeatureError.

    >>> read_requests([["server", "host", "state"], ["web", "alpha", "Bound"]])
    (Row(server='web', host='alpha', state='Bound'),)
    """
    what = "the table of accelerator requests"
    rows = read_rows(datatable, what, COLUMNS)
    for number, row in enumerate(rows, start=1):
        if not row["state"]:
            raise FeatureError(f'{what}, row {number}, column "state" is empty; name the state, such as Bound')
    return tuple(Row(*(row[column] for column in COLUMNS)) for row in rows)


def draw(rows: Collection[Row]) -> str:
    """Draw rows as a feature's table."""
    return rows_drawn(rows, COLUMNS)


def requests_equal(expected: Sequence[Row]) -> BaseMatcher[Collection[Row]]:
    """Match exactly these requests, in any order: one that is not listed must not exist."""
    return RowsEqual(expected, COLUMNS, what="accelerator requests", source="Cyborg")
