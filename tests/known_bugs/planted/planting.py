"""What a bug may do to Nova: lose calls that one function makes, or answer them in another way.

A bug is a file of the folder `bugs`, and a mend of a known defect one of the folder `mends`, whose functions are marked
with `@into(MODULE)`; each is given that module after Nova has imported it. A name that is not there raises, so that the
service does not start: a bug that no longer fits this Nova must not look like one that was caught.
"""

import functools
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDERS = [Path(__file__).parent / name for name in ("bugs", "mends")]

Change = Callable[[ModuleType], None]

_changes: dict[str, list[Change]] = {}


def into(module: str) -> Callable[[Change], Change]:
    """Mark the function that changes a module of Nova or Placement."""

    def mark(change: Change) -> Change:
        _changes.setdefault(module, []).append(change)
        return change

    return mark


def load(bug: str) -> dict[str, list[Change]]:
    """Return the changes of all that was loaded so far, and now of a bug or a mend, by the module they are for."""
    file = next(path for folder in FOLDERS if (path := folder / f"{bug}.py").exists())
    spec = importlib.util.spec_from_file_location(f"planted_{bug}", file)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return _changes


def replace(
    owner: Any,
    name: str,
    answer: Callable[..., Any],
    *,
    by: str = "",
    under: str = "",
    when: Callable[..., bool] | None = None,
) -> None:
    """Have calls of `owner.name` answered by `answer(original, *arguments)`.

    `by` narrows it to calls made directly by a function of that name, `under` to those made while one runs in this
    thread, both named as Python's own tracebacks name them; `when` to calls whose arguments it accepts.
    """
    original = getattr(owner, name)

    @functools.wraps(original)
    def replacement(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)
        spared = (by and caller.f_code.co_name != by) or (under and not _runs(under, caller))
        if spared or (when is not None and not when(*args, **kwargs)):
            return original(*args, **kwargs)
        note(f"took effect in {owner.__name__}.{name}")
        return answer(original, *args, **kwargs)

    setattr(owner, name, replacement)


def lose(owner: Any, name: str, *, returning: Any = None, **narrowed: Any) -> None:
    """Have calls of `owner.name` do nothing; `by`, `under` and `when` are those of `replace`."""
    replace(owner, name, lambda *_args, **_kwargs: returning, **narrowed)


def free_all_but(resource_class: str, report: ModuleType, *, under: str) -> None:
    """Have Nova leave what a consumer holds of one resource class when it frees everything while `under` runs."""

    def free(original: Callable[..., bool], client: Any, context: Any, consumer: str, **options: Any) -> bool:
        held = client.get_allocs_for_consumer(context, consumer)
        kept = {uuid: on for uuid, on in held["allocations"].items() if resource_class in on["resources"]}
        if not kept:
            return original(client, context, consumer, **options)
        return bool(client._put_allocations(context, consumer, {**held, "allocations": kept}))

    replace(report.SchedulerReportClient, "delete_allocation_for_instance", free, under=under)


def note(line: str) -> None:
    """Write a line of proof."""
    log = os.environ.get("STOCKTAKE_PLANT_LOG")
    if log:
        with Path(log).open("a") as file:
            file.write(f"{os.getpid()} {line}\n")


def _runs(function: str, frame: Any) -> bool:
    while frame is not None:
        if frame.f_code.co_name == function:
            return True
        frame = frame.f_back
    return False
