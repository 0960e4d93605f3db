"""Special hosts: compute hosts that a lab adds for one scenario, most of which fail at one thing."""

from support.cloud.books import Books
from support.cloud.operations import special_hosts
from support.gherkin.phrases import given


@given('a host "{special}" that {behaviour}')
def add_host(books: Books, special: str, behaviour: str) -> None:
    """Add a compute host that behaves in this way to the lab, for this scenario only; it plays the role named.

    Scenarios that say so are tagged @lab: clouds that cannot add hosts leave them unverified.

    Example:
        Given a host "slow" that takes its time to live migrate
    """
    special_hosts.add(books, special, behaviour)
