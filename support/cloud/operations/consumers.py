"""Consumers that are no servers: what an operator, or another service, takes of resource providers by itself."""

from uuid import uuid4

from hamcrest import equal_to

from support.accounting.resources import Resources
from support.cloud.books import Books
from support.cloud.operations.asking import ask
from support.errors import FeatureError
from support.waiting import eventually


def introduce(books: Books, name: str) -> str:
    """Make a consumer up, unless the scenario has it; return its uuid. All it holds is freed when the scenario ends."""
    if name not in books.strangers:
        consumer = books.strangers[name] = str(uuid4())
        placement = books.cloud.placement
        with books.undoing.after("allocation", consumer, lambda: placement.delete_allocations(consumer), id=consumer):
            pass
    return books.strangers[name]


def take(books: Books, name: str, provider: str, wanted: Resources) -> None:
    """Let a consumer, new or known, hold this of a provider given by its uuid, and nothing else."""
    consumer = introduce(books, name)
    _set(books, consumer, provider, wanted, generation=books.cloud.placement.allocations(consumer).generation)


def take_late(books: Books, name: str, provider: str, wanted: Resources) -> None:
    """Ask for a consumer to hold this, on the ground that it held nothing before.

    Raises Unverified on a cloud that does not heed that (Placement before 1.28).
    """
    books.cloud.placement.check_consumer_generations()
    _set(books, consumer_id(books, name), provider, wanted, generation=None)


def free(books: Books, name: str) -> None:
    """Free all that a consumer holds."""
    books.cloud.placement.delete_allocations(consumer_id(books, name))


def consumer_id(books: Books, name: str) -> str:
    """Return the uuid of a consumer of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in books.strangers:
        known = ", ".join(f'"{one}"' for one in books.strangers) or "none yet"
        raise FeatureError(f'consumer "{name}" does not exist in this scenario: it has made up {known}')
    return books.strangers[name]


def holds(books: Books, name: str, expected: Resources) -> None:
    """Claim what a consumer holds, of all providers together."""
    consumer = consumer_id(books, name)
    real = Resources({books.custom(known): expected[known] for known in expected})
    eventually(
        lambda: Resources.total(books.cloud.placement.allocations(consumer).allocations.values()),
        equal_to(real),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'consumer "{name}" to hold {expected}',
    )


def _set(books: Books, consumer: str, provider: str, wanted: Resources, *, generation: int | None) -> None:
    session, placement = books.cloud.session, books.cloud.placement
    real = Resources({books.custom(name): wanted[name] for name in wanted})
    ask(
        books,
        lambda: placement.set_allocations(
            consumer,
            {provider: real},
            generation=generation,
            project_id=session.project_id,
            user_id=session.user_id,
        ),
    )
