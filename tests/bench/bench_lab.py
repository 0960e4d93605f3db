"""How long a lab takes to be ready, against the time of importing its largest service.

Cold: without prepared databases. Warm: with them, as from the second start on. Both find byte-code. The machine
should have nothing else to do.

    python tests/bench/bench_lab.py [--runs=5] [--hosts=3]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from stocktake.support import lab
from stocktake.support.accounting.tables import render

# What the process of each service imports from its own package.
SERVICES = {
    "keystone": "keystone.server.flask.core",
    "glance": "glance.common.wsgi_app, glance.api.v2.router, glance.api.versions",
    "placement": "placement.wsgi",
    "nova": (
        "nova.monkey_patch; nova.monkey_patch.patch(backend='threading'); "
        "import nova.api.openstack.compute, nova.api.openstack.wsgi_app, nova.compute.manager, "
        "nova.conductor.manager, nova.scheduler.manager, nova.virt.fake"
    ),
}


@dataclass(frozen=True)
class Taken:
    """Medians of several runs, in seconds."""

    wall: float
    processor: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each measurement (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=3, help="of the lab (default %(default)s)")
    options = parser.parse_args()
    imports = {name: measured(options.runs, lambda code=code: import_it(code)) for name, code in SERVICES.items()}
    largest = max(imports, key=lambda name: imports[name].wall)
    start_lab(options.hosts)  # byte-code and databases are there from now on
    rows = [(f"importing {largest}", imports[largest])]
    rows.append(("ready, warm", measured(options.runs, lambda: start_lab(options.hosts))))
    rows.append(("ready, cold", measured(options.runs, lambda: start_cold(options.hosts))))
    base = imports[largest].wall
    table = [[what, f"{taken.wall:.1f}", f"{taken.processor:.1f}", f"{taken.wall / base:.2f}"] for what, taken in rows]
    sys.stdout.write(render(["measured", "seconds", "processor seconds", "ratio"], table) + "\n")


def measured(runs: int, action: Callable[[], float]) -> Taken:
    """Run what tells its own seconds so often, and take the medians."""
    walls, processors = [], []
    for _run in range(runs):
        processor = _processor_seconds()
        walls.append(action())
        processors.append(_processor_seconds() - processor)
    return Taken(statistics.median(walls), statistics.median(processors))


def import_it(code: str) -> float:
    """Import a service in an interpreter of its own; the seconds of the import alone."""
    environment = {**os.environ, "OS_NOVA_DISABLE_EVENTLET_PATCHING": "true"}
    timed = f"import time; began = time.monotonic(); import {code}; print(time.monotonic() - began)"
    command = [sys.executable, "-W", "ignore", "-c", timed]
    return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def start_lab(hosts: int) -> float:
    """Start a lab, and stop it; the seconds until it was ready."""
    began = time.monotonic()
    a_lab = lab.start(hosts=hosts)
    seconds = time.monotonic() - began
    a_lab.stop()
    return seconds


def start_cold(hosts: int) -> float:
    """The same without prepared databases."""
    usual = os.environ.get("XDG_CACHE_HOME", "")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty
        try:
            return start_lab(hosts)
        finally:
            os.environ["XDG_CACHE_HOME"] = usual


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
