"""Hypervisors: Nova's own figures of what its hosts have given away."""

from support.accounting.tables import read_usages
from support.cloud.books import Books
from support.cloud.operations import hypervisors
from support.gherkin.phrases import given, then


@given("the hypervisor figures are up to date")
def up_to_date(books: Books) -> None:
    """Run the periodic of every host of the scenario, and take the figures it leaves for the beginning.

    Example:
        Given the hypervisor figures are up to date
    """
    hypervisors.bring_up_to_date(books)


@then("the hypervisor figures have changed by")
def have_changed_by(books: Books, datatable: list[list[str]]) -> None:
    """Claim by how much Nova's own figures of each host have changed since the scenario began, without any periodic.

    VCPU, MEMORY_MB and DISK_GB stand for vcpus_used, memory_mb_used and local_gb_used.

    Example:
        Then the hypervisor figures have changed by
          | host  | VCPU | MEMORY_MB | DISK_GB |
          | alpha |   +1 |      +512 |      +1 |
    """
    hypervisors.have_changed_by(books, read_usages(datatable))


@then('the hypervisor figures of host "{host}" are its usages and what it reserves')
def agree_with_accounts(books: Books, host: str) -> None:
    """Claim that Nova counts on a host what Placement says is used, and the reserved amounts of its inventory.

    Example:
        Then the hypervisor figures of host "alpha" are its usages and what it reserves
    """
    hypervisors.agree_with_accounts(books, host)
