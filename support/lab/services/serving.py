"""What all services of a lab have in common: they die with the supervisor, write to a log, report, and serve HTTP."""

import ctypes
import io
import json
import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from stocktake.support.lab import releases
from stocktake.support.lab.blueprint import Blueprint
from stocktake.support.lab.services import configuration, libraries, shared, threads

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2), <linux/prctl.h>
_SET_NAME = 15

# A polling client keeps its connection, which must not be closed between two requests.
IDLE_CONNECTION_SECONDS = 3600

# Irrelevant warnings: that a request waited for a thread, that an unused cache is not installed; that Nova uses an old
# client of Neutron, that this lacks floating IPs, which Nova asks for with each port, or has loaded something twice.
QUIET = {
    "waitress.queue": logging.ERROR,
    "stevedore.extension": logging.CRITICAL,
    "neutronclient.v2_0.client": logging.ERROR,
    "neutron.pecan_wsgi.controllers.root": logging.ERROR,
    "neutron.quota.resource_registry": logging.ERROR,
}


def die_with(parent: int) -> None:
    """Let the kernel kill this process when `parent`, the process that created it, ends in any way."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it had already ended
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
        sys.stdout.reconfigure(line_buffering=True)  # a log is read while it grows; Python would buffer it in blocks


class Report:
    """How a service reports its progress to the supervisor: one JSON object per line of a pipe."""

    def __init__(self, pipe: int):
        self._pipe = pipe

    def say(self, stage: str) -> None:
        """Report a stage, in up to three words for people; `listening` also means that requests will be answered."""
        os.write(self._pipe, json.dumps({"stage": stage}).encode() + b"\n")


LISTENING = "listening"


def serve(application: WsgiApplication, listener: socket.socket, *, threads: int) -> None:
    """Answer requests on a listening socket until the process ends."""
    shared.settle()
    make_server(application, listener, threads=threads).run()


def make_server(application: WsgiApplication, listener: socket.socket, *, threads: int) -> Any:
    """A waitress server on a listening socket.

    Proxy headers are not processed here: the services have a middleware for them, which features verify.

    The listener is older than eventlet's patch, where a release has one: waitress ignores sockets that are not of the
    class `socket.socket`, and eventlet takes `select.poll` away.
    """
    import waitress  # noqa: PLC0415 - only services have it

    return waitress.create_server(
        application,
        sockets=[socket.socket(fileno=listener.detach())],
        threads=threads,
        ident=None,
        channel_timeout=IDLE_CONNECTION_SECONDS,
        connection_limit=1000,
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=hasattr(select, "poll"),
    )


def run_service(name: str, plan: Blueprint, listeners: dict[str, socket.socket], report: Report) -> None:
    """Prepare and serve one service of the lab in this process; does not return unless it fails."""
    be_called(f"lab-{name}")
    report.say("importing")
    sys.argv = [name]  # some of them parse it
    if name == "nova":
        threads.choose(releases.installed())
    os.chdir(plan.home(name))
    (plan.home(name) / configuration.POLICY_FILE).write_text(plan.shape.policy(name))
    (plan.home(name) / configuration.POLICY_FOLDER).mkdir()
    for logger, level in QUIET.items():
        logging.getLogger(logger).setLevel(level)
    os.environ["TMPDIR"] = str(plan.home(name))
    libraries.adapt()
    module = __import__(f"stocktake.support.lab.services.{name}", fromlist=["run"])
    module.run(plan, listeners, report)
