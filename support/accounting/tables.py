"""Data tables of features, read strictly: what cannot be meant is refused in one sentence that says where."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import os_resource_classes
import os_traits
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.ports import GUARANTEED
from stocktake.support.accounting.rendering import render
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError

__all__ = ["read_allocations", "read_flavors", "read_ports", "read_rows", "read_usages", "render"]

DataTable = Sequence[Sequence[str]]

_UNITS = re.compile(r"([+-]?\d+)\s*([KMGT]?i?B|vcpus?|cpus?|cores?|%)", re.IGNORECASE)
_CUSTOM = re.compile(r"CUSTOM_[A-Z0-9_]+")
_RESOURCES_KEY = re.compile(r"(resources|trait)([a-zA-Z0-9_-]{1,64})?:(.*)")


_FLAVOR_COLUMNS = ("flavor", "VCPU", "MEMORY_MB", "DISK_GB")
_OPTIONAL_FLAVOR_COLUMNS = ("ephemeral GB", "swap MB", "extra specs")
_SIZES = (*_FLAVOR_COLUMNS[1:], *_OPTIONAL_FLAVOR_COLUMNS[:2])


def read_allocations(datatable: DataTable) -> Ledger:
    """Read a table of allocations: consumer, host, then resource classes; absolute amounts.

    A host is a role ("alpha") or a child provider below one ("alpha/numa0"). Raises FeatureError.

    >>> read_allocations([["consumer", "host", "VCPU"], ["server web", "alpha", "1"]])
    Ledger({('server web', 'alpha'): Resources(VCPU=1)})
    """
    what = "the table of allocations"
    rows = read_rows(datatable, what, ("consumer", "host"), others=_check_class)
    classes = _classes(datatable, what, ("consumer", "host"))
    held: dict[tuple[str, str], Resources] = {}
    for number, row in enumerate(rows, start=1):
        key = (_name(row, "consumer", what, number), _name(row, "host", what, number))
        if key in held:
            raise FeatureError(f'{what}, row {number}: "{key[0]}" on host "{key[1]}" is listed a second time')
        held[key] = _amounts(row, classes, what, number)
    return Ledger(held, classes=classes)


def read_usages(datatable: DataTable) -> Usages:
    """Read a table of usages: host, then resource classes; signs are optional, so changes can be written.

    Hosts with only zeros stay `providers` of the result. Raises FeatureError.

    >>> read_usages([["host", "VCPU"], ["alpha", "+1"], ["beta", "0"]]).providers
    ('alpha', 'beta')
    """
    what = "the table of usages"
    rows = read_rows(datatable, what, ("host",), others=_check_class)
    classes = _classes(datatable, what, ("host",))
    used: dict[str, Resources] = {}
    for number, row in enumerate(rows, start=1):
        host = _name(row, "host", what, number)
        if host in used:
            raise FeatureError(f'{what}, row {number}: host "{host}" is listed a second time')
        used[host] = _amounts(row, classes, what, number, signed=True)
    return Usages(used, classes=classes)


def read_flavors(datatable: DataTable) -> list[Flavor]:
    """Read a table of flavors: flavor, VCPU, MEMORY_MB (ram), DISK_GB (root disk), and optional columns.

    Optional: `ephemeral GB`, `swap MB`, and `extra specs` as in "resources:VCPU=0, trait:CUSTOM_GOLD=required".
    Commas separate extra specs; a part without "=" continues the value before it, so CPU masks and lists of
    memory namespaces can be written as they are. Raises FeatureError.
    """
    what = "the table of flavors"
    flavors: dict[str, Flavor] = {}
    rows = read_rows(datatable, what, _FLAVOR_COLUMNS, _OPTIONAL_FLAVOR_COLUMNS)
    for number, row in enumerate(rows, start=1):
        name = _name(row, "flavor", what, number)
        if name in flavors:
            raise FeatureError(f'{what}, row {number}: flavor "{name}" is listed a second time')
        size = {column: _amount(row.get(column, "0"), _where(what, number, column)) for column in _SIZES}
        flavors[name] = Flavor(
            name=name,
            vcpus=size["VCPU"],
            ram=size["MEMORY_MB"],
            disk=size["DISK_GB"],
            ephemeral=size["ephemeral GB"],
            swap=size["swap MB"],
            extra_specs=_extra_specs(row.get("extra specs", ""), _where(what, number, "extra specs")),
        )
    return list(flavors.values())


def read_ports(datatable: DataTable) -> dict[str, Resources]:
    """Read a table of ports: port, then what each guarantees, of the classes `GUARANTEED`. Raises FeatureError.

    >>> read_ports([["port", "NET_BW_EGR_KILOBIT_PER_SEC"], ["gold", "1000"]])
    {'gold': Resources(NET_BW_EGR_KILOBIT_PER_SEC=1000)}
    """
    what = "the table of ports"
    rows = read_rows(datatable, what, ("port",), GUARANTEED)
    classes = _classes(datatable, what, ("port",))
    ports: dict[str, Resources] = {}
    for number, row in enumerate(rows, start=1):
        name = _name(row, "port", what, number)
        if name in ports:
            raise FeatureError(f'{what}, row {number}: port "{name}" is listed a second time')
        ports[name] = _amounts(row, classes, what, number)
    return ports


def read_rows(
    datatable: DataTable,
    what: str,
    required: Sequence[str],
    optional: Sequence[str] = (),
    others: Callable[[str, str], None] | None = None,
) -> list[dict[str, str]]:
    """Read any table with headings as one dictionary per row, cells stripped.

    `what` begins every message ("the table of flavors"). A heading must be one of `required` and `optional`,
    or be accepted by `others(heading, what)`, which raises. Raises FeatureError for a missing, unknown or
    repeated column, a row of another length, and a table without rows.
    """
    if not datatable or not any(cell.strip() for cell in datatable[0]):
        raise FeatureError(f"{what} is empty; its first row must name the columns {_listed(required)}")
    headings = [cell.strip() for cell in datatable[0]]
    for position, heading in enumerate(headings):
        if heading in headings[:position]:
            raise FeatureError(f'{what} has the column "{heading}" twice')
    for heading in headings:
        if heading not in (*required, *optional):
            _check_heading(heading, what, (*required, *optional), others)
    for heading in required:
        if heading not in headings:
            raise FeatureError(f'{what} lacks the column "{heading}"; it has {_listed(headings)}')
    if len(datatable) == 1:
        raise FeatureError(f"{what} has headings and no rows; leave it out, or say what it should hold")
    return [_row(cells, headings, what, number) for number, cells in enumerate(datatable[1:], start=1)]


def _check_heading(heading: str, what: str, known: Sequence[str], others: Callable[[str, str], None] | None) -> None:
    close = difflib.get_close_matches(heading, known, n=1, cutoff=0.75)
    if others is None or close:
        hint = f'did you mean "{close[0]}"?' if close else f"it may have {_listed(known)}"
        raise FeatureError(f'{what} has an unknown column "{heading}"; {hint}')
    others(heading, what)


def _row(cells: Sequence[str], headings: list[str], what: str, number: int) -> dict[str, str]:
    if len(cells) != len(headings):
        raise FeatureError(f"{what}, row {number} has {len(cells)} cells where the heading has {len(headings)}")
    return dict(zip(headings, (cell.strip() for cell in cells), strict=True))


def _classes(datatable: DataTable, what: str, names: Sequence[str]) -> list[str]:
    classes = [heading.strip() for heading in datatable[0] if heading.strip() not in names]
    if not classes:
        raise FeatureError(f"{what} names no resource class; add a column such as VCPU, MEMORY_MB or DISK_GB")
    return classes


def _check_class(name: str, what: str) -> None:
    """Refuse a heading that Placement could not know as a resource class."""
    if name in os_resource_classes.STANDARDS or _CUSTOM.fullmatch(name):
        return
    hint = _did_you_mean(name, os_resource_classes.STANDARDS) or "other classes begin with CUSTOM_"
    raise FeatureError(f'{what} has the column "{name}", which is not a resource class; {hint}')


def _did_you_mean(name: str, known: Collection[str]) -> str:
    """Look for the known name that was probably meant, whatever its case; swapped letters before other ones."""
    wanted = name.upper().replace(" ", "_").replace("-", "_")
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.7)
    close.sort(key=lambda candidate: sorted(candidate) != sorted(wanted))
    return f'did you mean "{close[0]}"?' if close else ""


def _name(row: Mapping[str, str], column: str, what: str, number: int) -> str:
    if not row[column]:
        raise FeatureError(f"{_where(what, number, column)} is empty; name the {column}")
    return row[column]


def _amounts(row: Mapping[str, str], classes: list[str], what: str, number: int, *, signed: bool = False) -> Resources:
    return Resources({name: _amount(row[name], _where(what, number, name), signed=signed) for name in classes})


def _amount(cell: str, where: str, *, signed: bool = False) -> int:
    if re.fullmatch("[+-]?[0-9]+" if signed else "[0-9]+", cell):
        return int(cell)
    if not cell:
        raise FeatureError(f"{where} is empty; nothing is written 0")
    if unit := _UNITS.fullmatch(cell):
        raise FeatureError(f'{where}: "{cell}" has a unit; write {unit[1]} in the unit of the column')
    if re.fullmatch("[+-][0-9]+", cell):
        raise FeatureError(f'{where}: "{cell}" has a sign; amounts here are absolute, only changes are signed')
    raise FeatureError(f'{where}: "{cell}" is not a whole number such as 512')


def _extra_specs(cell: str, where: str) -> dict[str, str]:
    entries: list[str] = []
    for part in cell.split(",") if cell else ():
        if "=" in part:
            entries.append(part)
        elif entries and ":" not in part and part.strip():
            entries[-1] += f",{part.strip()}"
        else:
            raise FeatureError(f'{where}: "{part.strip()}" is not an extra spec; write it as key=value')
    specs: dict[str, str] = {}
    for entry in entries:
        key, value = (text.strip() for text in entry.split("=", 1))
        if key in specs:
            raise FeatureError(f'{where}: the extra spec "{key}" is given twice')
        _check_extra_spec(key, where)
        specs[key] = value
    return specs


def _check_extra_spec(key: str, where: str) -> None:
    """Refuse a resource class or trait that nobody defines: the scheduler would only say "No valid host"."""
    if not (named := _RESOURCES_KEY.fullmatch(key)):
        return
    name = named[3]
    kind, known = (
        ("resource class", os_resource_classes.STANDARDS)
        if named[1] == "resources"
        else ("trait", os_traits.get_traits())
    )
    if name in known or _CUSTOM.fullmatch(name):
        return
    hint = _did_you_mean(name, known) or "names of your own begin with CUSTOM_"
    raise FeatureError(f'{where}: "{key}" names no known {kind}; {hint}')


def _where(what: str, number: int, column: str) -> str:
    return f'{what}, row {number}, column "{column}"'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
