"""Resource providers that a scenario makes: alone, in trees, below a host; with inventories, traits and aggregates."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from uuid import uuid4

from hamcrest import equal_to
from hamcrest.core.matcher import Matcher

from support.accounting.resources import Resources
from support.cloud.answers import NOT_FOUND, ApiError
from support.cloud.books import Books
from support.cloud.operations import hosts, inventories, wording
from support.cloud.operations.asking import ask
from support.cloud.operations.customs import introduce_trait
from support.cloud.operations.inventories import Inventories
from support.cloud.operations.wording import is_list
from support.cloud.values import Provider
from support.errors import CloudError, FeatureError, Unverified
from support.waiting import eventually


def create(books: Books, name: str, *, parent: str | None = None) -> None:
    """Create a resource provider, below another one of the scenario if `parent` names it, until the scenario ends."""
    _create(books, name, parent=provider_id(books, parent) if parent else None)


def create_below_host(books: Books, name: str, role: str, wanted: Inventories) -> None:
    """Create a provider with inventories below a host's own, as an operator does for what Nova does not know."""
    root = books.roles.host(role).provider
    _create(books, name, parent=root, below=root)
    set_inventories(books, name, wanted)


def create_namesake(books: Books, name: str) -> None:
    """Ask for another provider under the name of one of the scenario."""
    real = books.cloud.placement.provider(provider_id(books, name)).name
    uuid = str(uuid4())
    with books.undoing.after("provider", real, lambda: _remove(books, uuid), id=uuid):
        ask(books, lambda: books.cloud.placement.create_provider(real, uuid=uuid))


def _create(books: Books, name: str, *, parent: str | None, below: str | None = None) -> None:
    """Create a provider; `below` is the root of a host's tree, which then has another structure."""
    if name in books.providers:
        raise FeatureError(f'resource provider "{name}" exists in this scenario already: give each one its own name')
    real, uuid = books.real_name(name), str(uuid4())
    with books.undoing.after("provider", real, lambda: _remove(books, uuid, below), id=uuid):
        made = ask(books, lambda: books.cloud.placement.create_provider(real, uuid=uuid, parent=parent))
    if made is not None:
        books.providers[name] = uuid
    if below:
        books.forget_tree(below)


def _remove(books: Books, uuid: str, below: str | None = None) -> None:
    """Delete a provider unless it is gone, with its inventories, of which nothing is taken by then."""
    try:
        books.cloud.placement.delete_provider(uuid)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
    if below:
        books.forget_tree(below)
        _let_nova_forget(books, below)


def _let_nova_forget(books: Books, root: str) -> None:
    """Have the host of a tree read the tree anew, where its periodic can be run.

    Nova keeps what it has read for `resource_provider_association_refresh` seconds (300 by default), and builds nothing
    on a host in whose tree it looks for a provider that is gone. That is a courtesy to who comes next: the provider is
    gone whether the periodic runs or not.
    """
    for host in books.roles.hosts:
        if host.provider == root and books.cloud.control.missing("run_periodic") is None and hosts.is_up(books, host):
            with suppress(CloudError, Unverified):
                books.cloud.control.run_periodic(host.service)


def provider_id(books: Books, name: str) -> str:
    """Return the uuid of a provider of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in books.providers:
        known = ", ".join(f'"{one}"' for one in books.providers) or "none yet"
        raise FeatureError(f'resource provider "{name}" does not exist in this scenario: it has made {known}')
    return books.providers[name]


def delete(books: Books, name: str) -> None:
    """Ask for a provider to be deleted."""
    uuid = provider_id(books, name)
    ask(books, lambda: books.cloud.placement.delete_provider(uuid))


def set_inventories(books: Books, name: str, wanted: Inventories, *, generation: int | None = None) -> None:
    """Replace the inventories of a provider, based on what it was at a generation if one is given."""
    uuid, real = provider_id(books, name), inventories.introduce_classes(books, wanted)
    ask(books, lambda: books.cloud.placement.set_inventories(uuid, real, generation=generation))


def set_inventories_late(books: Books, name: str, wanted: Inventories) -> None:
    """Ask to replace inventories on the ground of what the provider was one change ago."""
    past = books.cloud.placement.provider(provider_id(books, name)).generation - 1
    set_inventories(books, name, wanted, generation=past)


def inventories_are(books: Books, name: str, expected: Inventories, fields: tuple[str, ...]) -> None:
    """Claim every inventory of a provider, as far as `fields` say."""
    inventories.are(books, provider_id(books, name), expected, fields, f'resource provider "{name}"')


def put_trait(books: Books, trait: str, name: str) -> None:
    """Put a trait on a provider."""
    uuid, real = provider_id(books, name), introduce_trait(books, trait)
    ask(books, lambda: books.cloud.placement.add_trait(uuid, real))


def traits_are(books: Books, name: str, expected: Collection[str]) -> None:
    """Claim every trait of a provider."""
    names, uuid = {real: trait for trait, real in books.customs.items()}, provider_id(books, name)
    _await(
        books,
        lambda: {names.get(trait, trait) for trait in books.cloud.placement.provider_traits(uuid)},
        is_list(expected),
        f'the traits of resource provider "{name}"',
    )


def join_aggregate(books: Books, name: str, aggregate: str) -> None:
    """Put a provider into an aggregate, which Placement knows by nothing but the uuid its members name."""
    uuid, placement = provider_id(books, name), books.cloud.placement
    others = placement.provider_aggregates(uuid)
    placement.set_provider_aggregates(uuid, others | {aggregate_id(books, aggregate)})


def aggregate_id(books: Books, name: str) -> str:
    """Return the uuid of an aggregate of this scenario; a name that is new gets one."""
    return books.aggregates.setdefault(name, str(uuid4()))


def members_are(books: Books, aggregate: str, expected: Collection[str]) -> None:
    """Claim every provider of an aggregate."""
    uuid = aggregate_id(books, aggregate)
    names = {provider: name for name, provider in books.providers.items()} | books.provider_names()
    _await(
        books,
        lambda: {names.get(one.uuid, one.name) for one in books.cloud.placement.providers(member_of=uuid)},
        is_list(expected),
        f'the resource providers of aggregate "{aggregate}"',
    )


def tree_is(books: Books, name: str, expected: dict[str, str]) -> None:
    """Claim the whole tree that a provider belongs to: the name of each provider and of its parent, "" for none."""
    uuid = provider_id(books, name)
    names = {provider: known for known, provider in books.providers.items()}

    def told(provider: str, parent: str) -> str:
        return f"{provider} under {parent}" if parent else provider

    def read() -> list[str]:
        tree: list[Provider] = books.cloud.placement.tree(uuid)
        return [told(names.get(one.uuid, one.name), names.get(one.parent or "", one.parent or "")) for one in tree]

    wanted = is_list(told(*relation) for relation in expected.items())
    _await(books, read, wanted, f'the tree of resource provider "{name}"')


def generation_is(books: Books, name: str, generation: int) -> None:
    """Claim how often a provider has been changed since it was made."""
    uuid = provider_id(books, name)
    _await(
        books,
        lambda: books.cloud.placement.provider(uuid).generation,
        equal_to(generation),
        f'the generation of resource provider "{name}"',
    )


def exists(books: Books, name: str, *, there: bool) -> None:
    """Claim that Placement knows a provider, or that it does not."""
    uuid = provider_id(books, name)
    _await(
        books,
        lambda: bool(books.cloud.placement.providers(uuid=uuid)),
        wording.exists(f'resource provider "{name}"', there=there),
        f'resource provider "{name}"{"" if there else ", which should be gone,"}',
    )


def usages_are(books: Books, name: str, expected: Resources) -> None:
    """Claim what is used of a provider."""
    uuid = provider_id(books, name)
    real = Resources({books.custom(known): expected[known] for known in expected})
    _await(
        books,
        lambda: books.cloud.placement.usages(uuid),
        equal_to(real),
        f'the usages of resource provider "{name}"',
    )


def _await(books: Books, read: Any, matcher: Matcher[Any], what: str) -> None:
    eventually(read, matcher, within=books.cloud.settings.patience_for("accounts"), what=f"{what} to be as promised")
