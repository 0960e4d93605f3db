"""Runs a history on a cloud: every step as its phrase of the vocabulary, and after each what the model promises.

A history has the hosts, the audits, the check of the periodic task and the clean-up of any scenario.
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from stocktake.support.errors import CloudError, StocktakeError, Unverified
from stocktake.support.exploring.history import History
from stocktake.support.exploring.world import ServerState
from stocktake.support.gherkin.mentions import Said
from stocktake.support.gherkin.phrases import VOCABULARY
from stocktake.support.known import TAG
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.known_defects import known_failure
from stocktake.support.scenario.lifecycle import Lifecycle
from stocktake.support.scenario.operations import claims
from stocktake.support.waiting import SYSTEM_CLOCK

Check = Literal["operation", "server", "allocations", "audit", "periodic", "clean-up"]
Outcome = Literal["held", "broken", "known", "unverified", "failed"]


@dataclass(frozen=True)
class Verdict:
    """What came of a history.

    `broken`: a rule does not hold, found by `check` after the step of that number (counted from 1); `known`: so it is,
    and a known defect of this release explains it; `unverified`: the cloud does not offer what it needs; `failed`: the
    cloud did not answer, or could not be used. `told` is why, and `seconds` is how long it took.
    """

    outcome: Outcome
    seconds: float
    step: int = 0
    check: Check | None = None
    told: str = ""


class _Progress:
    """Where a run of a history is: the number of the step, and what is being checked."""

    def __init__(self) -> None:
        self.step = 0
        self.check: Check = "operation"


def run(cloud: Cloud, history: History, *, failure_expected: bool = False) -> Verdict:
    """Run a history and clean up, whatever comes of it; accounts are not awaited for as long where a `failure_expected`
    is.

    Only what shows that the cloud breaks a rule makes it `broken` (`known_defects.is_verdict`).
    """
    began, at = SYSTEM_CLOCK.now(), _Progress()
    lifecycle = Lifecycle(
        cloud, history.leased, tags=history.tags, needs=history.needs, failure_expected=failure_expected
    )
    found: Exception | None = None
    try:
        with _closed(lifecycle, at):
            _carry_out(lifecycle, history, at)
    except (StocktakeError, AssertionError) as error:
        found = error
    seconds = SYSTEM_CLOCK.now() - began
    if found is None:
        return Verdict("held", seconds)
    outcome: Outcome = "failed"
    if isinstance(found, Unverified):
        outcome = "unverified"
    elif lifecycle.is_verdict(found):
        outcome = "known" if _is_known(cloud, history, at.step) else "broken"
    return Verdict(outcome, seconds, at.step, at.check, str(found))


def _is_known(cloud: Cloud, history: History, step: int) -> bool:
    """Whether the operations up to a step meet a known defect that this cloud has."""
    tags = {TAG + defect for defect in history.until(step or None).defects}
    return bool(tags) and known_failure(cloud, "", tags) is not None


@contextmanager
def _closed(lifecycle: Lifecycle, at: _Progress) -> Iterator[None]:
    """Clean up when the block ends. What it raises has precedence over what the clean-up finds."""
    try:
        yield
    except BaseException:
        with suppress(AssertionError):  # a consequence of what was found before
            lifecycle.close()
        raise
    at.check = "clean-up"
    lifecycle.close()


def _carry_out(lifecycle: Lifecycle, history: History, at: _Progress) -> None:
    lifecycle.open()
    context = lifecycle.context
    for said in history.background:
        perform(context, said)
    for number, (step, world) in enumerate(zip(history.steps, history.worlds[1:], strict=True), start=1):
        at.step, at.check = number, "operation"
        perform(context, Said("when", step.when))
        lifecycle.check_spoken()
        if world.pending and number < len(history.steps):
            continue  # others begin meanwhile
        at.check = "server"
        _check_servers(context, world.servers)
        at.check = "allocations"
        claims.allocations_are(context, world.ledger())
        at.check = "audit"
        lifecycle.audit(always=True)
    at.check = "periodic"
    lifecycle.check_periodic()


def perform(context: Context, said: Said) -> Any:
    """Perform one step. Raises CloudError if the vocabulary does not have it, and what the step raises."""
    matches = VOCABULARY.matching(said.kind, said.text) if said.kind else ()
    if len(matches) != 1:
        raise CloudError(f"the vocabulary has {len(matches)} phrases for {said.text!r}, instead of one")
    phrase = matches[0].phrase
    values = {argument.parameter.name: argument.value for argument in matches[0].arguments}
    known = inspect.signature(phrase.function).parameters
    if "context" in known:
        values["context"] = context
    if said.table:
        values["datatable"] = said.table
    return phrase.function(**values)


def _check_servers(context: Context, servers: Sequence[ServerState]) -> None:
    for server in servers:
        claims.server_is(context, server.name, status=server.status, host=server.host, no_host=server.host is None)
