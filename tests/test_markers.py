"""Every test has a marker that says what it needs, also the scenarios, which Stocktake's own hook collects later."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.markers import NEEDS, UNIT

HERE = Path(__file__).parent


@pytest.mark.process
@pytest.mark.parametrize(
    ("expression", "status"),
    [
        ("lab", pytest.ExitCode.OK),
        (f"not ({' or '.join([UNIT, *NEEDS])})", pytest.ExitCode.NO_TESTS_COLLECTED),
    ],
    ids=["scenarios need a lab", "no test is without a marker"],
)
def test_scenarios_are_marked_too(expression, status):
    command = [sys.executable, "-m", "pytest", "vocabulary", "--collect-only", "-q", "-m", expression]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
