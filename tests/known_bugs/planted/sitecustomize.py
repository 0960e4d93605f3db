"""Plants one bug into whatever Nova or Placement this Python process will run.

Python imports `sitecustomize` when it starts, in every process that has this folder on PYTHONPATH. STOCKTAKE_PLANT
names a bug of the folder `bugs`, or mends of the folder `mends`, joined by commas; nothing happens without it, and
nothing before one of the modules is imported that the bug is about. STOCKTAKE_PLANT_LOG names a file that gets a line
when the bug is in place, and one each time it takes effect: a run without these lines proves nothing.
"""

import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = str(Path(__file__).parent)


class Planter:
    """Finds modules as Python would, and has those the bug is about changed as soon as they have been executed."""

    def __init__(self, bug: str, changes: dict[str, Any]):
        self._bug = bug
        self._changes = changes

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target) if name in self._changes else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_change(module: ModuleType) -> None:
            execute(module)
            for change in self._changes[name]:
                change(module)
            planting.note(f"{self._bug} planted in {name}")

        spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


def run_shadowed_sitecustomize() -> None:
    """Let a sitecustomize further down the path have its turn: Python runs the first one only."""
    others = [path for path in sys.path if os.path.abspath(path or ".") != HERE]  # noqa: PTH100 - "" is no Path
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


run_shadowed_sitecustomize()
if bug := os.environ.get("STOCKTAKE_PLANT"):
    import planting

    for each in bug.split(","):
        changes = planting.load(each)
    sys.meta_path.insert(0, Planter(bug, changes))
