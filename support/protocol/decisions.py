"""What is reported of scenarios that were parked together, when the last check of some has failed.

Such a scenario is repeated alone. If it fails again, that is its verdict, as it would have been without the others; if
not, it has failed all the same, because something has changed while it was parked. Nova's own figures are different:
all scenarios on a host contribute to them, so only those that fail alone as well are to blame, unless none does.
"""

from collections.abc import Sequence

import pytest
from stocktake.support.accounting.resources import Resources
from stocktake.support.protocol.attempts import Attempt

Reports = list[pytest.TestReport]


def decided(ended: Sequence[Attempt]) -> dict[Attempt, Reports]:
    """Return what is to be reported of each of these scenarios, which have been checked and undone."""
    suspects = [attempt for attempt in ended if attempt.failure is not None and len(ended) > 1]
    reports = {attempt: attempt.reports() for attempt in ended if attempt not in suspects}
    for attempt in suspects:
        if not attempt.wrong_figures:
            reports[attempt] = _decided_alone(attempt)
    return reports | _decided_by_figures([attempt for attempt in suspects if attempt.wrong_figures])


def _decided_alone(attempt: Attempt) -> Reports:
    """Repeat a scenario, unless its failure is known and thus no failure of the run."""
    first = attempt.reports()
    again = attempt.repeat().reports() if _have_failed(first) else []
    return again if _have_failed(again) else _noted(first)


def _decided_by_figures(suspects: Sequence[Attempt]) -> dict[Attempt, Reports]:
    """Repeat scenarios, those that move servers first, until those that fail alone explain by how much the figures were
    wrong; the rest have passed."""
    unexplained = {provider: wrong for each in suspects for provider, wrong in each.wrong_figures.items()}
    first: dict[Attempt, Reports] = {}
    again: dict[Attempt, Reports] = {}
    for attempt in sorted(suspects, key=lambda each: not each.lifecycle.has_moved):
        if not any(unexplained.values()):
            attempt.withdraw_failure()
            first[attempt] = attempt.reports()
            continue
        first[attempt], repeated = attempt.reports(), attempt.repeat()
        again[attempt] = repeated.reports()
        for provider, wrong in repeated.wrong_figures.items():
            unexplained[provider] = unexplained.get(provider, Resources()) - wrong
    is_known_who = any(_have_failed(reports) for reports in again.values())
    return {
        attempt: again.get(attempt, first[attempt]) if is_known_who else _noted(first[attempt]) for attempt in suspects
    }


def _noted(reports: Reports) -> Reports:
    for report in reports:
        if report.failed and isinstance(report.longrepr, str):
            report.longrepr += "\nRepeated alone, the scenario did not fail."
    return reports


def _have_failed(reports: Sequence[pytest.TestReport]) -> bool:
    return any(report.failed for report in reports)
