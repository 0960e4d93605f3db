"""The compute services of a scenario's hosts are read again only when a request has changed one of them."""

import pytest
from hamcrest import assert_that, contains_exactly, empty


@pytest.fixture
def read(context, nova):
    """Reads the services of both hosts, and tells of which hosts Nova was asked."""

    def reading():
        before = len(nova.asked("GET /os-services.*"))
        for host in context.roles.hosts:
            context.services.of(host)
        return [request.path.partition("host=")[2].partition("&")[0] for request in nova.asked("GET /os-services.*")][
            before:
        ]

    return reading


def test_are_read_once(read):
    assert_that(read(), contains_exactly("cmp-1", "cmp-2"))
    assert_that(read(), empty())


def test_are_read_again_of_a_host_that_was_changed(context, nova, read):
    read()
    service = context.cloud.services.get("cmp-1")
    shown = {"id": service.id, "host": service.host, "binary": service.binary}
    nova.accepts("PUT", f"/os-services/{service.id}", status=200, body={"service": shown})
    context.cloud.services.disable(service.id, reason="maintenance")
    assert_that(read(), contains_exactly("cmp-1"))


def test_are_read_again_of_a_host_that_was_retired(context, nova, read):
    read()
    service = context.cloud.services.get("cmp-2")
    nova.accepts("DELETE", f"/os-services/{service.id}", status=204)
    context.cloud.services.delete(service.id)
    nova.retire("cmp-2")
    assert_that(read(), contains_exactly("cmp-2"))
    assert context.services.of(context.roles.played["beta"]) == []
    assert_that(read(), empty())


def test_are_read_again_when_something_may_have_changed_by_itself(context, read):
    read()
    context.forget_readings()
    assert_that(read(), contains_exactly("cmp-1", "cmp-2"))


def test_that_were_read_elsewhere_need_not_be_read(context, read):
    for host in context.roles.hosts:
        context.services.keep(host, context.cloud.services.all(host=host.service))
    assert_that(read(), empty())
