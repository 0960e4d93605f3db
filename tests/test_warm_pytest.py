"""A run in a forked process is what `python -m pytest` would be there, and knows nothing of the runs before it."""

import os
import subprocess
import sys

import pytest

from tests import warm_pytest
from tests.warm_pytest import run_pytest

pytestmark = pytest.mark.process

TEST = """
import os, random, sys

def test_it():
    told = [os.getcwd(), sys.path[:3], sorted(os.environ), sys.argv[1:], os.environ["WORD"]]
    print(told, hasattr(sys, "been_here"), file=sys.stderr)
    sys.been_here = True
    assert os.environ["WORD"] == "right"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "test_some.py").write_text(TEST)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path


@pytest.fixture
def variables(folder):
    """A run's environment, with a locale that Python does not set itself; `WORD` is what its test looks at."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return lambda word: {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(folder / "elsewhere"), "WORD": word}


@pytest.mark.parametrize("word", ["right", "wrong"])
@pytest.mark.parametrize("steps", [True, False], ids=["with steps", "without"])
def test_it_is_what_a_process_of_its_own_would_be(folder, variables, word, steps):
    arguments = ("-s", "-p", "no:cacheprovider", "--tb=line", "test_some.py")
    forked = run_pytest(*arguments, folder=folder, environment=variables(word), steps=steps)
    command = [sys.executable, "-m", "pytest", *arguments]
    own = subprocess.run(command, cwd=folder, env=variables(word), capture_output=True, text=True, check=False)
    assert forked.returncode == own.returncode
    assert forked.stderr == own.stderr
    assert _without_seconds(forked.stdout) == _without_seconds(own.stdout)


def test_it_knows_nothing_of_the_run_before(folder, variables):
    for _ in range(2):
        done = run_pytest("-s", "-p", "no:cacheprovider", folder=folder, environment=variables("right"))
        assert done.stderr.endswith("False\n")


def test_it_does_not_go_on_for_ever(folder, variables, monkeypatch):
    monkeypatch.setattr(warm_pytest, "LIMIT", 1)
    (folder / "test_some.py").write_text("import signal\n\ndef test_it():\n    signal.pause()\n")
    ready = warm_pytest.Warm(steps=False)
    with pytest.raises(subprocess.TimeoutExpired):
        ready.run(("-p", "no:cacheprovider"), folder, variables("right"))
    ready.end()


def _without_seconds(output):
    return [line for line in output.splitlines() if " in " not in line]
