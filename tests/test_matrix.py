"""`stocktake matrix`: what is run, what is run again, and what the page says. The runs themselves are small streams."""

import argparse
import json
import subprocess
from pathlib import Path

import pytest
from stocktake.support import matrix
from stocktake.support.errors import ConfigurationError, LabError
from stocktake.support.reporting.writing.documents import Document

FEATURE = """\
Feature: Accounts
  Rule: A server holds its flavor
    Scenario: It is booted
      Then it holds it
    Scenario: It is evacuated
      Then it holds it
"""
AT = {"seconds": 1_800_000_000, "nanos": 0}


def stream(*statuses: str) -> str:
    """The messages of a run in which each scenario of the feature has one of these statuses."""
    document = Document("features/accounts.feature", FEATURE)
    pickles = [envelope["pickle"] for envelope in document.envelopes if "pickle" in envelope]
    messages = [{"testRunStarted": {"timestamp": AT}}, *document.envelopes]
    for pickle, status in zip(pickles, statuses, strict=True):
        case, begun, step = f"case-{pickle['id']}", f"begun-{pickle['id']}", f"step-{pickle['id']}"
        steps = [{"id": step, "pickleStepId": pickle["steps"][0]["id"]}]
        result = {"status": status, "duration": {"seconds": 1, "nanos": 0}, "message": "it does not"}
        messages += [
            {"testCase": {"id": case, "pickleId": pickle["id"], "testSteps": steps}},
            {"testCaseStarted": {"id": begun, "testCaseId": case, "attempt": 0, "timestamp": AT}},
            {"testStepFinished": {"testCaseStartedId": begun, "testStepId": step, "testStepResult": result}},
            {"testCaseFinished": {"testCaseStartedId": begun, "timestamp": AT}},
        ]
    messages += [{"testRunFinished": {"timestamp": AT, "success": True}}]
    return "".join(json.dumps(message) + "\n" for message in messages)


class Runs:
    """Stands in for pytest: writes the stream of the release that a command names, and ends with a status."""

    def __init__(self) -> None:
        self.streams: dict[str, tuple[str, int]] = {}
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        options = dict(word.split("=", 1) for word in command if word.startswith("--"))
        text, status = self.streams[options["--lab-release"]]
        Path(options["--messages"]).write_text(text)
        return subprocess.CompletedProcess(command, status)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    found = Runs()
    monkeypatch.setattr(matrix.subprocess, "run", found)
    monkeypatch.setattr(matrix, "prepare", lambda _release, progress: progress("ready"))
    found.streams = {
        "2024.1": (stream("PASSED", "FAILED"), 1),
        "2025.1": (stream("PASSED", "PASSED"), 0),
        "2024.1:nova==29.2.0": (stream("PASSED", "PASSED"), 0),
    }
    return found


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    matrix.add_parser(parser.add_subparsers())
    options = parser.parse_args(["matrix", *map(str, arguments)])
    return int(options.run(options))


def test_releases_stand_side_by_side(runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status = run("--releases=2024.1,2025.1", "boot", f"--output={tmp_path}", "--pytest=-n 2")

    assert status == 1
    assert [command[4:6] for command in runs.commands] == [["boot", "-n"], ["boot", "-n"]]
    assert [command[7] for command in runs.commands] == ["--lab-release=2024.1", "--lab-release=2025.1"]
    told = capsys.readouterr().out
    assert "environment of 2024.1: ready" in told
    assert "2024.1  1 verified, 1 failed, 0 known to fail, 0 unverified" in told
    assert "2025.1  2 verified, 0 failed, 0 known to fail, 0 unverified" in told
    page = (tmp_path / "index.html").read_text()
    assert '<th scope="col">2024.1</th><th scope="col">2025.1</th>' in page
    assert "Changes from 2024.1 to 2025.1" in page
    summary = (tmp_path / "summary.md").read_text()
    assert "### Changes from 2024.1 to 2025.1\n\n- **1 scenario mended**" in summary


def test_point_releases_have_columns_of_their_own(runs: Runs, tmp_path: Path):
    assert run("--releases=2024.1:nova==29.2.0,2025.1", f"--output={tmp_path}") == 0
    assert '<th scope="col">2024.1:nova==29.2.0</th>' in (tmp_path / "index.html").read_text()


def test_several_packages_belong_to_one_release():
    [choice] = matrix._choices("2024.1:nova==29.2.0,glance==28.1.0")

    assert choice.exchanged == ("nova==29.2.0", "glance==28.1.0")


def test_what_has_been_run_is_not_run_again(runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run("--releases=2025.1", f"--output={tmp_path}")
    run("--releases=2024.1,2025.1", f"--output={tmp_path}")

    assert len(runs.commands) == 2
    assert "2025.1, 2 of 2: has been run before" in capsys.readouterr().out

    run("--releases=2025.1", f"--output={tmp_path}", "--again")
    assert len(runs.commands) == 3


def test_a_run_that_was_interrupted_is_run_again(runs: Runs, tmp_path: Path):
    runs.streams["2025.1"] = (stream("PASSED", "PASSED"), 2)
    with pytest.raises(
        ConfigurationError, match=r"the run on 2025.1 ended with status 2; see above, and continue with"
    ):
        run("--releases=2025.1", f"--output={tmp_path}")

    runs.streams["2025.1"] = (stream("PASSED", "PASSED"), 0)
    assert run("--releases=2025.1", f"--output={tmp_path}") == 0
    assert len(runs.commands) == 2


def test_a_folder_has_one_matrix(runs: Runs, tmp_path: Path):
    run("--releases=2025.1", f"--output={tmp_path}", "boot")

    with pytest.raises(ConfigurationError, match=r"has a matrix of boot; choose another folder with --output, or run"):
        run("--releases=2025.1", f"--output={tmp_path}", "resize")


def test_options_that_are_no_words(runs: Runs, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="--pytest=-k 'a cannot be split into words: No closing quotation"):
        run("--releases=2025.1", f"--output={tmp_path}", "--pytest=-k 'a")


def test_a_folder_that_cannot_be_made(runs: Runs, tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match=r"--output=\S+/file cannot be used: .*; choose another folder"):
        run("--releases=2025.1", f"--output={tmp_path / 'file'}")


@pytest.mark.parametrize(
    ("releases", "error", "sentence"),
    [
        (",", ConfigurationError, "--releases=, names no release; give a list such as 2024.1,2025.1"),
        ("2024.1,2024.1", ConfigurationError, "--releases=2024.1,2024.1 names 2024.1 more than once"),
        ("2024.1,2024.9", LabError, "--release=2024.9 is not known; choose one of Xena"),
    ],
)
def test_mistakes(runs: Runs, tmp_path: Path, releases: str, error: type[Exception], sentence: str):
    with pytest.raises(error) as found:
        run(f"--releases={releases}", f"--output={tmp_path}")

    assert str(found.value).startswith(sentence)
    assert runs.commands == []
