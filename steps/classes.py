"""Resource classes: what can be counted, standard or an operator's own."""

from support.cloud.books import Books
from support.cloud.operations import customs
from support.gherkin.phrases import given, then, when


@given("resource class {resource}")
@when("resource class {resource} is created")
def create(books: Books, resource: str) -> None:
    """Create a custom resource class until the scenario ends.

    Example:
        Given resource class CUSTOM_SEAT
    """
    customs.introduce_class(books, resource)


@when("resource class {resource} is deleted")
def delete(books: Books, resource: str) -> None:
    """Ask Placement to delete a resource class.

    Example:
        When resource class CUSTOM_SEAT is deleted
    """
    customs.delete_class(books, resource)


@then("resource class {resource} exists")
def exists(books: Books, resource: str) -> None:
    """Claim that Placement knows a resource class.

    Example:
        Then resource class CUSTOM_SEAT exists
    """
    customs.class_exists(books, resource, there=True)


@then("resource class {resource} does not exist")
def does_not_exist(books: Books, resource: str) -> None:
    """Claim that Placement knows a resource class no longer.

    Example:
        Then resource class CUSTOM_SEAT does not exist
    """
    customs.class_exists(books, resource, there=False)
