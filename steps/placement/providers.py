"""Resource providers that operators create in Placement: alone, in trees and below hosts."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.hosts.needs import REFRESH
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import inventories, providers, shared_storage


@given('resource provider "{provider}"')
@when('resource provider "{provider}" is created')
def create(context: Context, provider: str) -> None:
    """Create a resource provider without a parent, until the scenario ends.

    Example:
        Given resource provider "rack"
    """
    providers.create(context, provider)


@given('resource provider "{child}" is a child of "{provider}"')
@when('resource provider "{child}" is created as a child of "{provider}"')
def create_below(context: Context, child: str, provider: str) -> None:
    """Create a resource provider as the child of another one.

    Example:
        Given resource provider "shelf" is a child of "rack"
    """
    providers.create(context, child, parent=provider)


@when('another resource provider named "{provider}" is created')
def create_namesake(context: Context, provider: str) -> None:
    """Create a second resource provider with the same name.

    Example:
        When another resource provider named "rack" is created
    """
    providers.create_namesake(context, provider)


@given(
    'host "{host}" has a nested resource provider "{child}" with this inventory',
    needs=("disruption", "placement 1.37", REFRESH),
)
def create_below_host(context: Context, host: str, child: str, datatable: list[list[str]]) -> None:
    """Create a resource provider below the root provider of a host, for resources that Nova does not manage.

    Allocations on it are shown as those of "HOST/CHILD". Custom resource classes are created for the scenario. When
    the scenario ends, the provider leaves the tree, and is deleted once nova-compute no longer looks for it.

    Example:
        Given host "alpha" has a nested resource provider "magic" with this inventory
          | resource class | total |
          | CUSTOM_WAND    |    10 |
    """
    wanted, _ = inventories.read_table(datatable)
    providers.create_below_host(context, child, host, wanted)


@given('shared storage "{storage}" with {amount} GB')
def create_storage(context: Context, storage: str, amount: int) -> None:
    """Create a resource provider whose DISK_GB serves the hosts that use it. In tables it stands where hosts do.

    Example:
        Given shared storage "nfs" with 100 GB
    """
    shared_storage.create(context, storage, amount)


@given('host "{host}" uses shared storage "{storage}"', needs=("add_host",))
def use_storage(context: Context, host: str, storage: str) -> None:
    """Let a host that was added for the scenario use the DISK_GB of shared storage.

    Example:
        Given host "alpha" uses shared storage "nfs"
    """
    shared_storage.use(context, storage, host)


@given('resource provider "{provider}" has this inventory')
@when('resource provider "{provider}" is given this inventory')
def set_inventories(context: Context, provider: str, datatable: list[list[str]]) -> None:
    """Replace all inventories of a resource provider; omitted fields have Placement's defaults.

    Example:
        Given resource provider "rack" has this inventory
          | resource class | total | max_unit |
          | CUSTOM_SEAT    |    10 |        4 |
    """
    wanted, _ = inventories.read_table(datatable)
    providers.set_inventories(context, provider, wanted)


@when('resource provider "{provider}" is given this inventory with a stale generation')
def set_inventories_late(context: Context, provider: str, datatable: list[list[str]]) -> None:
    """Replace inventories using the generation that the provider had before its last change.

    Example:
        When resource provider "rack" is given this inventory with a stale generation
          | resource class | total |
          | CUSTOM_SEAT    |     5 |
    """
    wanted, _ = inventories.read_table(datatable)
    providers.set_inventories_late(context, provider, wanted)


@given('resource provider "{provider}" has trait {trait}')
@when('resource provider "{provider}" is given trait {trait}')
def put_trait(context: Context, provider: str, trait: str) -> None:
    """Add a trait to a resource provider of the scenario; custom traits are created for the scenario.

    Example:
        Given resource provider "rack" has trait CUSTOM_COOLED
    """
    providers.put_trait(context, trait, provider)


@given('resource provider "{provider}" is in aggregate "{aggregate}"')
@when('resource provider "{provider}" joins aggregate "{aggregate}"')
def join_aggregate(context: Context, provider: str, aggregate: str) -> None:
    """Add a resource provider to an aggregate that exists only in Placement.

    Example:
        When resource provider "rack" joins aggregate "east"
    """
    providers.join_aggregate(context, provider, aggregate)


@when('resource provider "{provider}" is deleted')
def delete(context: Context, provider: str) -> None:
    """Ask Placement to delete a resource provider.

    Example:
        When resource provider "rack" is deleted
    """
    providers.delete(context, provider)


@then('resource provider "{provider}" exists')
def exists(context: Context, provider: str) -> None:
    """Check that a resource provider exists in Placement.

    Example:
        Then resource provider "rack" exists
    """
    providers.exists(context, provider, there=True)


@then('resource provider "{provider}" does not exist')
def does_not_exist(context: Context, provider: str) -> None:
    """Check that a resource provider does not exist in Placement.

    Example:
        Then resource provider "rack" does not exist
    """
    providers.exists(context, provider, there=False)


@then('the generation of resource provider "{provider}" is {count}')
def generation_is(context: Context, provider: str, count: int) -> None:
    """Check the generation of a resource provider, which increases with every update.

    Example:
        Then the generation of resource provider "rack" is 1
    """
    providers.generation_is(context, provider, count)


@then('the inventory of resource provider "{provider}" is')
def inventories_are(context: Context, provider: str, datatable: list[list[str]]) -> None:
    """Check every inventory of a resource provider, in the columns of the table.

    Example:
        Then the inventory of resource provider "rack" is
          | resource class | total | reserved |
          | CUSTOM_SEAT    |    10 |        0 |
    """
    expected, fields = inventories.read_table(datatable)
    providers.inventories_are(context, provider, expected, fields)


@then('the usage of resource provider "{provider}" is {amount} {resource}')
def usages_are(context: Context, amount: int, resource: str, provider: str) -> None:
    """Check the whole usage of a resource provider, which is of one resource class.

    Example:
        Then the usage of resource provider "rack" is 4 CUSTOM_SEAT
    """
    providers.usages_are(context, provider, Resources({resource: amount}))


@then('the traits of resource provider "{provider}" are')
def traits_are(context: Context, provider: str, datatable: list[list[str]]) -> None:
    """Check every trait of a resource provider.

    Example:
        Then the traits of resource provider "rack" are
          | trait         |
          | CUSTOM_COOLED |
    """
    rows = read_rows(datatable, "the table of traits", ("trait",))
    providers.traits_are(context, provider, [row["trait"] for row in rows])


@then('the tree of resource provider "{provider}" is')
def tree_is(context: Context, provider: str, datatable: list[list[str]]) -> None:
    """Check every provider of the tree that a resource provider belongs to; the root has no parent.

    Example:
        Then the tree of resource provider "shelf" is
          | provider | parent |
          | rack     |        |
          | shelf    | rack   |
    """
    rows = read_rows(datatable, "the table of providers", ("provider", "parent"))
    providers.tree_is(context, provider, {row["provider"]: row["parent"] for row in rows})


@then('the resource providers of aggregate "{aggregate}" are')
def members_are(context: Context, aggregate: str, datatable: list[list[str]]) -> None:
    """Check every resource provider that is in an aggregate.

    Example:
        Then the resource providers of aggregate "east" are
          | provider |
          | rack     |
    """
    rows = read_rows(datatable, "the table of providers", ("provider",))
    providers.members_are(context, aggregate, [row["provider"] for row in rows])


@given('nested resource provider "{provider}" has been given trait {trait}')
def put_trait_on_nested(context: Context, trait: str, provider: str) -> None:
    """Add a trait to a nested resource provider of a host.

    Example:
        Given nested resource provider "blue" has been given trait CUSTOM_LONG
    """
    providers.put_trait(context, trait, provider)
