"""The lifecycle of one scenario in a cloud: lease hosts, take a baseline, audit after every action, undo everything."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Literal

from hamcrest.core.base_matcher import BaseMatcher
from hamcrest.core.description import Description
from stocktake.support.accounting.ledger import Ledger, Usages
from stocktake.support.api.replies import Exchange
from stocktake.support.api.session import Session
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.hosts.disruption import may_disrupt
from stocktake.support.hosts.leases import Lease
from stocktake.support.hosts.needs import CONTROLLED, LAB, REFRESH, VERSION_TAGS, WHOLE_CLOUD, is_disturbing
from stocktake.support.hosts.provider_cache import never_read
from stocktake.support.hosts.roles import Roles
from stocktake.support.known import Known
from stocktake.support.media_types import EXCHANGE, HISTORY, LEDGER
from stocktake.support.ownership.kinds.placement import TRAIT
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario import attachments
from stocktake.support.scenario.audit import findings
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.diagnostics import explain
from stocktake.support.scenario.known_defects import expired, is_verdict, known_failure
from stocktake.support.scenario.leasing import DISRUPTION, Wanted, lease_hosts
from stocktake.support.scenario.operations import laboratory
from stocktake.support.scenario.operations.refusals import check_spoken
from stocktake.support.scenario.parking import Parked
from stocktake.support.scenario.rest import come_to_rest
from stocktake.support.scenario.stability import Stability, note_figures, nothing_changes_when_the_periodic_runs
from stocktake.support.waiting import SYSTEM_CLOCK, TookTooLong, eventually

_numbers = count(1)

Outcome = Literal["checked", "unverified", "failed"]


class UncleanError(AssertionError):
    """A scenario ended, and the cloud is not as it was when it began."""


@dataclass(frozen=True)
class Check:
    """A check that every scenario includes implicitly: its name and its outcome.

    `reason` says what prevents the check, and what to set.
    """

    name: Literal["usages", "periodic", "clean-up"]
    outcome: Outcome
    reason: str | None = None


class Lifecycle:
    """Hosts, context and undo stack of one scenario.

    `checks` are those that were or could not be carried out; `explanation` is what a report shows of a failure,
    `parked_at` the time on the clock of waits at which it was parked.
    """

    def __init__(
        self,
        cloud: Cloud,
        roles: Sequence[str],
        *,
        tags: Collection[str] = (),
        needs: Collection[str] = (),
        failure_expected: bool = False,
    ):
        """`roles` are the hosts that the scenario names, `needs` what its steps require of a cloud; accounts are not
        awaited for as long where a `failure_expected` is."""
        self._cloud = cloud
        self._tags = tags
        self._needs = needs
        self._playing = len(roles)
        self._lease: Lease | None = None
        self._closed = False
        self._failure_expected = failure_expected
        self._disturbing = is_disturbing(tags, needs)
        self._stability: Stability | None = None
        self.parked_at = 0.0
        self._before = self._last_shown = _last(cloud.session)
        self._requests_before_parking: list[Exchange] = []
        self.explanation: list[tuple[str, str]] = []
        self.context = Context(cloud, next(_numbers), Roles([]), Undoing(cloud.journal, cloud))
        self._changes_at_first_step = self.context.changes
        self._acts_audited = self.context.acts
        self._checks: dict[str, Check] = {}

    def open(self) -> None:
        """Check what tags and steps require, lease the hosts, restrict the scheduler to them, and take the baseline.

        Raises Unverified when the cloud lacks hosts, a microversion or something else that a step needs, CloudError
        when no hosts become free in time, Crowded when parked scenarios must end first.
        """
        cloud, context = self._cloud, self.context
        self._check_tags()
        self._check_needs()
        context.alone = WHOLE_CLOUD in self._tags
        if context.alone:
            cloud.company.check_none_parked()
        leased = lease_hosts(cloud, Wanted(self._playing, self._tags, self._needs, alone=context.alone))
        if leased:
            self._lease, context.group = leased.lease, leased.group
            context.undoing.hosts = leased.lease.hosts
            context.roles.hold([cloud.host(service) for service in leased.hosts])
            for host in context.roles.hosts:
                context.services.keep(host, leased.services[host.service])
        cloud.project.enter()
        cloud.failure_expected = self._failure_expected or self._fails_as_known()
        self._reserve()
        context.accounts.open()
        note_figures(context)
        self._changes_at_first_step = context.changes

    def _fails_as_known(self) -> bool:
        """Return whether a tag names a defect that this cloud is sure to have."""
        known = known_failure(self._cloud, "", self._tags)
        return known is not None and known.certain

    def _check_tags(self) -> None:
        """Raise Unverified for the lab or a microversion that a tag requires and this cloud does not offer."""
        if LAB in self._tags:
            laboratory.control(self.context)
        for tag in sorted(self._tags):
            for prefix, service in VERSION_TAGS.items():
                if tag.startswith(prefix):
                    self._cloud.session.require(service, tag.removeprefix(prefix), what="the scenario")

    def _check_needs(self) -> None:
        """Raise Unverified for what a step needs and this cloud does not offer, before anything has been done.

        Needs that can only be checked once hosts are leased are left to the steps.
        """
        for need in sorted(self._needs):
            kind, _, version = need.partition(" ")
            if version:
                self._cloud.session.require(kind, version, what="the scenario")
            missing = self._cloud.control.missing(need) if need in CONTROLLED else self._not_allowed(need)
            if missing is not None:
                raise missing

    def _not_allowed(self, need: str) -> Unverified | None:
        """Return why no host at all may be disrupted, or changed to any effect, where a step needs that; which ones may
        be, is known with the lease."""
        if need == REFRESH:
            return never_read(self._cloud.target, self._cloud.control)
        if need != DISRUPTION:
            return None
        settings = self._cloud.settings
        return may_disrupt(settings, next(iter(settings.hosts or ()), ""), ())

    def _reserve(self) -> None:
        """Mark the scenario's hosts with a trait that its flavors require, so that the scheduler chooses only among
        them."""
        context = self.context
        trait = self._cloud.mark.trait(f"scenario {context.number}")
        with context.undoing.after(TRAIT, trait):
            context.cloud.traits.create(trait)
        context.trait = trait
        for host in context.roles.hosts:
            context.reserve(host.provider)

    def check_spoken(self) -> None:
        """Raise the refusal of an earlier step that no step has checked, or Unverified if a limit of the cloud is the
        reason."""
        check_spoken(self.context)

    def check_leases(self) -> None:
        """Raise CloudError if another run may use this scenario's hosts, because the coordinator lost their lease."""
        for lease in (self._lease, *self.context.borrowed.values()):
            if lease:
                lease.check()

    def audit(self, *, always: bool = False) -> None:
        """Audit all accounts of the scenario if it has acted on them since the last audit, or if `always`.

        Accounts settle after an operation, so only a finding that lasts is a violation. Raises TookTooLong with the
        findings, CloudError if others may be using the hosts by now.
        """
        self.check_leases()
        acts = self.context.acts
        if not self.context.roles.hosts or (acts == self._acts_audited and not always):
            return
        self._acts_audited = acts
        with self._checking("usages"):
            eventually(
                self.context.anew(lambda: [finding.sentence for finding in findings(self.context)]),
                _Nothing(),
                within=self._cloud.patience("accounts"),
                what="the audit to pass",
                describe=lambda sentences: "\n".join(sentences) or "nothing",
            )

    def check_periodic(self) -> None:
        """Check that nothing changes when the periodic task of the scenario's hosts runs, if it can be run.

        Operations that are still in progress are awaited and audited first. Raises AssertionError with what is wrong.
        If the periodic task cannot be run, `checks` says so; everything else has been verified.
        """
        self._come_to_rest()
        with suppress(Unverified), self._checking("periodic"):
            if not nothing_changes_when_the_periodic_runs(self.context):
                del self._checks["periodic"]

    def _come_to_rest(self) -> None:
        """Await operations that are still in progress, and audit the accounts once more, now with all usages read."""
        come_to_rest(self.context)
        self.context.accounts.doubt_usages()
        self.audit(always=True)

    def park(self) -> bool:
        """Begin the check of the periodic task, and let further scenarios run until it ends with `check_parked`.

        Operations that are still in progress are awaited and audited first. Return whether the scenario is parked. It
        is not if it needs the whole cloud, has no host that is up or a server with a task, or has made accounts wrong
        on purpose. Raises AssertionError like the audit.
        """
        context, company = self.context, self._cloud.company
        if context.alone or context.owned.known_wrong:
            return False
        self._come_to_rest()
        self._stability = Stability.begin(context)
        if self._stability is None or any(server.task_state for server in self._stability.servers.values()):
            return False
        self._own_consumers()
        self._cloud.failure_expected = False
        self._requests_before_parking = attachments.exchanges(context, self._before)
        self.parked_at = SYSTEM_CLOCK.now()
        company.parked.append(Parked(context, self._stability.servers, alone=self._disturbing))
        return True

    @property
    def is_parked(self) -> bool:
        """Whether the scenario is parked."""
        return any(parked.context is self.context for parked in self._cloud.company.parked)

    @property
    def may_lack_room(self) -> bool:
        """Whether parked scenarios may be the reason why something could not be verified: this one has begun to act."""
        return bool(self._cloud.company.parked) and self.context.changes > self._changes_at_first_step

    def check_parked(self, *, figures_within: float | None = None) -> None:
        """Check that nothing has changed since `park`, now that the periodic task has run on every host.

        `figures_within` are the seconds that Nova's own figures may take to agree, by default the patience for
        accounts. Raises AssertionError with the changes; FiguresDisagree if only those figures are wrong, to which
        other parked scenarios contribute as well.
        """
        self._before = self._last_shown = _last(self._cloud.session)
        self.check_leases()
        stability = self._stability
        if stability is None:
            return
        with suppress(Unverified), self._checking("periodic"):
            stability.check_accounts()
            stability.check_figures(within=figures_within)

    def withdraw_failure(self) -> None:
        """Record that the check of the periodic task has passed after all: another scenario was to blame."""
        self._checks["periodic"] = Check("periodic", "checked")
        self.explanation.clear()

    @property
    def has_moved(self) -> bool:
        """Whether a server of the scenario has been moved."""
        return bool(self.context.servers.migrations)

    def abandon_check(self) -> None:
        """Record that the check of the periodic task was given up, because the run has ended."""
        reason = "the run ended before the periodic task had run again"
        self._checks["periodic"] = Check("periodic", "unverified", reason)

    def _own_consumers(self) -> None:
        """Let other scenarios of this process know which consumers are this one's."""
        with suppress(CloudError):
            self._cloud.consumer_owners.add(self.context.accounts.consumers(), self.context.number)

    @property
    def checks(self) -> list[Check]:
        """The implicit checks of the scenario, in the order in which they first ran."""
        return list(self._checks.values())

    @contextmanager
    def _checking(self, name: Literal["usages", "periodic", "clean-up"]) -> Iterator[None]:
        """Record the outcome of the check that the block carries out."""
        self._checks[name] = Check(name, "checked")
        try:
            yield
        except Unverified as reason:
            self._checks[name] = Check(name, "unverified", str(reason))
            raise
        except BaseException:
            self._checks[name] = Check(name, "failed")
            raise

    def known_failure(self, names: Collection[str]) -> Known | None:
        """Return why this scenario, of one of these names, is known to fail on this cloud; None if it is not.

        An entry that has expired is added to the explanation of a failure.
        """
        if ended := expired(self._cloud, names):
            self.explanation.append(("previously known to fail", ended))
        try:
            known = (known_failure(self._cloud, name, self._tags) for name in names)
            return next(filter(None, known), None)
        except CloudError:
            return None

    is_verdict = staticmethod(is_verdict)

    def explain(self) -> None:
        """Read what explains a failure while the cloud still shows it; only for the first failure."""
        if not self.explanation and not self._closed:
            self.explanation = explain(self.context, after=self._before, earlier=self._requests_before_parking)

    def evidence(self, title: str) -> Iterator[tuple[str, str, str]]:
        """Return what a report shows beside a step: media type, text and name of each piece."""
        requests = attachments.exchanges(self.context, self._last_shown)
        ledger = attachments.ledger(self.context, title)
        if ledger is not None:
            yield LEDGER, json.dumps(ledger), "ledger"
        if requests:
            self._last_shown = requests[-1]
            yield EXCHANGE, "\n".join(map(str, requests)), "requests"
        if self.context.servers.history:
            yield HISTORY, json.dumps(attachments.history(self.context)), "history"

    def close(self) -> None:
        """Undo everything, check that the accounts are as they were, and release the hosts. May be called repeatedly.

        Raises UncleanError listing what could not be cleaned up or is still charged.
        """
        if self._closed:
            return
        self._closed = True
        self._own_consumers()
        self._cloud.company.leave(self.context)
        with self._checking("clean-up"):
            try:
                problems = [*self.context.undoing.undo_all(), *self._left_charged()]
            finally:
                self._cloud.failure_expected = False
                for lease in (self._lease, *self.context.borrowed.values()):
                    if lease:
                        lease.release()
            if problems:
                raise UncleanError("the scenario did not leave the cloud as it was:\n" + "\n".join(problems))

    def _left_charged(self) -> list[str]:
        """Say what is still charged on the scenario's hosts after the time that accounts may take to settle."""
        if not self.context.roles.hosts:
            return []
        self.context.accounts.doubt_usages()
        try:
            eventually(
                self.context.anew(self.context.accounts.statement),
                _Even(),
                within=self._cloud.patience("accounts"),
                what="the accounts to be as they were before the scenario",
                describe=lambda both: f"{both[0].table()}\n{both[1].table(signed=True)}",
            )
        except (TookTooLong, CloudError) as error:
            return [str(error)]
        return []


def _last(session: Session) -> Exchange | None:
    """Return the last request of a session."""
    return session.exchanges[-1] if session.exchanges else None


class _Nothing(BaseMatcher[list[str]]):
    """Match an audit without findings."""

    def _matches(self, item: list[str]) -> bool:
        return not item

    def describe_to(self, description: Description) -> None:
        description.append_text("no findings")

    def describe_mismatch(self, item: list[str], mismatch_description: Description) -> None:
        mismatch_description.append_text("\n          ".join(item))


class _Even(BaseMatcher[tuple[Ledger, Usages]]):
    """Match the accounts of a scenario that has cleaned up: no allocations of its own, and unchanged usages."""

    def _matches(self, item: tuple[Ledger, Usages]) -> bool:
        return not any(item)

    def describe_to(self, description: Description) -> None:
        description.append_text("no allocations of the scenario, and no usages changed")

    def describe_mismatch(self, item: tuple[Ledger, Usages], mismatch_description: Description) -> None:
        ledger, usages = item
        mismatch_description.append_text(
            f"still held\n{ledger.table()}\nusages changed by\n{usages.table(signed=True)}"
        )
