"""What Nova itself reports as used on its hypervisors (os-hypervisors, 2.53 to 2.87), beside Placement's usages."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.accounting.matchers import figures_equal
from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.rules.figures import CLASSES
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.scenario import figures
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.claims import check_names
from stocktake.support.scenario.operations.hosts import periodics
from stocktake.support.waiting import TookTooLong, eventually


def bring_up_to_date(context: Context) -> None:
    """Run every host's periodic task, so that no figure is outdated, and keep the figures as the baseline."""
    periodics.run_everywhere(context)
    context.accounts.figures, context.accounts.others = read(context), context.accounts.held_by_others()


def read(context: Context) -> Usages:
    """Return what Nova counts as used on each host of the scenario, by provider uuid, reserved amounts included."""
    found = {host.provider: figures.read(context, host) for host in context.roles.hosts}
    return Usages(found, providers=found)


def have_changed_by(context: Context, expected: Usages) -> None:
    """Check by how much the figures have changed since the scenario began, without running the periodic task.

    Nova counts the servers of others as well: what these have come to hold is subtracted. Raises Unverified if the
    figures differ while others come and go, because Nova's figures and Placement are not read at the same moment.
    """
    accounts, beginning = context.accounts, context.accounts.figures
    if beginning is None:
        raise FeatureError(
            'there are no earlier figures to compare with: begin with "the hypervisor figures are up to date"'
        )
    check_names(context, expected.providers)
    others = {accounts.others}

    def changes() -> Usages:
        now = accounts.held_by_others()
        others.add(now)
        grown = (now - accounts.others).usages()
        found = read(context) - beginning
        of_classes = {provider: grown[provider].only(CLASSES) for provider in found.providers}
        return (found - Usages(of_classes)).named(context.names.of_providers())

    with _unless_others_move(context, others):
        eventually(
            context.anew(changes),
            figures_equal(expected, signed=True),
            within=context.cloud.settings.patience_for("accounts"),
            what="the changes in the hypervisor figures to match",
            describe=lambda reading: str(reading.table(signed=True)),
        )


def agree_with_accounts(context: Context, role: str) -> None:
    """Check that a host's figures are exactly its usages in Placement plus its reserved amounts.

    That is so if every server on it holds what the sizes of its flavor say. Raises Crowded beside parked scenarios, of
    whose servers this is not known, and Unverified as `have_changed_by` does.
    """
    context.cloud.company.check_none_parked()
    provider = context.roles.host(role).provider
    others: set[Ledger] = set()

    def both() -> tuple[Usages, Usages]:
        context.trees.forget(provider)
        others.add(context.accounts.held_by_others().on(provider))
        reserved = {name: inventory.reserved for name, inventory in context.trees.inventories()[provider].items()}
        wanted = context.cloud.placement.usages(provider) + Resources(reserved)
        return Usages({role: wanted}), Usages({role: read(context)[provider]})

    with _unless_others_move(context, others):
        eventually(
            context.anew(both),
            _Agree(),
            within=context.cloud.settings.patience_for("accounts"),
            what=f'Nova\'s own figures of host "{role}" to match its usages plus reserved amounts',
            describe=lambda reading: str(reading[1].table()),
        )


@contextmanager
def _unless_others_move(context: Context, others: Collection[Ledger]) -> Iterator[None]:
    """Raise Unverified in place of TookTooLong if others have changed servers on the scenario's hosts meanwhile.

    `others` contains their allocations as often as these were read; what has come and gone in between shows in Nova.
    """
    try:
        yield
    except TookTooLong as failure:
        foreign = list(figures.changed_by_others(context).values())
        if len(others) == 1 and not foreign:
            raise
        such = f" (such as {foreign[0]})" if foreign else ""
        raise Unverified(
            f"others changed servers on the scenario's hosts meanwhile{such}, and Nova's own figures count everybody's",
            "run this feature while nobody else uses its hosts",
        ) from failure


class _Agree(BaseMatcher[tuple[Usages, Usages]]):
    """Match what figures must be and what they are, read at the same time."""

    def _matches(self, item: tuple[Usages, Usages]) -> bool:
        self._wanted = figures_equal(item[0])
        return self._wanted.matches(item[1])

    def describe_to(self, description: Description) -> None:
        self._wanted.describe_to(description)

    def describe_mismatch(self, item: tuple[Usages, Usages], mismatch_description: Description) -> None:
        self._wanted.describe_mismatch(item[1], mismatch_description)
