"""Hypervisors: Nova's own figures of the resources used on its hosts."""

from stocktake.support.accounting.tables import read_usages
from stocktake.support.gherkin.phrases import given, then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hypervisors


@given("the hypervisor figures are up to date", needs=("run_periodic",))
def up_to_date(context: Context) -> None:
    """Run the periodic task on every host of the scenario; later figures are compared with its result.

    Example:
        Given the hypervisor figures are up to date
    """
    hypervisors.bring_up_to_date(context)


@then("the hypervisor figures have changed by")
def have_changed_by(context: Context, datatable: list[list[str]]) -> None:
    """Check by how much Nova's own figures of each host have changed, without running the periodic task.

    VCPU, MEMORY_MB and DISK_GB stand for vcpus_used, memory_mb_used and local_gb_used.

    Example:
        Then the hypervisor figures have changed by
          | host  | VCPU | MEMORY_MB | DISK_GB |
          | alpha |   +1 |      +512 |      +1 |
    """
    hypervisors.have_changed_by(context, read_usages(datatable))


@then('the hypervisor figures of host "{host}" match its usages plus reserved amounts')
def agree_with_accounts(context: Context, host: str) -> None:
    """Check that Nova counts the usages in Placement plus the reserved amounts of the host's inventory.

    Example:
        Then the hypervisor figures of host "alpha" match its usages plus reserved amounts
    """
    hypervisors.agree_with_accounts(context, host)
