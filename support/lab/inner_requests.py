"""Requests of one process of a lab to another one, with the lab's control token: what the lab adds to its services."""

import http.client
import json
from typing import Any

from stocktake.support.lab.blueprint import LOOPBACK, Blueprint

Json = dict[str, Any]

START_SECONDS = 120.0
"""For a request to a service that may still be starting."""


def ask(
    plan: Blueprint, service: str, method: str, path: str, body: Json | None = None, *, seconds: float = START_SECONDS
) -> tuple[int, Json]:
    """Send a request to the process of a service of the lab; return the status and the JSON object of the answer.

    An answer that is no JSON, such as a traceback's, is returned as `{"error": its beginning}`. Raises OSError if there
    is no answer within `seconds`.
    """
    connection = http.client.HTTPConnection(LOOPBACK, plan.ports[service], timeout=seconds)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"X-Control-Token": plan.control_token})
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    try:
        read = json.loads(answer)
    except ValueError:
        read = None
    return response.status, read if isinstance(read, dict) else {"error": answer[:300].decode(errors="replace")}
