"""The accelerators of the lab's hosts, as Nova's process speaks for Cyborg's agents: to Cyborg's process, if there is
one."""

from http import HTTPStatus

from stocktake.support.errors import LabError
from stocktake.support.lab import inner_requests
from stocktake.support.lab.blueprint import Blueprint

PATH = "/-/lab/accelerators"
"""Where Cyborg's process is told the name of a host whose accelerators are to be reported."""


class AcceleratorAgents:
    """The agents of all hosts. They send no heartbeats; each reports when its host starts."""

    def __init__(self, plan: Blueprint):
        self._plan = plan

    def report(self, host: str) -> None:
        """Let the agent of a host report its accelerators. The provider of its compute node must be in Placement.

        Nothing happens without Cyborg. Raises LabError if Cyborg does not take the report.
        """
        if "cyborg" not in self._plan.shape.services:
            return
        status, _answer = inner_requests.ask(self._plan, "cyborg", "PUT", PATH, {"host": host})
        if status != HTTPStatus.OK:
            raise LabError(f"Cyborg answered {status} to the report of {host}; see its log")
