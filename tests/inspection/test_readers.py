"""Reading in several threads: each has a session of its own, results keep their order, and a failure ends it all."""

import threading

import pytest
from stocktake.support.api.clients import Clients
from stocktake.support.api.replies import ApiError, Exchange
from stocktake.support.inspection.readers import Readers

USAGES = "/placement/resource_providers/{}/usages"


@pytest.fixture
def clients(session, apis):
    for number in range(40):
        apis.answer("GET", USAGES.format(number), apis.say(200, {"usages": {"VCPU": number}}))
    return Clients(session)


def vcpus(clients, number):
    return clients.placement.usages(str(number))["VCPU"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_results_come_in_the_order_of_the_things(clients, jobs):
    assert list(Readers(clients, jobs).each(vcpus, range(40))) == list(range(40))


@pytest.mark.parametrize("jobs", [1, 4])
def test_every_request_is_counted(clients, apis, jobs):
    readers = Readers(clients, jobs)
    list(readers.each(vcpus, range(40)))
    assert readers.throttle.requests == len(apis.asked())


def test_as_many_are_read_at_a_time_as_there_are_jobs(clients):
    together = threading.Barrier(3, timeout=5)
    assert list(Readers(clients, 3).each(lambda _clients, number: together.wait() < 3 and number, range(6))) == list(
        range(6)
    )


def test_threads_share_no_session(clients):
    together, sessions = threading.Barrier(3, timeout=5), []

    def read(mine, _number):
        sessions.append(mine.session)
        together.wait()

    list(Readers(clients, 3).each(read, range(6)))
    assert len(set(map(id, sessions))) == 3
    assert clients.session not in sessions


def test_later_readings_use_the_sessions_of_earlier_ones(clients, apis):
    readers = Readers(clients, 2)
    list(readers.each(vcpus, range(20)))
    logins = len([one for one in apis.requests if one.method == "POST"])
    list(readers.each(vcpus, range(20)))
    assert len([one for one in apis.requests if one.method == "POST"]) == logins <= 3


def test_a_failure_ends_the_rest(clients, apis):
    apis.answer("GET", USAGES.format(1), apis.say(500, {"errors": [{"detail": "broken"}]}))
    with pytest.raises(ApiError, match="broken"):
        list(Readers(clients, 2).each(vcpus, [*range(40), *range(1000)]))
    assert len(apis.asked()) < 100


def test_fewer_are_read_at_a_time_where_the_rate_of_requests_is_limited(clients, apis):
    refused = apis.say(429, headers={"Retry-After": "1"})
    apis.answer("GET", USAGES.format(0), refused, apis.say(200, {"usages": {"VCPU": 0}}))
    readers = Readers(clients, 4)
    assert list(readers.each(vcpus, range(4))) == [0, 1, 2, 3]
    assert readers.throttle.limit == 2


def test_a_long_list_may_take_its_time_but_nothing_else(clients):
    readers = Readers(clients, 4)
    slow = Exchange(0.0, "GET", "compute", "/servers/detail", 200, None, 5.0, None)
    clients.session.watch(slow)
    readers.meanwhile(lambda mine: mine.session.watch(slow))()
    assert readers.throttle.limit == 4
    list(readers.each(lambda mine, _thing: mine.session.watch(slow), range(1)))
    assert readers.throttle.limit == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_something_is_read_meanwhile(clients, jobs):
    wait = Readers(clients, jobs).meanwhile(lambda mine: (vcpus(mine, 7), mine.session is clients.session))
    assert wait() == (7, jobs == 1)


def test_a_failure_of_what_is_read_meanwhile_is_raised_by_the_wait_for_it(clients, apis):
    apis.answer("GET", USAGES.format(7), apis.say(500, {"errors": [{"detail": "broken"}]}))
    wait = Readers(clients, 2).meanwhile(lambda mine: vcpus(mine, 7))
    with pytest.raises(ApiError, match="broken"):
        wait()
