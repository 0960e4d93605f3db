"""Serves the Placement of a running lab by further processes, as a web server with several workers would.

    python tests/bench/placement_processes.py LAB-FOLDER PROCESSES

Prints the address on which they listen together, and ends with the process that has started it.
"""

import os
import socket
import sys
from pathlib import Path

from stocktake.support.lab.blueprint import LOOPBACK
from stocktake.support.lab.services import databases, libraries, serving

THREADS = 8


def main() -> None:
    """Fork the processes once everything is imported; each opens the database by itself."""
    folder, processes = Path(sys.argv[1]), int(sys.argv[2])
    serving.die_with(os.getppid())
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(folder / "placement")
    sys.argv = ["placement"]
    libraries.adapt()
    libraries.check_schemas_once()
    databases.adapt_oslo_db()
    from placement import wsgi  # noqa: PLC0415 - a second of imports that a wrong argument need not pay

    listener = socket.create_server((LOOPBACK, 0), backlog=128)
    listener.setblocking(False)
    supervisor = os.getpid()
    children = [os.fork() or _serve(wsgi, listener, supervisor) for _ in range(processes)]
    print(f"http://{LOOPBACK}:{listener.getsockname()[1]}", flush=True)
    for child in children:
        os.waitpid(child, 0)


def _serve(wsgi: object, listener: socket.socket, supervisor: int) -> int:
    serving.die_with(supervisor)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the log of requests
    serving.serve(wsgi.init_application(), listener, threads=THREADS)  # type: ignore[attr-defined]
    os._exit(1)


if __name__ == "__main__":
    main()
