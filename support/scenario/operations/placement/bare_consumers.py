"""Consumers that are not servers: allocations on resource providers made by operators or other services."""

from uuid import uuid4

from hamcrest import equal_to
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.servers import ALLOCATION
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.refusals import ask
from stocktake.support.waiting import eventually


def introduce(context: Context, name: str) -> str:
    """Return the uuid of a consumer, a new one if need be. All that it holds is freed when the scenario ends."""
    if name not in context.owned.bare_consumers:
        consumer = context.owned.bare_consumers[name] = str(uuid4())
        with context.undoing.after(ALLOCATION, consumer, id=consumer):
            pass
    return context.owned.bare_consumers[name]


def take(context: Context, name: str, provider: str, wanted: Resources) -> None:
    """Let a consumer, new or known, hold exactly this on a provider, given by its uuid."""
    consumer = introduce(context, name)
    _set(context, consumer, provider, wanted, generation=context.cloud.placement.allocations(consumer).generation)


def take_late(context: Context, name: str, provider: str, wanted: Resources) -> None:
    """Request this for a consumer with the generation of a consumer that holds nothing.

    Raises Unverified where Placement does not check consumer generations (before 1.28).
    """
    context.cloud.placement.check_consumer_generations()
    _set(context, consumer_id(context, name), provider, wanted, generation=None)


def free(context: Context, name: str) -> None:
    """Delete all allocations of a consumer."""
    context.cloud.placement.delete_allocations(consumer_id(context, name))


def consumer_id(context: Context, name: str) -> str:
    """Return the uuid of a consumer of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in context.owned.bare_consumers:
        known = ", ".join(f'"{one}"' for one in context.owned.bare_consumers) or "none yet"
        raise FeatureError(f'consumer "{name}" does not exist in this scenario: its consumers are {known}')
    return context.owned.bare_consumers[name]


def holds(context: Context, name: str, expected: Resources) -> None:
    """Check what a consumer holds on all providers together."""
    consumer = consumer_id(context, name)
    real = Resources({context.owned.custom(known): expected[known] for known in expected})
    eventually(
        lambda: Resources.total(context.cloud.placement.allocations(consumer).allocations.values()),
        equal_to(real),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'consumer "{name}" to hold {expected}',
    )


def _set(context: Context, consumer: str, provider: str, wanted: Resources, *, generation: int | None) -> None:
    session, placement = context.cloud.session, context.cloud.placement
    real = Resources({context.owned.custom(name): wanted[name] for name in wanted})
    ask(
        context,
        lambda: placement.set_allocations(
            consumer,
            {provider: real},
            generation=generation,
            project_id=session.project_id,
            user_id=session.user_id,
        ),
    )
