"""Consumers: allocations on resource providers that are not made by Nova."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import bare_consumers, providers


@given('consumer "{consumer}" holds {amount} {resource} on resource provider "{provider}"')
@when('consumer "{consumer}" requests {amount} {resource} on resource provider "{provider}"')
def take(context: Context, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Let a consumer outside of Nova hold exactly this on a resource provider until the scenario ends.

    Example:
        Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
    """
    bare_consumers.take(context, consumer, providers.provider_id(context, provider), Resources({resource: amount}))


@when(
    'consumer "{consumer}" requests {amount} {resource} on "{provider}" with a stale generation',
    needs=("placement 1.28",),
)
def take_late(context: Context, consumer: str, amount: int, resource: str, provider: str) -> None:
    """Replace the allocations of a consumer with the generation of a consumer that holds none.

    Example:
        When consumer "guest" requests 5 CUSTOM_SEAT on "rack" with a stale generation
    """
    bare_consumers.take_late(context, consumer, providers.provider_id(context, provider), Resources({resource: amount}))


@when('the allocations of consumer "{consumer}" are deleted')
def free(context: Context, consumer: str) -> None:
    """Delete all allocations of a consumer.

    Example:
        When the allocations of consumer "guest" are deleted
    """
    bare_consumers.free(context, consumer)


@then('consumer "{consumer}" holds {amount} {resource}')
def holds(context: Context, consumer: str, amount: int, resource: str) -> None:
    """Check all that a consumer holds, on all resource providers together.

    Example:
        Then consumer "guest" holds 4 CUSTOM_SEAT
    """
    bare_consumers.holds(context, consumer, Resources({resource: amount}))
