"""Consumers: what somebody other than Nova takes of resource providers."""

from support.accounting.resources import Resources
from support.cloud.books import Books
from support.cloud.operations import consumers, providers
from support.gherkin.phrases import given, then, when


@given('consumer "{consumer}" holds {amount} {resource} of resource provider "{provider}"')
@when('consumer "{consumer}" asks for {amount} {resource} of resource provider "{provider}"')
def take(books: Books, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Let a made-up consumer hold this of a resource provider, and nothing else, until the scenario ends.

    Example:
        Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
    """
    consumers.take(books, consumer, providers.provider_id(books, provider), Resources({resource: amount}))


@when('somebody who missed that asks that consumer "{consumer}" holds {amount} {resource} of "{provider}"')
def take_late(books: Books, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Ask for what a consumer holds to be replaced, on the ground that it held nothing before.

    Example:
        When somebody who missed that asks that consumer "guest" holds 5 CUSTOM_SEAT of "rack"
    """
    consumers.take_late(books, consumer, providers.provider_id(books, provider), Resources({resource: amount}))


@when('consumer "{consumer}" is freed')
def free(books: Books, consumer: str) -> None:
    """Free all that a consumer holds.

    Example:
        When consumer "guest" is freed
    """
    consumers.free(books, consumer)


@then('consumer "{consumer}" holds {amount} {resource}')
def holds(books: Books, consumer: str, amount: int, resource: str) -> None:
    """Claim all that a consumer holds, of all resource providers together.

    Example:
        Then consumer "guest" holds 4 CUSTOM_SEAT
    """
    consumers.holds(books, consumer, Resources({resource: amount}))
