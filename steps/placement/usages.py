"""Usages: the resources used on each host, as a signed change since the scenario began."""

from stocktake.support.accounting.tables import read_usages
from stocktake.support.gherkin.phrases import then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import claims


@then("the usages have changed by")
def usages_have_changed_by(context: Context, datatable: list[list[str]]) -> None:
    """Check by how much the usages of each host have changed since the scenario began; a host left out has not.

    Waits until Placement reports this, and reads again once the operation has ended.

    Example:
        Then the usages have changed by
          | host  | VCPU | MEMORY_MB | DISK_GB |
          | alpha |   +1 |      +512 |      +1 |
    """
    claims.usages_have_changed_by(context, read_usages(datatable))
