"""Retirement: the answer to a service's deletion is kept, and Placement is asked what is left of the host."""

import pytest
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.operations.hosts import retirement
from stocktake.support.scenario.operations.raw_requests import answer_is
from stocktake.support.waiting import TookTooLong

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own


@pytest.fixture(autouse=True)
def added(monkeypatch):
    """The hosts were added for the scenario."""
    monkeypatch.setattr(retirement, "is_special", lambda *_args: True)


@pytest.fixture
def service(real_books, nova):
    """The path of the compute service of "alpha"."""
    return f"/os-services/{real_books.roles.host('alpha').service}-service"


def provider(context):
    return context.roles.host("alpha").provider


def test_a_refusal_is_an_answer_and_the_host_stays(real_books, nova, service):
    nova.refuses("DELETE", service, 409, "it has servers")
    retirement.delete_service(real_books, "alpha")
    answer_is(real_books, 409)
    retirement.has_provider(real_books, "alpha")


def test_a_retired_host_is_gone_from_the_accounts(real_books, nova, apis, service):
    def retire(_request):
        nova.retire(real_books.roles.host("alpha").service)
        real_books.cloud.placement.delete_provider(provider(real_books))

    apis.answer("DELETE", nova.url + service, apis.say(204, then=retire))
    retirement.delete_service(real_books, "alpha")
    answer_is(real_books, 204)
    retirement.has_no_provider(real_books, "alpha")
    assert real_books.trees.all()[provider(real_books)] == ()


def test_a_service_that_is_gone_when_asked_again_was_deleted(real_books, nova, apis, service):
    apis.answer("DELETE", nova.url + service, apis.say(502), apis.say(404, {}))
    retirement.delete_service(real_books, "alpha")
    answer_is(real_books, 204)


def test_a_service_that_nobody_deleted_is_missing(real_books, nova, service):
    nova.refuses("DELETE", service, 404, "not found")
    retirement.delete_service(real_books, "alpha")
    answer_is(real_books, 404)


def test_a_provider_that_stays_is_told_by_its_role(real_books, nova, service):
    nova.accepts("DELETE", service, status=204)
    retirement.delete_service(real_books, "alpha")
    with pytest.raises(TookTooLong, match='the resource provider of host "alpha" to be gone'):
        retirement.has_no_provider(real_books, "alpha")


def test_a_provider_that_is_gone_is_missed(real_books):
    real_books.cloud.placement.delete_provider(provider(real_books))
    with pytest.raises(TookTooLong, match='host "alpha" to have a resource provider'):
        retirement.has_provider(real_books, "alpha")


def test_a_host_that_is_not_the_scenarios_is_not_retired(real_books, nova, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(FeatureError, match="was not added for this scenario"):
        retirement.delete_service(real_books, "alpha")
    assert nova.asked("DELETE .*") == []
