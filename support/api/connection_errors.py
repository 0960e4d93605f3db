"""What an error of a connection says, below what requests, urllib3 and keystoneauth wrap it in."""

from collections.abc import Iterator
from typing import Any

from stocktake.support.api.replies import one_line


def never_connected(error: BaseException) -> bool:
    """Tell whether the connection was never made, so that no server can have seen the request."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 - start-up time

    return any(isinstance(one, (NewConnectionError, ConnectTimeoutError)) for one in _layers(error))


def why(error: BaseException) -> str:
    """Return the operating system's words for it, such as "Connection refused"; without any, the error's own."""
    from requests import RequestException  # noqa: PLC0415 - start-up time

    system = [one for one in _layers(error) if isinstance(one, OSError) and not isinstance(one, RequestException)]
    return one_line(system[-1].strerror or system[-1]) if system else one_line(error)


def _layers(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that led to it, each once, causes after what they caused."""
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        one = queue.pop(0)
        if isinstance(one, BaseException) and not any(one is other for other in seen):
            seen.append(one)
            yield one
            queue += [one.__context__, one.__cause__, getattr(one, "reason", None), *one.args]
