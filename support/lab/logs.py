"""Reads the services' logs: one record per line, except for tracebacks, which follow their record."""

import re
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path

from stocktake.support.lab.blueprint import Blueprint

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_RECORD = re.compile(r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?P<level>[A-Z]+) ")
_SEVERITY = {level: rank for rank, level in enumerate(LEVELS)} | {"TRACE": LEVELS.index("ERROR")}


def find(plan: Blueprint, request_ids: Collection[str], level: str) -> list[str]:
    """The lines of all services' logs that name one of the requests (any, if none is given) at `level` or above.

    In order of time; a record's traceback is included.
    """
    found = []
    for service in plan.services:
        for time, lines in _records(plan.log(service), request_ids, _SEVERITY[level]):
            found.append((time, [f"{service}: {line}" for line in lines]))
    found.sort(key=lambda record: record[0])
    return [line for _time, lines in found for line in lines]


def tail(path: Path, count: int) -> list[str]:
    """The last `count` lines of a file; none if it does not exist."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []


def _records(path: Path, request_ids: Collection[str], severity: int) -> Iterator[tuple[str, list[str]]]:
    if not path.exists():  # the service has not started
        return
    wanted: list[str] = []
    time = ""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            record = _RECORD.match(line)
            if record is None:
                if wanted:
                    wanted.append(line.rstrip("\n"))
                continue
            if wanted:
                yield time, wanted
            time = record["time"]
            serious = _SEVERITY.get(record["level"], 0) >= severity
            named = not request_ids or any(request_id in line for request_id in request_ids)
            wanted = [line.rstrip("\n")] if serious and named else []
    if wanted:
        yield time, wanted
