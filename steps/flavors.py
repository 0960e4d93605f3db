"""Flavors: what a server is promised."""

from support.accounting.tables import read_flavors
from support.cloud.books import Books
from support.cloud.operations import flavors
from support.gherkin.phrases import given


@given("these flavors")
def create_flavors(books: Books, datatable: list[list[str]]) -> None:
    """Create flavors for this scenario: MEMORY_MB and swap in MB, disks in GB.

    Example:
        Given these flavors
          | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs      |
          | small  |    1 |       512 |       1 | resources:VCPU=2 |
    """
    for flavor in read_flavors(datatable):
        flavors.create(books, flavor)
