"""Several cells of Nova in one process.

In a deployment each cell has services, a database and a message queue of its own. In the lab all cells share the
services and the in-memory queue; each has a database of its own. So whatever a host of a further cell does is directed
to the database of its cell: by the context of each message, which keeps its cell, and by contexts that the host's
service makes itself.
"""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import configuration

CELL_KEY = "lab_cell_uuid"

_current = threading.local()


class Cells:
    """The cells of a lab: the mapping of each, by number, and the number of each host's cell (1 unless noted)."""

    def __init__(self, mappings: Mapping[int, Any], hosts: Mapping[str, int], home: Path):
        self._mappings = mappings
        self._hosts = hosts
        self._home = home

    def of(self, host: str) -> Any:
        """The cell mapping of a host."""
        return self._mappings[self._hosts.get(host, 1)]

    def lose(self, number: int) -> None:
        """Let the database of a cell fail every query from now on, for good.

        Nova keeps the connections of each cell: these are replaced by those of a file that is not a database.
        Raises KeyError for a cell that the lab does not have.
        """
        from nova import context  # noqa: PLC0415 - only a service may import Nova
        from nova.db.main import api  # noqa: PLC0415

        mapping = self._mappings[number]
        broken = self._home / "lost.sqlite"
        broken.write_text("not a database")
        nothing = configuration.database_url(broken)
        database = api.create_context_manager(nothing)
        mapping.database_connection = nothing  # what other processes, such as nova-manage, read
        mapping.save()
        with context.target_cell(context.get_admin_context(), mapping) as targeted:
            context.CELL_CACHE[mapping.uuid] = (database, targeted.mq_connection)

    @contextlib.contextmanager
    def at(self, host: str) -> Iterator[None]:
        """Direct the contexts that this thread makes to the cell of a host."""
        outer = getattr(_current, "cell", None)
        _current.cell = self.of(host)
        try:
            yield
        finally:
            _current.cell = outer

    def bound(self, host: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, directed to the cell of a host in whichever thread it is called."""

        def directed(*args: Any, **kwargs: Any) -> Any:
            with self.at(host):
                return act(*args, **kwargs)

        return directed


def provide(plan: Blueprint, home: Path) -> Cells:
    """The cells of a lab's shape; those beyond the first, which every lab has, are created."""
    from nova import context, objects  # noqa: PLC0415 - only a service may import Nova

    mappings = objects.CellMappingList.get_all(context.get_admin_context())
    found = {1: next(mapping for mapping in mappings if not mapping.is_cell0())}
    if len(plan.shape.cells) > 1:
        found |= {number: _create(number, home) for number in range(2, len(plan.shape.cells) + 1)}
        _direct(found)
    hosts = {name: plan.shape.cell_of(number) for number, name in enumerate(plan.host_names, start=1)}
    return Cells(found, hosts, home)


def _create(number: int, home: Path) -> Any:
    """Create a further cell with an empty database, as `nova-manage cell_v2 create_cell` does; return its mapping.

    cell0's database is the pattern: it has the tables of every cell, and nothing in it yet.
    """
    from nova import context, objects  # noqa: PLC0415

    path = home / f"cell{number}.sqlite"
    path.write_bytes((home / "cell0.sqlite").read_bytes())
    mapping = objects.CellMapping(
        context.get_admin_context(),
        uuid=str(uuid.uuid4()),
        name=f"cell{number}",
        transport_url="fake:/",
        database_connection=configuration.database_url(path),
    )
    mapping.create()
    return mapping


def _direct(mappings: Mapping[int, Any]) -> None:
    """Direct messages and contexts to the cells they belong to, from now on."""
    from nova import context, rpc  # noqa: PLC0415

    by_uuid = {mapping.uuid: mapping for mapping in mappings.values()}
    serializer = rpc.RequestContextSerializer
    write, read, make = serializer.serialize_context, serializer.deserialize_context, context.get_admin_context

    def serialize(self: Any, ctxt: Any) -> Any:
        return {**write(self, ctxt), CELL_KEY: ctxt.cell_uuid}

    def deserialize(self: Any, values: Any) -> Any:
        ctxt = read(self, values)
        context.set_target_cell(ctxt, by_uuid.get(values.get(CELL_KEY)))
        return ctxt

    def get_admin_context(*args: Any, **kwargs: Any) -> Any:
        ctxt = make(*args, **kwargs)
        if getattr(_current, "cell", None) is not None:
            context.set_target_cell(ctxt, _current.cell)
        return ctxt

    serializer.serialize_context, serializer.deserialize_context = serialize, deserialize
    context.get_admin_context = get_admin_context
