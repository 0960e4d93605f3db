"""The lab's Keystone: what differs from lab to lab though all are made from one database."""

import sqlite3
from contextlib import closing

from stocktake.support.lab.services.keystone import _make_its_own

URL = "http://127.0.0.1:8778"


def catalog(connection):
    """Make the services and endpoints of a lab one's own; return (service, endpoint, url) of what serves Placement."""
    _make_its_own(connection, "placement", URL)
    joined = "SELECT service.id, endpoint.id, url FROM service JOIN endpoint ON service.id = service_id"
    return connection.execute(f"{joined} WHERE type = 'placement'").fetchall()


def test_labs_differ_in_the_ids_of_their_services():
    """By these a journal finds its cloud again: it must not find another lab."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE service (id TEXT, type TEXT)")
        connection.execute("CREATE TABLE endpoint (id TEXT, service_id TEXT, url TEXT)")
        connection.execute("INSERT INTO service VALUES ('s-1', 'placement'), ('s-2', 'compute')")
        connection.execute("INSERT INTO endpoint VALUES ('e-1', 's-1', ''), ('e-2', 's-1', ''), ('e-3', 's-2', 'x')")
        first, second = catalog(connection), catalog(connection)
        others = connection.execute("SELECT * FROM endpoint WHERE service_id = 's-2'").fetchall()
    assert [url for _, _, url in first + second] == [URL] * 4
    assert len({service for service, _, _ in first + second}) == 2
    assert len({endpoint for _, endpoint, _ in first + second}) == 4
    assert others == [("e-3", "s-2", "x")]
