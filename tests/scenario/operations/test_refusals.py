"""Asking for what may be refused: a refusal is an answer, which the scenario must speak of."""

import pytest
from hamcrest import assert_that, has_properties
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified
from stocktake.support.scenario.operations.refusals import ask, check_spoken


@pytest.fixture
def delete(context):
    """Asks for the deletion of a server."""
    return lambda: ask(context, lambda: context.cloud.servers.delete("web-id"))


def test_what_is_agreed_to_is_returned(context, nova, delete):
    nova.accepts("DELETE", "/servers/web-id", "req-7")
    assert (delete(), context.answers.refusal) == ("req-7", None)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413])
def test_a_refusal_is_kept_on_the_books(context, nova, delete, status):
    nova.refuses("DELETE", "/servers/web-id", status, "because")
    assert delete() is None
    assert_that(context.answers.refusal, has_properties(status=status, message="because"))


def test_a_failure_of_the_api_is_no_answer(context, nova, delete):
    nova.refuses("DELETE", "/servers/web-id", 500)
    with pytest.raises(ApiError, match="answered 500"):
        delete()
    assert context.answers.refusal is None


def test_a_new_question_forgets_the_last_refusal(context, nova, delete):
    nova.refuses("DELETE", "/servers/web-id")
    delete()
    nova.accepts("DELETE", "/servers/web-id")
    delete()
    assert context.answers.refusal is None


def test_a_refusal_that_was_spoken_of_is_forgotten(context, nova, delete):
    nova.refuses("DELETE", "/servers/web-id")
    delete()
    with pytest.raises(ApiError, match="answered 409"):
        check_spoken(context)
    check_spoken(context)


def test_a_limit_of_the_cloud_is_an_answer_too(context, nova, delete):
    nova.refuses(
        "DELETE", "/servers/web-id", 403, "Policy doesn't allow os_compute_api:servers:delete to be performed."
    )
    delete()
    assert_that(context.answers.refusal, has_properties(status=403))
    with pytest.raises(Unverified, match="allow it in the policy of the compute service"):
        check_spoken(context)
