"""Allocations: what each consumer of the scenario holds, and where; absolute and complete."""

from stocktake.support.accounting.ledger import Ledger
from stocktake.support.accounting.tables import read_allocations
from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import claims


@then("the allocations are")
def allocations_are(context: Context, datatable: list[list[str]]) -> None:
    """Check every allocation of the scenario's servers and migrations; a row that is not listed must not exist.

    Waits until Placement reports this, and reads again once the operation has ended.

    Example:
        Then the allocations are
          | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
          | server web | alpha |    1 |       512 |       1 |
    """
    claims.allocations_are(context, read_allocations(datatable))


@then("there are no allocations")
def no_allocations(context: Context) -> None:
    """Check that no server or migration of the scenario holds anything anywhere.

    Example:
        Then there are no allocations
    """
    claims.allocations_are(context, Ledger())
