"""Requests whose answer is the point: what an API says to a client that asks wrongly, or asks for what is not there."""

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
from stocktake.support.scenario.operations.servers.server_requests import introduce

ANY_STATUS = range(200, 500)
"""Every answer that is the API's own word; what is above is a failure of the API, not an answer."""

RESOURCES = {"compute": "/servers", "placement": "/resource_providers", "image": "/images"}
"""The list each service is best known for."""


def ask(context: Context, service: str, *, token: bool = True, microversion: str | None = None) -> None:
    """Ask a service for its list of resources and keep the answer, whatever it is."""
    context.answers.reply = context.cloud.session.request(
        "GET", service, RESOURCES[service], ok=ANY_STATUS, authenticated=token, microversion=microversion
    )


def ask_for_unknown(context: Context, service: str, path: str) -> None:
    """Ask for one resource below `path` by an id that nobody has."""
    context.answers.reply = context.cloud.session.request("GET", service, f"{path}/{uuid4()}", ok=ANY_STATUS)


def send_body(context: Context, body: bytes) -> None:
    """Send these bytes to Nova as a boot request that says it is JSON."""
    headers = {"Content-Type": "application/json"}
    context.answers.reply = context.cloud.session.request(  # no server is made of it, so it may be sent again
        "POST", "compute", "/servers", data=body, headers=headers, ok=ANY_STATUS, repeatable=True
    )


def trust_proxies(context: Context) -> None:
    """Let Nova believe what a proxy says of the address it was asked at, until the scenario ends."""
    hosts.set_option(context, "enable_proxy_headers_parsing", value=True, group="oslo_middleware")


def ask_through_proxy(context: Context, address: str) -> None:
    """Ask Nova for its versions as a proxy at that address (https://…) would (RFC 7239 and its forerunners)."""
    scheme, _, name = address.partition("://")
    headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": name}
    context.answers.reply = context.cloud.session.request("GET", "compute", "/", headers=headers, ok=ANY_STATUS)


def links_begin_with(context: Context, address: str) -> None:
    """Check that every link to an API in the last answer leads to that address; links to documents are ignored."""
    found = re.findall(r"'href': '([^']+)'", str(_answer(context).body))
    links = [link for link in found if "docs.openstack" not in link]
    assert_that(len(links), greater_than(0), "the number of links in the response")
    elsewhere = [link for link in links if not link.startswith(address)]
    assert_that(elsewhere, is_none_left(), "links that lead elsewhere")


def boot_from_unknown_flavor(context: Context) -> None:
    """Ask for a server of a flavor that does not exist."""
    _boot(context, str(uuid4()), context.cloud.image.id)


def boot_from_unknown_image(context: Context, flavor: str) -> None:
    """Ask for a server from an image that does not exist."""
    _boot(context, str(context.owned.flavor(flavor).id), str(uuid4()))


def resize_to_unknown_flavor(context: Context, name: str) -> None:
    """Ask for a server to be resized to a flavor that does not exist."""
    server_id = context.servers.id_of(name)
    _refused(context, lambda: context.cloud.server_actions.resize(server_id, str(uuid4())))


def _boot(context: Context, flavor_id: str, image_id: str) -> None:
    """Ask for a server that should be refused; one that is made all the same belongs to the scenario."""
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
    """Check the HTTP status of the last answer or refusal."""
    answer = _answer(context)
    assert_that(answer.status, equal_to(status), f"the status of the response, whose body is {_shown(context, answer)}")


def answer_carries_request_id(context: Context) -> None:
    """Check that the last answer names its request: req- and a UUID (API guide, "Faults")."""
    request_id = _answer(context).request_id or "no request id"
    assert_that(request_id, matches_regexp("^req-[0-9a-f-]{36}$"), "the request ID of the response")


def answer_is_json_fault(context: Context, words: str) -> None:
    """Check that the last answer is a JSON object and that these words stand in it."""
    answer = _answer(context)
    body = _shown(context, answer)
    assert_that(
        type(answer.body).__name__, equal_to("dict"), f"the type of the body of the response, which says {body}"
    )
    assert_that(body, contains_string(words), "the fault")


def _shown(context: Context, answer: Reply) -> str:
    """Return the body of an answer as text for people; the answer to an action may hold a server's password."""
    return context.cloud.session.redact(repr(answer.body))


def _answer(context: Context) -> Reply:
    """Return the answer that the scenario speaks of; speaking of a refusal accepts it."""
    if context.answers.refusal is not None:
        refusal, context.answers.refusal = context.answers.refusal, None
        body = {"fault": {"message": refusal.message, "code": refusal.status}}
        context.answers.reply = Reply(refusal.status or 0, {}, body, refusal.request_id, 0.0)
    if context.answers.reply is None:
        raise FeatureError("no step of this scenario has sent a request whose response could be checked")
    return context.answers.reply
