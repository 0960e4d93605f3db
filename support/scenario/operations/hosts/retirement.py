"""Retirement: hosts whose compute service is deleted, and what remains of them in Placement."""

from dataclasses import replace
from http import HTTPStatus

from stocktake.support.api import microversions
from stocktake.support.errors import FeatureError
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts.hosts import await_service
from stocktake.support.scenario.operations.hosts.special_hosts import await_retirement, is_special
from stocktake.support.scenario.operations.laboratory import control
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


def register_anew(context: Context, role: str) -> None:
    """Start a compute service on a host whose own was deleted, and wait until it is up and has a resource provider.

    Its network agent has gone on running. Raises Unverified on a cloud that is not a lab, FeatureError if the host
    still has its service.
    """
    host = context.roles.host(role)
    if context.cloud.services.all(host=host.service):
        raise FeatureError(f'host "{role}" still has its compute service: begin with a step that deletes it')
    control(context).register_host(host.service)
    stopped = context.owned.stopped.pop(host.service, None)
    if stopped is not None:
        context.undoing.undone(stopped)
    await_service(context, host, up=True)
    has_provider(context, role)
    context.reserve(host.provider)
    context.trees.forget(host.provider)


def start_network_agent(context: Context, role: str) -> None:
    """Let the network agent of a host start anew; return once Neutron has told Placement what it has reported.

    Raises Unverified on a cloud that is not a lab, and on a lab without Neutron.
    """
    host = context.roles.host(role)
    control(context).start_network_agent(host.service)
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
