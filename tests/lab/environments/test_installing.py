"""What is said of an installation that failed: output of pip 23 and 25 and of uv, as seen."""

import sys
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab.environments.installing import check_imports, explained, install

NO_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new \
connection: [Errno 111] Connection refused')': /simple/nova/
ERROR: Could not find a version that satisfies the requirement nova==29.4.0 (from versions: none)
ERROR: No matching distribution found for nova==29.4.0
"""
NO_VERSION = """\
ERROR: Could not find a version that satisfies the requirement nova==29.99.0 (from versions: 15.0.0, 29.4.0)
ERROR: No matching distribution found for nova==29.99.0

[notice] A new release of pip is available: 23.2.1 -> 25.3
"""
NO_INDEX = """\
ERROR: Could not find a version that satisfies the requirement nova==29.4.0 (from versions: none)
ERROR: No matching distribution found for nova==29.4.0
"""
NO_VERSION_UV = """\
  x No solution found when resolving dependencies:
  Because there is no version of nova==29.99.0 and you require nova==29.99.0, we can conclude that your
      requirements are unsatisfiable.
"""
NO_COMPILER = """\
  error: subprocess-exited-with-error
      building 'netifaces' extension
      error: command 'gcc' failed: No such file or directory
      [end of output]
  ERROR: Failed building wheel for netifaces
Failed to build netifaces
ERROR: Could not build wheels for netifaces, which is required to install pyproject.toml-based projects
"""
NO_SPACE = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (NO_NETWORK, "the package index cannot be reached; check the network"),
        (NO_VERSION, "the package index has no nova==29.99.0 for this Python; choose another version"),
        (
            NO_INDEX,
            "the package index offers no nova==29.4.0, nor any other version; check that pip can reach an index",
        ),
        (NO_VERSION_UV, "the package index has no nova==29.99.0 for this Python; choose another version"),
        (NO_COMPILER, "netifaces has no wheel for this Python and could not be compiled; install a C compiler"),
        (NO_SPACE, "the packages do not fit on the disk; free some space, or set XDG_CACHE_HOME"),
        ("ERROR: something new\n", "the packages could not be installed: something new"),
        ("", "the packages could not be installed: no message was given"),
    ],
)
def test_a_failure_is_one_sentence(output: str, sentence: str):
    said = explained(output)

    assert said.startswith(sentence)
    assert "\n" not in said


def test_an_index_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With the pip or uv that is there."""
    for name, value in {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    told: list[str] = []

    with pytest.raises(LabError, match="the package index cannot be reached"):
        install(Path(sys.executable), ["--target", str(tmp_path / "here"), "nova==29.2.0"], 1, told.append)


def test_a_module_that_is_missing():
    with pytest.raises(LabError, match="the environment does not work: nowhere, never missing"):
        check_imports(Path(sys.executable), ["json", "nowhere", "never"])
