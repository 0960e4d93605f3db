"""The end of a scenario: its implicit checks, its clean-up, and the evidence of both in its report."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from stocktake.support import media_types
from stocktake.support.errors import Unverified

if TYPE_CHECKING:
    from stocktake.support.scenario.lifecycle import Lifecycle

LIFECYCLE = pytest.StashKey["Lifecycle"]()
STEP = pytest.StashKey[Any]()
CHECKS = pytest.StashKey[list[dict[str, str | None]]]()
MAY_PARK = pytest.StashKey[bool]()
"""Whether the scenario may be parked before its last check."""

REPORTING = pytest.StashKey[bool]()
AFTER_LAST_STEP = "after its last step"


def end(node: pytest.Item, lifecycle: "Lifecycle", failure: BaseException | None) -> None:
    """End a scenario while it can still fail: run the implicit checks and undo everything, unless it is parked.

    One that has failed in a step is only undone. Raises what the checks or the clean-up raise.
    """
    if failure is None:
        try:
            check(node, lifecycle, lambda: _check_or_park(node, lifecycle))
        except Exception as found:
            close(node, lifecycle, found)
            raise
    if not lifecycle.is_parked:
        close(node, lifecycle, failure)


def _check_or_park(node: pytest.Item, lifecycle: "Lifecycle") -> None:
    lifecycle.check_spoken()
    node.stash[STEP] = AFTER_LAST_STEP
    if not (node.stash.get(MAY_PARK, False) and lifecycle.park()):
        lifecycle.check_periodic()


def check(node: pytest.Item, lifecycle: "Lifecycle", carry_out: Callable[[], object]) -> None:
    """Carry out the last check of a scenario. If it fails, explain why, and raise what it raised."""
    try:
        carry_out()
    except Exception:
        lifecycle.explain()
        attach(node, lifecycle, AFTER_LAST_STEP)
        raise


def close(node: pytest.Item, lifecycle: "Lifecycle", failure: BaseException | None) -> None:
    """Undo everything, and attach what was checked. Raises like `undo`."""
    try:
        undo(lifecycle, failure)
    finally:
        attach_checks(node, lifecycle)


def undo(lifecycle: "Lifecycle", failure: BaseException | None) -> None:
    """Undo everything. A scenario that has failed keeps its failure: what it left behind is added to the explanation.

    Raises UncleanError for any other that left something behind.
    """
    try:
        lifecycle.close()
    except AssertionError as unclean:
        if failure is None:
            raise
        if isinstance(failure, Unverified):
            lifecycle.explanation.append(("why it could not be verified", str(failure)))
            raise
        lifecycle.explanation.append(("when the scenario was over", str(unclean)))


def attach(node: pytest.Item, lifecycle: "Lifecycle", title: str) -> None:
    """Attach what a report shows beside a step, if reports are written."""
    if node.config.stash[REPORTING]:
        from stocktake.support.reporting.writing import messages  # noqa: PLC0415 - start-up time

        for media_type, text, name in lifecycle.evidence(title):
            messages.attach(node, media_type, text, name)


def attach_checks(node: pytest.Item, lifecycle: "Lifecycle") -> None:
    """Attach the implicit checks of the scenario to its report, and record them for the summary of the run."""
    checks = [asdict(check) for check in lifecycle.checks]
    node.stash[CHECKS] = checks
    if node.config.stash[REPORTING]:
        from stocktake.support.reporting.writing import messages  # noqa: PLC0415 - start-up time

        messages.attach(node, media_types.CHECKS, json.dumps({"checks": checks}), "checks")
