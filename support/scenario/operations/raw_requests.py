"""Requests whose response is the subject: what an API says about invalid requests and unknown resources."""

import re
from collections.abc import Callable
from uuid import uuid4

from hamcrest import assert_that, contains_string, equal_to, greater_than, matches_regexp
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.api.replies import Reply
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.servers import SERVER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.matchers import is_none_left
from stocktake.support.scenario.operations.refusals import ask as ask_for
from stocktake.support.scenario.operations.servers import flavors
from stocktake.support.scenario.operations.servers.server_requests import introduce

ANY_STATUS = range(200, 500)
"""Statuses that are a response of the API; those above are a failure of the API."""

RESOURCES = {"compute": "/servers", "placement": "/resource_providers", "image": "/images"}
"""The main list of each service."""


def ask(context: Context, service: str, *, token: bool = True, microversion: str | None = None) -> None:
    """List the main resources of a service and keep the response, whatever it is."""
    context.answers.reply = context.cloud.session.request(
        "GET", service, RESOURCES[service], ok=ANY_STATUS, authenticated=token, microversion=microversion
    )


def ask_for_unknown(context: Context, service: str, path: str) -> None:
    """Request a resource below `path` by an id that does not exist."""
    context.answers.reply = context.cloud.session.request("GET", service, f"{path}/{uuid4()}", ok=ANY_STATUS)


def send_body(context: Context, body: bytes) -> None:
    """Send these bytes to Nova as a boot request that says it is JSON."""
    headers = {"Content-Type": "application/json"}
    context.answers.reply = context.cloud.session.request(  # it creates no server, so it may be sent again
        "POST", "compute", "/servers", data=body, headers=headers, ok=ANY_STATUS, repeatable=True
    )


def trust_proxies(context: Context) -> None:
    """Let Nova trust the address in a proxy's headers, until the scenario ends."""
    hosts.set_option(context, "enable_proxy_headers_parsing", value=True, group="oslo_middleware")


def ask_through_proxy(context: Context, address: str) -> None:
    """Request Nova's versions as a proxy at that address (https://…) would (RFC 7239 and its predecessors)."""
    scheme, _, name = address.partition("://")
    headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": name}
    context.answers.reply = context.cloud.session.request("GET", "compute", "/", headers=headers, ok=ANY_STATUS)


def links_begin_with(context: Context, address: str) -> None:
    """Check that every link to an API in the last response has that address; links to documents are ignored."""
    found = re.findall(r"'href': '([^']+)'", str(_answer(context).body))
    links = [link for link in found if "docs.openstack" not in link]
    assert_that(len(links), greater_than(0), "the number of links in the response")
    elsewhere = [link for link in links if not link.startswith(address)]
    assert_that(elsewhere, is_none_left(), "links to other addresses")


def boot_from_unknown_flavor(context: Context) -> None:
    """Request a server with a flavor that does not exist."""
    _boot(context, str(uuid4()), context.cloud.image.id)


def boot_from_unknown_image(context: Context, flavor: str) -> None:
    """Request a server from an image that does not exist."""
    _boot(context, flavors.in_cloud(context, flavor), str(uuid4()))


def resize_to_unknown_flavor(context: Context, name: str) -> None:
    """Request a resize to a flavor that does not exist."""
    server_id = context.servers.id_of(name)
    _refused(context, lambda: context.cloud.server_actions.resize(server_id, str(uuid4())))


def _boot(context: Context, flavor_id: str, image_id: str) -> None:
    """Request a server that should be refused; if it is created all the same, it belongs to the scenario."""
    name = "refused"
    request = BootRequest(
        introduce(context, name),
        flavor_id,
        image_id=image_id,
        networks=context.cloud.settings.network,
        metadata=context.cloud.mark.metadata,
    )
    with context.undoing.after(SERVER, request.name):
        _refused(context, lambda: context.cloud.servers.create(request))


def _refused(context: Context, send: Callable[[], object]) -> None:
    ask_for(context, send)


def answer_is(context: Context, status: int) -> None:
    """Check the HTTP status of the last response."""
    answer = _answer(context)
    assert_that(answer.status, equal_to(status), f"the status of the response, whose body is {_shown(context, answer)}")


def answer_carries_request_id(context: Context) -> None:
    """Check that the last response has a request ID: req- and a UUID (API guide, "Faults")."""
    request_id = _answer(context).request_id or "no request ID"
    assert_that(request_id, matches_regexp("^req-[0-9a-f-]{36}$"), "the request ID of the response")


def answer_is_json_fault(context: Context, words: str) -> None:
    """Check that the last response is a JSON object that contains these words."""
    answer = _answer(context)
    body = _shown(context, answer)
    assert_that(type(answer.body).__name__, equal_to("dict"), f"the type of the body of the response, which is {body}")
    assert_that(body, contains_string(words), "the fault")


def _shown(context: Context, answer: Reply) -> str:
    """Return the body of a response as redacted text; it may contain a server's password."""
    return context.cloud.session.redact(repr(answer.body))


def _answer(context: Context) -> Reply:
    """Return the response that a step checks; checking a refusal accepts it."""
    if context.answers.refusal is not None:
        refusal, context.answers.refusal = context.answers.refusal, None
        body = {"fault": {"message": refusal.message, "code": refusal.status}}
        context.answers.reply = Reply(refusal.status or 0, {}, body, refusal.request_id, 0.0)
    if context.answers.reply is None:
        raise FeatureError("no step of this scenario has sent a request whose response could be checked")
    return context.answers.reply
