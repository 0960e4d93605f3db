"""Retirement: hosts whose compute service is deleted, and what remains of them in Placement."""

from dataclasses import replace
from http import HTTPStatus

from stocktake.support.api import microversions
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts.special_hosts import await_retirement, is_special
from stocktake.support.scenario.operations.matchers import Worded, listed
from stocktake.support.scenario.operations.raw_requests import ANY_STATUS
from stocktake.support.waiting import eventually


def delete_service(context: Context, role: str) -> None:
    """Ask Nova to delete the compute service of a host that was added for the scenario, and keep the response, whatever
    it is. Raises FeatureError for any other host, which would not come back.

    If the response was lost and the service is gone at the next request, it was deleted, for which the response is 204
    without a body (API reference, "Delete Compute Service").
    """
    host, session = context.roles.host(role), context.cloud.session
    if not is_special(context, host):
        raise FeatureError(f'host "{role}" was not added for this scenario: begin with a step that adds a host')
    version = session.require("compute", microversions.SERVICE_UUIDS, what="deleting a compute service by uuid")
    service = context.cloud.services.get(host.service)
    path = f"/os-services/{service.id}"
    answer = session.request("DELETE", "compute", path, microversion=version, ok=ANY_STATUS)
    deleted_before = answer.status == HTTPStatus.NOT_FOUND and answer.attempts > 1
    context.answers.reply = replace(answer, status=HTTPStatus.NO_CONTENT, body=None) if deleted_before else answer
    context.trees.forget(host.provider)


def has_provider(context: Context, role: str) -> None:
    """Check that the resource provider of a host exists in Placement."""
    host = context.roles.host(role)
    eventually(
        lambda: [provider.name for provider in context.cloud.placement.tree(host.provider)],
        Worded(bool, "a resource provider", listed),
        within=0,
        what=f'host "{role}" to have a resource provider',
    )


def has_no_provider(context: Context, role: str) -> None:
    """Check that the resource provider of a host no longer exists in Placement, nor any child of it."""
    await_retirement(context, context.roles.host(role))
