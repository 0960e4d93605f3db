"""Responses: what the APIs return for a request."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import raw_requests


@when("a request is sent to the {service} API without a token")
def ask_without_token(context: Context, service: str) -> None:
    """Send a service a request for its resources, without a token.

    Example:
        When a request is sent to the compute API without a token
    """
    raw_requests.ask(context, service, token=False)


@when("the resources of the {service} API are listed")
def ask(context: Context, service: str) -> None:
    """List the main resources of a service: servers, resource providers or images.

    Example:
        When the resources of the placement API are listed
    """
    raw_requests.ask(context, service)


@when("an unknown server is requested from the compute API")
def ask_for_unknown_server(context: Context) -> None:
    """Request a server that does not exist.

    Example:
        When an unknown server is requested from the compute API
    """
    raw_requests.ask_for_unknown(context, "compute", "/servers")


@when("an unknown resource provider is requested from the placement API")
def ask_for_unknown_provider(context: Context) -> None:
    """Request a resource provider that does not exist.

    Example:
        When an unknown resource provider is requested from the placement API
    """
    raw_requests.ask_for_unknown(context, "placement", "/resource_providers")


@when("a body that is not JSON is sent to the compute API")
def send_broken_body(context: Context) -> None:
    """Send Nova a boot request whose JSON is cut short.

    Example:
        When a body that is not JSON is sent to the compute API
    """
    raw_requests.send_body(context, b'{"server": ')


@when("a body of {amount} KB is sent to the compute API")
def send_large_body(context: Context, amount: int) -> None:
    """Send Nova a boot request of this many KB (1,024 bytes each).

    Example:
        When a body of 200 KB is sent to the compute API
    """
    raw_requests.send_body(context, b'{"server": "' + b"x" * (amount * 1024) + b'"}')


@when("a request is sent to the compute API using microversion {microversion}")
def ask_at_microversion(context: Context, microversion: str) -> None:
    """List the servers using a microversion, supported or not.

    Example:
        When a request is sent to the compute API using microversion 2.9999
    """
    raw_requests.ask(context, "compute", microversion=microversion)


@given("the compute API trusts proxy headers", needs=("disruption", "configure"))
def trust_proxies(context: Context) -> None:
    """Set Nova's enable_proxy_headers_parsing until the scenario ends.

    Example:
        Given the compute API trusts proxy headers
    """
    raw_requests.trust_proxies(context)


@when('a request is sent to the compute API through the proxy "{address}"')
def ask_through_proxy(context: Context, address: str) -> None:
    """Request the versions of Nova through a proxy that has its own address.

    Example:
        When a request is sent to the compute API through the proxy "https://cloud.example"
    """
    raw_requests.ask_through_proxy(context, address)


@when("a server is booted with an unknown flavor")
def boot_from_unknown_flavor(context: Context) -> None:
    """Boot a server with a flavor that does not exist.

    Example:
        When a server is booted with an unknown flavor
    """
    raw_requests.boot_from_unknown_flavor(context)


@when('a server is booted with flavor "{flavor}" from an unknown image')
def boot_from_unknown_image(context: Context, flavor: str) -> None:
    """Boot a server from an image that does not exist.

    Example:
        When a server is booted with flavor "small" from an unknown image
    """
    raw_requests.boot_from_unknown_image(context, flavor)


@when('server "{server}" is resized to an unknown flavor')
def resize_to_unknown_flavor(context: Context, server: str) -> None:
    """Resize a server to a flavor that does not exist.

    Example:
        When server "web" is resized to an unknown flavor
    """
    raw_requests.resize_to_unknown_flavor(context, server)


@then("the response status is {code}")
def answer_is(context: Context, code: int) -> None:
    """Check the HTTP status of the last response.

    Example:
        Then the response status is 401
    """
    raw_requests.answer_is(context, code)


@then('the links in the response begin with "{address}"')
def links_begin_with(context: Context, address: str) -> None:
    """Check that the links in the last response lead clients to the address that they used.

    Example:
        Then the links in the response begin with "https://cloud.example"
    """
    raw_requests.links_begin_with(context, address)


@then("the response includes a request ID")
def answer_carries_request_id(context: Context) -> None:
    """Check that the last response includes a request ID, by which it can be found in the service's log.

    Example:
        Then the response includes a request ID
    """
    raw_requests.answer_carries_request_id(context)


@then('the response is a JSON fault that says "{reason}"')
def answer_is_json_fault(context: Context, reason: str) -> None:
    """Check that the last response is JSON and that its message contains these words.

    Example:
        Then the response is a JSON fault that says "could not be found"
    """
    raw_requests.answer_is_json_fault(context, reason)
