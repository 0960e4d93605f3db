"""Answers: what the APIs reply to a request, seen from outside."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import raw_requests


@when("the {service} API is asked without a token")
def ask_without_token(context: Context, service: str) -> None:
    """Ask a service for its resources without saying who asks.

    Example:
        When the compute API is asked without a token
    """
    raw_requests.ask(context, service, token=False)


@when("the {service} API is asked for its resources")
def ask(context: Context, service: str) -> None:
    """Ask a service for the list it is best known for: servers, resource providers or images.

    Example:
        When the placement API is asked for its resources
    """
    raw_requests.ask(context, service)


@when("the compute API is asked for an unknown server")
def ask_for_unknown_server(context: Context) -> None:
    """Ask Nova for a server that nobody has.

    Example:
        When the compute API is asked for an unknown server
    """
    raw_requests.ask_for_unknown(context, "compute", "/servers")


@when("the placement API is asked for an unknown resource provider")
def ask_for_unknown_provider(context: Context) -> None:
    """Ask Placement for a resource provider that nobody has.

    Example:
        When the placement API is asked for an unknown resource provider
    """
    raw_requests.ask_for_unknown(context, "placement", "/resource_providers")


@when("the compute API is sent a body that is not JSON")
def send_broken_body(context: Context) -> None:
    """Send Nova a boot request that breaks off.

    Example:
        When the compute API is sent a body that is not JSON
    """
    raw_requests.send_body(context, b'{"server": ')


@when("the compute API is sent a body of {amount} KB")
def send_large_body(context: Context, amount: int) -> None:
    """Send Nova a boot request of so many KB (1,024 bytes each).

    Example:
        When the compute API is sent a body of 200 KB
    """
    raw_requests.send_body(context, b'{"server": "' + b"x" * (amount * 1024) + b'"}')


@when("the compute API is asked at microversion {microversion}")
def ask_at_microversion(context: Context, microversion: str) -> None:
    """Ask Nova for its servers at a microversion, offered or not.

    Example:
        When the compute API is asked at microversion 2.9999
    """
    raw_requests.ask(context, "compute", microversion=microversion)


@given("the compute API trusts the headers of a proxy", needs=("configure",))
def trust_proxies(context: Context) -> None:
    """Set Nova's enable_proxy_headers_parsing until the scenario ends.

    Example:
        Given the compute API trusts the headers of a proxy
    """
    raw_requests.trust_proxies(context)


@when('the compute API is asked through the proxy "{address}"')
def ask_through_proxy(context: Context, address: str) -> None:
    """Ask Nova for its versions as a proxy does that clients know under another address.

    Example:
        When the compute API is asked through the proxy "https://cloud.example"
    """
    raw_requests.ask_through_proxy(context, address)


@when("a server is booted from an unknown flavor")
def boot_from_unknown_flavor(context: Context) -> None:
    """Ask Nova for a server of a flavor that does not exist.

    Example:
        When a server is booted from an unknown flavor
    """
    raw_requests.boot_from_unknown_flavor(context)


@when('a server is booted from flavor "{flavor}" and an unknown image')
def boot_from_unknown_image(context: Context, flavor: str) -> None:
    """Ask Nova for a server from an image that does not exist.

    Example:
        When a server is booted from flavor "small" and an unknown image
    """
    raw_requests.boot_from_unknown_image(context, flavor)


@when('server "{server}" is resized to an unknown flavor')
def resize_to_unknown_flavor(context: Context, server: str) -> None:
    """Ask Nova to resize a server to a flavor that does not exist.

    Example:
        When server "web" is resized to an unknown flavor
    """
    raw_requests.resize_to_unknown_flavor(context, server)


@then("the answer is {code}")
def answer_is(context: Context, code: int) -> None:
    """Claim the HTTP status of the last answer.

    Example:
        Then the answer is 401
    """
    raw_requests.answer_is(context, code)


@then('the links of the answer begin with "{address}"')
def links_begin_with(context: Context, address: str) -> None:
    """Claim that the links of the last answer lead clients back to the address they know.

    Example:
        Then the links of the answer begin with "https://cloud.example"
    """
    raw_requests.links_begin_with(context, address)


@then("the answer carries a request id")
def answer_carries_request_id(context: Context) -> None:
    """Claim that the last answer names the request, so that it can be found in the service's log.

    Example:
        Then the answer carries a request id
    """
    raw_requests.answer_carries_request_id(context)


@then('the answer is a JSON fault that says "{reason}"')
def answer_is_json_fault(context: Context, reason: str) -> None:
    """Claim that the last answer is JSON and that its message contains these words.

    Example:
        Then the answer is a JSON fault that says "could not be found"
    """
    raw_requests.answer_is_json_fault(context, reason)
