"""Answers: what the APIs reply to a request, seen from outside."""

from support.cloud.books import Books
from support.cloud.operations import requests
from support.gherkin.phrases import given, then, when


@when("the {service} API is asked without a token")
def ask_without_token(books: Books, service: str) -> None:
    """Ask a service for its resources without saying who asks.

    Example:
        When the compute API is asked without a token
    """
    requests.ask(books, service, token=False)


@when("the {service} API is asked for its resources")
def ask(books: Books, service: str) -> None:
    """Ask a service for the list it is best known for: servers, resource providers or images.

    Example:
        When the placement API is asked for its resources
    """
    requests.ask(books, service)


@when("the compute API is asked for an unknown server")
def ask_for_unknown_server(books: Books) -> None:
    """Ask Nova for a server that nobody has.

    Example:
        When the compute API is asked for an unknown server
    """
    requests.ask_for_unknown(books, "compute", "/servers")


@when("the placement API is asked for an unknown resource provider")
def ask_for_unknown_provider(books: Books) -> None:
    """Ask Placement for a resource provider that nobody has.

    Example:
        When the placement API is asked for an unknown resource provider
    """
    requests.ask_for_unknown(books, "placement", "/resource_providers")


@when("the compute API is sent a body that is not JSON")
def send_broken_body(books: Books) -> None:
    """Send Nova a boot request that breaks off.

    Example:
        When the compute API is sent a body that is not JSON
    """
    requests.send_body(books, b'{"server": ')


@when("the compute API is sent a body of {amount} KB")
def send_large_body(books: Books, amount: int) -> None:
    """Send Nova a boot request of so many KB (1,024 bytes each).

    Example:
        When the compute API is sent a body of 200 KB
    """
    requests.send_body(books, b'{"server": "' + b"x" * (amount * 1024) + b'"}')


@when("the compute API is asked at microversion {microversion}")
def ask_at_microversion(books: Books, microversion: str) -> None:
    """Ask Nova for its servers at a microversion, offered or not.

    Example:
        When the compute API is asked at microversion 2.9999
    """
    requests.ask(books, "compute", microversion=microversion)


@given("the compute API trusts the headers of a proxy")
def trust_proxies(books: Books) -> None:
    """Set Nova's enable_proxy_headers_parsing until the scenario ends.

    Example:
        Given the compute API trusts the headers of a proxy
    """
    requests.trust_proxies(books)


@when('the compute API is asked through the proxy "{address}"')
def ask_through_proxy(books: Books, address: str) -> None:
    """Ask Nova for its versions as a proxy does that clients know under another address.

    Example:
        When the compute API is asked through the proxy "https://cloud.example"
    """
    requests.ask_through_proxy(books, address)


@when("a server is booted from an unknown flavor")
def boot_from_unknown_flavor(books: Books) -> None:
    """Ask Nova for a server of a flavor that does not exist.

    Example:
        When a server is booted from an unknown flavor
    """
    requests.boot_from_unknown_flavor(books)


@when('a server is booted from flavor "{flavor}" and an unknown image')
def boot_from_unknown_image(books: Books, flavor: str) -> None:
    """Ask Nova for a server from an image that does not exist.

    Example:
        When a server is booted from flavor "small" and an unknown image
    """
    requests.boot_from_unknown_image(books, flavor)


@when('server "{server}" is resized to an unknown flavor')
def resize_to_unknown_flavor(books: Books, server: str) -> None:
    """Ask Nova to resize a server to a flavor that does not exist.

    Example:
        When server "web" is resized to an unknown flavor
    """
    requests.resize_to_unknown_flavor(books, server)


@then("the answer is {code}")
def answer_is(books: Books, code: int) -> None:
    """Claim the HTTP status of the last answer.

    Example:
        Then the answer is 401
    """
    requests.answer_is(books, code)


@then('the links of the answer begin with "{address}"')
def links_begin_with(books: Books, address: str) -> None:
    """Claim that the links of the last answer lead clients back to the address they know.

    Example:
        Then the links of the answer begin with "https://cloud.example"
    """
    requests.links_begin_with(books, address)


@then("the answer carries a request id")
def answer_carries_request_id(books: Books) -> None:
    """Claim that the last answer names the request, so that it can be found in the service's log.

    Example:
        Then the answer carries a request id
    """
    requests.answer_carries_request_id(books)


@then('the answer is a JSON fault that says "{reason}"')
def answer_is_json_fault(books: Books, reason: str) -> None:
    """Claim that the last answer is JSON and that its message contains these words.

    Example:
        Then the answer is a JSON fault that says "could not be found"
    """
    requests.answer_is_json_fault(books, reason)
