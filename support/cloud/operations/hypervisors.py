"""What Nova itself says its hypervisors have given away (os-hypervisors, 2.53 to 2.87), beside Placement's accounts."""

from support.accounting.ledger import Usages
from support.accounting.matchers import figures_equal
from support.accounting.resources import Resources
from support.cloud.books import Books
from support.cloud.operations import periodics
from support.cloud.operations.expectations import check_names
from support.cloud.values import Hypervisor
from support.errors import FeatureError
from support.waiting import eventually


def bring_up_to_date(books: Books) -> None:
    """Run every host's periodic, so that no figure is left over from before, and keep the figures as the beginning."""
    periodics.run_everywhere(books)
    books.figures = read(books)


def read(books: Books) -> Usages:
    """Return what Nova counts as used on each host of the scenario, by provider uuid, reserved amounts included."""
    compute = books.cloud.compute
    found = {host.provider: figures(compute.hypervisor(host.provider)) for host in books.roles.hosts}
    return Usages(found, providers=found)


def figures(hypervisor: Hypervisor) -> Resources:
    """Return a hypervisor's figures as amounts: processors, MB of memory, GB of disk."""
    return Resources(
        VCPU=hypervisor.vcpus_used or 0,
        MEMORY_MB=hypervisor.memory_mb_used or 0,
        DISK_GB=hypervisor.local_gb_used or 0,
    )


def have_changed_by(books: Books, expected: Usages) -> None:
    """Claim by how much the figures have changed since the scenario began. No periodic is run for it."""
    beginning = books.figures
    if beginning is None:
        raise FeatureError('no figures are known to compare with: begin with "the hypervisor figures are up to date"')
    check_names(books, expected.providers)
    eventually(
        lambda: (read(books) - beginning).named(books.provider_names()),
        figures_equal(expected, signed=True),
        within=books.cloud.settings.patience_for("accounts"),
        what="Nova's own figures to have changed as promised",
        describe=lambda reading: str(reading.table(signed=True)),
    )


def agree_with_accounts(books: Books, role: str) -> None:
    """Claim that a host's figures are what Placement says is used of it and what the host reserves, no more or less.

    That is so where every server holds what its flavor's sizes say.
    """
    provider = books.roles.host(role).provider

    def found() -> tuple[Usages, Usages]:
        books.forget_tree(provider)
        reserved = {name: inventory.reserved for name, inventory in books.inventories()[provider].items()}
        due = books.cloud.placement.usages(provider) + Resources(reserved)
        return Usages({role: due}), Usages({role: read(books)[provider]})

    due, _ = found()
    eventually(
        lambda: found()[1],
        figures_equal(due),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'Nova\'s own figures of host "{role}" to be its usages and what it reserves',
        describe=lambda reading: str(reading.table()),
    )
