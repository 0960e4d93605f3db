"""What Nova itself reports as used on its hypervisors (os-hypervisors, 2.53 to 2.87), beside Placement's usages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from stocktake.support.accounting.ledger import Usages
from stocktake.support.accounting.matchers import figures_equal
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.ownership.mark import Mark
from stocktake.support.scenario import figures
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.claims import check_names
from stocktake.support.scenario.operations.hosts import periodics
from stocktake.support.waiting import TookTooLong, eventually

RECENTLY = timedelta(minutes=10)
"""No scenario with figures takes longer."""


def bring_up_to_date(context: Context) -> None:
    """Run every host's periodic task, so that no figure is outdated, and keep the figures as the baseline."""
    periodics.run_everywhere(context)
    context.accounts.figures = read(context)


def read(context: Context) -> Usages:
    """Return what Nova counts as used on each host of the scenario, by provider uuid, reserved amounts included."""
    found = {host.provider: figures.read(context, host) for host in context.roles.hosts}
    return Usages(found, providers=found)


def have_changed_by(context: Context, expected: Usages) -> None:
    """Check by how much the figures have changed since the scenario began, without running the periodic task."""
    beginning = context.accounts.figures
    if beginning is None:
        raise FeatureError(
            'there are no earlier figures to compare with: begin with "the hypervisor figures are up to date"'
        )
    check_names(context, expected.providers)
    with _blaming_nobody_else(context):
        eventually(
            lambda: (read(context) - beginning).named(context.names.of_providers()),
            figures_equal(expected, signed=True),
            within=context.cloud.settings.patience_for("accounts"),
            what="the changes in the hypervisor figures to match",
            describe=lambda reading: str(reading.table(signed=True)),
        )


def agree_with_accounts(context: Context, role: str) -> None:
    """Check that a host's figures are exactly its usages in Placement plus its reserved amounts.

    That is so if every server on it holds what the sizes of its flavor say. Raises Crowded beside parked scenarios, of
    whose servers this is not known.
    """
    context.cloud.company.check_none_parked()
    provider = context.roles.host(role).provider

    def found() -> tuple[Usages, Usages]:
        context.trees.forget(provider)
        reserved = {name: inventory.reserved for name, inventory in context.trees.inventories()[provider].items()}
        due = context.cloud.placement.usages(provider) + Resources(reserved)
        return Usages({role: due}), Usages({role: read(context)[provider]})

    due, _ = found()
    with _blaming_nobody_else(context):
        eventually(
            lambda: found()[1],
            figures_equal(due),
            within=context.cloud.settings.patience_for("accounts"),
            what=f'Nova\'s own figures of host "{role}" to match its usages plus reserved amounts',
            describe=lambda reading: str(reading.table()),
        )


@contextmanager
def _blaming_nobody_else(context: Context) -> Iterator[None]:
    """Raise Unverified instead of TookTooLong where servers of others have changed meanwhile.

    A figure is one number for all servers of a host: what others add and remove cannot be told from what the scenario
    does.
    """
    try:
        yield
    except TookTooLong as failure:
        recent = datetime.now(UTC) - RECENTLY
        changed = context.cloud.servers.all(all_projects=True, changed_since=recent)
        others = [server.id for server in changed if Mark.of(server.name) is None]
        if not others:
            raise
        count = "a server" if len(others) == 1 else f"{len(others)} servers"
        raise Unverified(
            f"others changed {count} meanwhile (such as {others[0]}), and hypervisor figures count everybody's servers",
            "run this feature while nobody else uses its hosts",
        ) from failure
