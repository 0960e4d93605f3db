"""Flavors: the resources that a server requests."""

from stocktake.support.accounting.tables import read_flavors
from stocktake.support.gherkin.phrases import given
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import flavors


@given("these flavors")
def create_flavors(context: Context, datatable: list[list[str]]) -> None:
    """Give this scenario flavors, which are created when they are first needed: MEMORY_MB and swap in MB, disks in GB.

    Example:
        Given these flavors
          | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs      |
          | small  |    1 |       512 |       1 | resources:VCPU=2 |
    """
    for flavor in read_flavors(datatable):
        flavors.introduce(context, flavor)
