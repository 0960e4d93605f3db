"""Resource classes: what Placement counts, standard or custom."""

from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement import custom_names


@given("resource class {resource}")
@when("resource class {resource} is created")
def create(context: Context, resource: str) -> None:
    """Create a custom resource class until the scenario ends.

    Example:
        Given resource class CUSTOM_SEAT
    """
    custom_names.introduce_class(context, resource)


@when("resource class {resource} is deleted")
def delete(context: Context, resource: str) -> None:
    """Ask Placement to delete a resource class.

    Example:
        When resource class CUSTOM_SEAT is deleted
    """
    custom_names.delete_class(context, resource)


@then("resource class {resource} exists")
def exists(context: Context, resource: str) -> None:
    """Check that a resource class exists in Placement.

    Example:
        Then resource class CUSTOM_SEAT exists
    """
    custom_names.class_exists(context, resource, there=True)


@then("resource class {resource} does not exist")
def does_not_exist(context: Context, resource: str) -> None:
    """Check that a resource class does not exist in Placement.

    Example:
        Then resource class CUSTOM_SEAT does not exist
    """
    custom_names.class_exists(context, resource, there=False)
