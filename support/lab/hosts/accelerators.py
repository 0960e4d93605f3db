"""The accelerators of the lab's hosts, as Nova's process speaks for Cyborg's agents: to Cyborg's process, if there is
one."""

import http.client
import json

from stocktake.support.errors import LabError
from stocktake.support.lab.blueprint import LOOPBACK, Blueprint

PATH = "/-/lab/accelerators"
"""Where Cyborg's process is told the name of a host whose accelerators are to be reported."""

SECONDS = 120.0  # for one report; Cyborg may still be starting


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
        connection = http.client.HTTPConnection(LOOPBACK, self._plan.ports["cyborg"], timeout=SECONDS)
        headers = {"X-Control-Token": self._plan.control_token}
        try:
            connection.request("PUT", PATH, json.dumps({"host": host}), headers)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise LabError(f"Cyborg answered {response.status} to the report of {host}; see its log")
