"""Consumers: what somebody other than Nova takes of resource providers."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import bare_consumers, providers


@given('consumer "{consumer}" holds {amount} {resource} of resource provider "{provider}"')
@when('consumer "{consumer}" asks for {amount} {resource} of resource provider "{provider}"')
def take(context: Context, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Let a made-up consumer hold this of a resource provider, and nothing else, until the scenario ends.

    Example:
        Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
    """
    bare_consumers.take(context, consumer, providers.provider_id(context, provider), Resources({resource: amount}))


@when(
    'somebody who missed that asks that consumer "{consumer}" holds {amount} {resource} of "{provider}"',
    needs=("placement 1.28",),
)
def take_late(context: Context, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Ask for what a consumer holds to be replaced, on the ground that it held nothing before.

    Example:
        When somebody who missed that asks that consumer "guest" holds 5 CUSTOM_SEAT of "rack"
    """
    bare_consumers.take_late(context, consumer, providers.provider_id(context, provider), Resources({resource: amount}))


@when('consumer "{consumer}" is freed')
def free(context: Context, consumer: str) -> None:
    """Free all that a consumer holds.

    Example:
        When consumer "guest" is freed
    """
    bare_consumers.free(context, consumer)


@then('consumer "{consumer}" holds {amount} {resource}')
def holds(context: Context, consumer: str, amount: int, resource: str) -> None:
    """Claim all that a consumer holds, of all resource providers together.

    Example:
        Then consumer "guest" holds 4 CUSTOM_SEAT
    """
    bare_consumers.holds(context, consumer, Resources({resource: amount}))
