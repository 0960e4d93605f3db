"""Bugs of Nova that were real, or could be, put back into a lab's Nova: the features, run as they are, must fail.

By default only a few are planted, and the control; `pytest tests/known_bugs --all-bugs` plants every one. A bug that
never took effect proves nothing, so each trial looks for the proof first.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from stocktake.support.lab.client import Lab
from stocktake.support.lab.optional import in_order

from tests.known_bugs.bug_catalogue import CONTROL, KNOWN, Bug
from tests.known_bugs.bug_trials import REPOSITORY, Trial, lab_with, proof_in, run_features
from tests.known_bugs.without_then import copies_without_then

pytestmark = pytest.mark.lab  # one for each bug

FAILED = 1  # pytest's exit status when tests have failed, and nothing worse happened


@dataclass(frozen=True)
class Patient:
    """A lab that has a bug, and the file in which that leaves its proof."""

    bug: Bug
    lab: Lab
    log: Path

    def effects_of(self, features: Sequence[str], folder: Path) -> tuple[Trial, int]:
        """Run features on the lab; return what became of them, and how often the bug took effect meanwhile."""
        before = proof_in(self.log).effects
        trial = run_features(self.lab, features, folder)
        return trial, proof_in(self.log).effects - before


@pytest.fixture(scope="module", params=KNOWN, ids=lambda bug: bug.name)
def patient(request, all_bugs, tmp_path_factory) -> Iterator[Patient]:
    """One lab for all trials of a bug."""
    bug = request.param
    if not (bug.in_ci or all_bugs):
        pytest.skip("planted with --all-bugs only")
    log = tmp_path_factory.mktemp(bug.name) / "proof"
    with lab_with(bug.name, log, services=bug.services) as lab:
        yield Patient(bug, lab, log)


def lacking(message: str, patterns: Iterable[str]) -> list[str]:
    return [pattern for pattern in patterns if not re.search(pattern, message)]


def test_features_catch(patient, tmp_path):
    """Red, and one message at least tells an operator what is wrong, where and how much."""
    bug = patient.bug
    trial, effects = patient.effects_of(bug.features, tmp_path)
    assert proof_in(patient.log).planted
    assert effects, f"no scenario of {bug.features} makes Nova do what the bug spoils\n{trial.output}"
    assert trial.failed, f"nobody saw it: {bug.what}\n{trial.output}"
    assert trial.status == FAILED
    told = [message for message in trial.failed.values() if not lacking(message, bug.tells.value)]
    assert told, f"no message names {bug.tells.value}:\n\n" + "\n\n".join(trial.failed.values())


def test_the_audit_alone_catches(patient, tmp_path):
    """The same scenarios fail with all their Then steps removed."""
    bug = patient.bug
    if not bug.leaks:
        pytest.skip("leaves no wrong account behind")
    trial, effects = patient.effects_of(features_without_then(bug, tmp_path), tmp_path)
    assert effects
    assert trial.failed, f"the audit did not see it: {bug.what}\n{trial.output}"
    assert trial.status == FAILED


def features_without_then(bug: Bug, folder: Path) -> list[str]:
    """Copy what should catch a bug, without its Then steps, and select the same scenarios there."""
    selections = [selected.partition("::") for selected in bug.features]
    copies_without_then([REPOSITORY / file for file, _, _ in selections], folder)
    return [f"{folder / Path(file).name}{colons}{name}" for file, colons, name in selections]


@pytest.fixture
def control(tmp_path) -> Callable[[Sequence[str], Collection[str]], tuple[Trial, Path]]:
    """Runs features on a lab whose Nova is only late, with optional services."""

    def run(features: Sequence[str], services: Collection[str]) -> tuple[Trial, Path]:
        log = tmp_path / "proof"
        with lab_with(CONTROL, log, services=in_order(services)) as lab:
            return run_features(lab, features, tmp_path, patience=None), log

    return run


def test_features_stay_green_when_nova_is_only_late(control, all_bugs):
    """Accounts that become right a second later are right."""
    bugs = [bug for bug in KNOWN if bug.in_ci or all_bugs]
    services = {name for bug in bugs for name in bug.services}
    trial, log = control(list(dict.fromkeys(feature for bug in bugs for feature in bug.features)), services)
    assert proof_in(log).effects
    assert (trial.status, trial.failed) == (0, {}), trial.output
    assert trial.passed
