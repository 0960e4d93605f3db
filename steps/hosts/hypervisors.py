"""Hypervisors: Nova's own figures of what its hosts have given away."""

from stocktake.support.accounting.tables import read_usages
from stocktake.support.gherkin.phrases import given, then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hypervisors


@given("the hypervisor figures are up to date", needs=("run_periodic",))
def up_to_date(context: Context) -> None:
    """Run the periodic of every host of the scenario, and take the figures it leaves for the beginning.

    Example:
        Given the hypervisor figures are up to date
    """
    hypervisors.bring_up_to_date(context)


@then("the hypervisor figures have changed by")
def have_changed_by(context: Context, datatable: list[list[str]]) -> None:
    """Claim by how much Nova's own figures of each host have changed since the scenario began, without any periodic.

    VCPU, MEMORY_MB and DISK_GB stand for vcpus_used, memory_mb_used and local_gb_used.

    Example:
        Then the hypervisor figures have changed by
          | host  | VCPU | MEMORY_MB | DISK_GB |
          | alpha |   +1 |      +512 |      +1 |
    """
    hypervisors.have_changed_by(context, read_usages(datatable))


@then('the hypervisor figures of host "{host}" are its usages and what it reserves')
def agree_with_accounts(context: Context, host: str) -> None:
    """Claim that Nova counts on a host what Placement says is used, and the reserved amounts of its inventory.

    Example:
        Then the hypervisor figures of host "alpha" are its usages and what it reserves
    """
    hypervisors.agree_with_accounts(context, host)
