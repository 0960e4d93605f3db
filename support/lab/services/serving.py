"""What every service of a lab does alike: dies with the supervisor, writes to its log, reports, serves HTTP."""

import ctypes
import io
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import configuration, shared

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2), <linux/prctl.h>
_SET_NAME = 15

# A polling client keeps its connection; it must not find it closed because it thought for a while.
IDLE_CONNECTION_SECONDS = 3600

# Warnings that mean nothing here: that a request waited for a thread, that a cache nobody wants is not installed.
QUIET = {"waitress.queue": logging.ERROR, "stevedore.extension": logging.CRITICAL}


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, the process that made it, is gone, however it went."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it went before the kernel was told
        os._exit(1)


def be_called(name: str) -> None:
    """Show this process as `name` (15 bytes at most) in ps and top."""
    ctypes.CDLL(None).prctl(_SET_NAME, name.encode()[:15], 0, 0, 0)


def write_to(log: int) -> None:
    """Send everything this process prints to the file descriptor `log`, line by line, and give it no input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a log is read while it grows; Python would keep it back in blocks


class Report:
    """How a service tells the supervisor what it is doing: one JSON object on a line of a pipe."""

    def __init__(self, pipe: int):
        self._pipe = pipe

    def say(self, stage: str) -> None:
        """`stage` is a word or three for people; `listening` also means that requests will be answered."""
        os.write(self._pipe, json.dumps({"stage": stage}).encode() + b"\n")


LISTENING = "listening"


def serve(application: WsgiApplication, listener: socket.socket, *, threads: int) -> None:
    """Answer requests on a listening socket until the process ends."""
    shared.settle()
    make_server(application, listener, threads=threads).run()


def make_server(application: WsgiApplication, listener: socket.socket, *, threads: int) -> Any:
    """A waitress server on a listening socket.

    Headers of a proxy are left alone: the services have a middleware for them, which features look at.
    """
    import waitress  # noqa: PLC0415 - only services have it

    return waitress.create_server(
        application,
        sockets=[listener],
        threads=threads,
        ident=None,
        channel_timeout=IDLE_CONNECTION_SECONDS,
        connection_limit=1000,
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
    )


def run_service(name: str, plan: Blueprint, listeners: dict[str, socket.socket], report: Report) -> None:
    """Prepare and serve one service of the lab in this process; does not return unless it fails."""
    be_called(f"lab-{name}")
    sys.argv = [name]  # some of them parse it
    os.chdir(plan.home(name))
    (plan.home(name) / configuration.POLICY_FILE).touch()
    (plan.home(name) / configuration.POLICY_FOLDER).mkdir()
    for logger, level in QUIET.items():
        logging.getLogger(logger).setLevel(level)
    os.environ["TMPDIR"] = str(plan.home(name))
    module = __import__(f"stocktake.support.lab.services.{name}", fromlist=["run"])
    module.run(plan, listeners, report)
