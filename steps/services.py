"""Compute services: hosts that an operator takes out of the scheduler's choice, and gives back."""

from support.cloud.books import Books
from support.cloud.operations import services
from support.gherkin.phrases import given, when


@given('host "{host}" is disabled')
@when('host "{host}" gets disabled')
def disable(books: Books, host: str) -> None:
    """Disable the compute service of a host until the scenario ends: its servers stay, new ones go elsewhere.

    Example:
        Given host "beta" is disabled
    """
    services.disable(books, host)


@given('host "{host}" is enabled again')
@when('host "{host}" gets enabled')
def enable(books: Books, host: str) -> None:
    """Enable the compute service of a host again.

    Example:
        When host "beta" gets enabled
    """
    services.enable(books, host)
