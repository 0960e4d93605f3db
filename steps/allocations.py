"""Allocations: who holds what where, absolute and complete for the scenario's consumers."""

from support.accounting.ledger import Ledger
from support.accounting.tables import read_allocations
from support.cloud.books import Books
from support.cloud.operations import expectations
from support.gherkin.phrases import then


@then("the allocations are")
def allocations_are(books: Books, datatable: list[list[str]]) -> None:
    """Claim every allocation of the scenario's servers and migrations; a row that is not listed must not exist.

    Waits until Placement says so, and reads again once the operation has ended.

    Example:
        Then the allocations are
          | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
          | server web | alpha |    1 |       512 |       1 |
    """
    expectations.allocations_are(books, read_allocations(datatable))


@then("there are no allocations")
def no_allocations(books: Books) -> None:
    """Claim that no server or migration of the scenario holds anything anywhere.

    Example:
        Then there are no allocations
    """
    expectations.allocations_are(books, Ledger())
