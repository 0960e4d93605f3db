"""Errors of connections, as requests really raises them; keystoneauth's are in the tests of the session."""

import socket
import threading

import pytest
import requests
from stocktake.support.api.connection_errors import never_connected, why


@pytest.fixture
def listening():
    """A port on which every connection is taken and then treated as `treat` says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(treat):
            def take():
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1000)
                    treat(connection)

            threading.Thread(target=take, daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield serve


def error_of(url, **options):
    """What a request raises."""
    with pytest.raises(requests.RequestException) as raised:
        requests.get(url, **{"timeout": 5, **options})
    return raised.value


def test_port_without_a_listener_refuses(closed_port):
    error = error_of(f"http://127.0.0.1:{closed_port}/")
    assert why(error) == "Connection refused"
    assert never_connected(error)


def test_name_that_nobody_knows_is_said_to_be_one():
    error = error_of("http://no-such-host.invalid/")
    with pytest.raises(socket.gaierror) as system:
        socket.getaddrinfo("no-such-host.invalid", 80)
    assert why(error) == system.value.strerror
    assert never_connected(error)


def test_connection_that_is_closed_without_an_answer(listening):
    error = error_of(listening(lambda connection: None))
    assert why(error) == "Remote end closed connection without response"
    assert not never_connected(error)


def test_connection_that_is_reset(listening):
    linger = bytes((1, 0, 0, 0, 0, 0, 0, 0))  # on, for 0 seconds: closing resets
    error = error_of(listening(lambda connection: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)))
    assert why(error) == "Connection reset by peer"
    assert not never_connected(error)


def test_answer_that_takes_too_long(listening):
    ended = threading.Event()
    error = error_of(listening(lambda connection: ended.wait(10)), timeout=0.2)
    ended.set()
    assert why(error) == "timed out"
    assert not never_connected(error)


def test_error_that_no_connection_caused_speaks_for_itself():
    assert why(ValueError("no\n  JSON")) == "no JSON"
    assert not never_connected(ValueError("no JSON"))
