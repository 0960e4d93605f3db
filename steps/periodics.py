"""The resource tracker's periodic: every compute host's own look at what it has and what it runs."""

from support.cloud.books import Books
from support.cloud.operations import periodics
from support.gherkin.phrases import when


@when('the periodic runs on host "{host}"')
def run_on_host(books: Books, host: str) -> None:
    """Run the resource tracker's periodic of one host, what it knows of Placement read anew.

    Example:
        When the periodic runs on host "beta"
    """
    periodics.run(books, host)


@when("the periodic runs on every host")
def run_everywhere(books: Books) -> None:
    """Run the resource tracker's periodic of every host of the scenario, one after the other.

    Example:
        When the periodic runs on every host
    """
    periodics.run_everywhere(books)
