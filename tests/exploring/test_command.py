"""`stocktake explore`: its options, and what it says when it cannot search."""

from types import SimpleNamespace

import pytest
from stocktake.support.cli import main
from stocktake.support.errors import ConfigurationError
from stocktake.support.exploring import command
from stocktake.support.exploring.records import Folder
from stocktake.support.exploring.running import Verdict

from tests.exploring.histories import history


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--minutes=0", "'0' is not a number above 0"),
        ("--minutes=soon", "'soon' is not a number above 0"),
        ("--length=0", "'0' is not a whole number of at least 1"),
        ("-n2.5", "'2.5' is not a whole number of at least 1"),
    ],
)
def test_options_are_checked(capsys, option, complaint):
    assert main(["explore", option]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--release=2024.1", "--with=neutron"])
def test_only_a_lab_has_a_release_or_services_of_choice(capsys, tmp_path, option):
    assert main(["explore", "--cloud=staging", option, f"--output={tmp_path}/new"]) == 2
    assert "--release and --with ask for a lab, and cloud staging is none" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_histories_came_to_is_told_with_reasons(capsys, tmp_path):
    folder, boot = Folder(tmp_path), "boot flavor=small host=alpha"
    folder.record(1, history(boot, "stop"), Verdict("held", 1.0))
    folder.record(
        1, history(boot, "soft delete", circumstance="soft delete"), Verdict("unverified", 1.0, told="no way\nat all")
    )
    during = history(boot, "request resize flavor=large", "delete during move")
    folder.record(2, during, Verdict("known", 1.0, 3, "allocations", "still there"))
    command._tell(folder, [])
    said = capsys.readouterr().out
    assert "\n2 histories with 5 operations: 3 of " in said
    assert "unverified, 1 history: no way\n" in said
    assert "known, 1 history: deleting a server while it is being resized leaves the allocations" in said
    assert "found: nothing" in said
    assert (tmp_path / "coverage.svg").read_text().startswith("<svg ")


def test_a_cloud_must_allow_what_histories_do():
    settings = SimpleNamespace(allow_disruptive=False, cloud="staging", file="clouds.yaml")
    with pytest.raises(
        ConfigurationError, match=r'clouds.yaml: cloud "staging" does not allow .* allow_disruptive: true'
    ):
        command._check_allowed(SimpleNamespace(settings=settings))


def test_a_folder_that_cannot_be_used_is_said_before_a_lab_is_started(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert main(["explore", f"--output={tmp_path}/file/x"]) == 2
    assert "cannot be used" in capsys.readouterr().err


class Process:
    """A worker that needs three looks to clean up after it was told to end."""

    def __init__(self):
        self.told, self.looks = 0, 3

    def is_alive(self):
        self.looks -= self.told > 0
        return self.looks > 0

    def join(self, seconds):
        pass

    def terminate(self):
        self.told += 1


def test_workers_are_told_once_that_one_finding_is_enough():
    process = Process()
    command._await([process], SimpleNamespace(findings=lambda: ["found-1.feature"]), enough=1)
    assert process.told == 1
