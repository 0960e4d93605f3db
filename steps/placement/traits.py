"""Traits: the capabilities of a host, set by Nova and by operators."""

from stocktake.support.accounting.tables import read_rows
from stocktake.support.accounting.words import is_custom
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.hosts.needs import REFRESH
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import custom_names, traits

LISTED = ("trait",)
EXPLAINED = ("its servers may",)


def _needs(trait: str) -> tuple[str, ...]:
    """Return what a cloud must offer for a trait to be changed: others may rely on a standard one."""
    return () if is_custom(trait) else ("disruption",)


@given('trait {trait} has been added to host "{host}"', needs=_needs)
def put_on(context: Context, trait: str, host: str) -> None:
    """Add a trait to the provider of a host until the scenario ends; custom traits are created for the scenario.

    Example:
        Given trait CUSTOM_FAST has been added to host "beta"
    """
    traits.put_on(context, trait, host)


@given('trait {trait} has been removed from host "{host}"', needs=lambda trait: (*_needs(trait), REFRESH))
def take_off(context: Context, trait: str, host: str) -> None:
    """Remove a trait from the resource provider of a host, as an operator does through the Placement API.

    Example:
        Given trait CUSTOM_FAST has been removed from host "beta"
    """
    traits.take_off(context, trait, host)


@then('host "{host}" has trait {trait}')
def host_has_trait(context: Context, host: str, trait: str) -> None:
    """Check that a host's resource provider has a trait; waits until it has.

    Example:
        Then host "beta" has trait COMPUTE_NODE
    """
    traits.host_has(context, host, trait)


@then('host "{host}" does not have trait {trait}')
def host_lacks_trait(context: Context, host: str, trait: str) -> None:
    """Check that a host's resource provider does not have a trait; waits until it is removed.

    Example:
        Then host "beta" does not have trait COMPUTE_STATUS_DISABLED
    """
    traits.host_lacks(context, host, trait)


@then('the standard traits of host "{host}" are')
def standard_traits_are(context: Context, host: str, datatable: list[list[str]]) -> None:
    """Check every trait of a host's resource provider that os-traits defines; operators' own are left out.

    A name that os-traits does not know is an error. The column beside it explains the trait to readers. A trait that
    Nova reports only in releases later than this cloud's is ignored; the newest compute microversion shows which
    release that is.

    Example:
        Then the standard traits of host "alpha" are
          | trait                     | its servers may            |
          | COMPUTE_NODE              |                            |
          | COMPUTE_VOLUME_EXTEND     | have their volumes extended |
    """
    rows = read_rows(datatable, "the table of traits", LISTED, EXPLAINED)
    traits.host_has_exactly(context, host, [row["trait"] for row in rows])


@then('the traits of host "{host}" include')
def traits_include(context: Context, host: str, datatable: list[list[str]]) -> None:
    """Check some traits of a host's resource provider; an undefined name is an error.

    Example:
        Then the traits of host "alpha" include
          | trait        |
          | COMPUTE_NODE |
          | OWNER_NOVA   |
    """
    rows = read_rows(datatable, "the table of traits", LISTED, EXPLAINED)
    traits.host_has_all(context, host, [row["trait"] for row in rows])


@when("trait {trait} is deleted")
def delete_trait(context: Context, trait: str) -> None:
    """Ask Placement to delete a trait.

    Example:
        When trait CUSTOM_COOLED is deleted
    """
    custom_names.delete_trait(context, trait)


@given("trait {trait}")
@when("trait {trait} is created")
def create_trait(context: Context, trait: str) -> None:
    """Create a custom trait until the scenario ends.

    Example:
        When trait CUSTOM_COOLED is created
    """
    custom_names.introduce_trait(context, trait)


@then("trait {trait} exists")
def trait_exists(context: Context, trait: str) -> None:
    """Check that a trait exists in Placement.

    Example:
        Then trait CUSTOM_COOLED exists
    """
    custom_names.trait_exists(context, trait, there=True)


@then("trait {trait} does not exist")
def trait_does_not_exist(context: Context, trait: str) -> None:
    """Check that a trait does not exist in Placement.

    Example:
        Then trait CUSTOM_COOLED does not exist
    """
    custom_names.trait_exists(context, trait, there=False)
