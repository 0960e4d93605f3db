"""The cause of a connection error, below the layers of requests, urllib3 and keystoneauth."""

import re
from collections.abc import Iterator
from typing import Any

from stocktake.support.api.replies import one_line

ADDRESS = re.compile(r"https?://[^/\s:]+(:\d+)?")


def never_connected(error: BaseException) -> bool:
    """Return whether the connection was never established, so that no server can have received the request."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 - start-up time

    return any(isinstance(one, (NewConnectionError, ConnectTimeoutError)) for one in _layers(error))


def why(error: BaseException) -> str:
    """Return the operating system's message, such as "Connection refused", or else the error's own."""
    from requests import RequestException  # noqa: PLC0415 - start-up time

    system = [one for one in _layers(error) if isinstance(one, OSError) and not isinstance(one, RequestException)]
    return one_line(system[-1].strerror or system[-1]) if system else one_line(error)


def address_in(error: BaseException) -> str | None:
    """Return scheme and host of the address that an error of keystoneauth is about, None when it names none."""
    found = ADDRESS.search(str(getattr(error, "url", None) or error))
    return found[0] if found else None


def _layers(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all its causes, each once, causes after their effects."""
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        one = queue.pop(0)
        if isinstance(one, BaseException) and not any(one is other for other in seen):
            seen.append(one)
            yield one
            queue += [one.__context__, one.__cause__, getattr(one, "reason", None), *one.args]
