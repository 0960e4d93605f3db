"""What `stocktake sweep` and `stocktake doctor` print and return."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from stocktake.support.api.clients import Clients
from stocktake.support.cli import main
from stocktake.support.config.target import Target
from stocktake.support.inspection import doctor, duration
from stocktake.support.inspection.doctor import Capability
from stocktake.support.ownership import journal, sweep
from stocktake.support.ownership.sweep import Swept


@pytest.fixture(autouse=True)
def some_cloud(monkeypatch, tmp_path):
    settings = SimpleNamespace(state=tmp_path / "state")
    monkeypatch.setattr(Target, "load", lambda name: SimpleNamespace(name=name, settings=settings))
    monkeypatch.setattr(Clients, "of", lambda target: SimpleNamespace(target=target))


@pytest.fixture
def swept(monkeypatch):
    """What a sweep finds; `.calls` holds how it was asked."""
    results = SimpleNamespace(journals=[], marked=[], calls=[])

    def by_journal(clients, journals, **options):
        results.calls.append(("journals", options["dry_run"]))
        return results.journals

    def by_mark(clients, journals, **options):
        results.calls.append(("marked", options["dry_run"], options["older_than"].total_seconds() / 3600))
        return results.marked

    monkeypatch.setattr(journal, "find_journals", lambda folder: [])
    monkeypatch.setattr(sweep, "sweep", by_journal)
    monkeypatch.setattr(sweep, "sweep_marked", by_mark)
    return results


def test_sweep_of_a_clean_cloud(swept, capsys):
    assert main(["sweep", "--cloud=staging"]) == 0
    assert capsys.readouterr().out == 'cloud "staging": nothing is left of earlier runs\n'
    assert swept.calls == [("journals", False)]


def test_sweep_counts_what_became_of_everything(swept, capsys):
    swept.journals = [Swept("a", done=True), Swept("b", done=False, problem="in use")]
    assert main(["sweep", "--cloud=staging"]) == 1
    assert capsys.readouterr().out == 'cloud "staging": 1 undone, 1 could not be undone\n'


def test_dry_run_that_finds_something_says_so_by_its_status(swept, capsys):
    swept.journals = [Swept("a", done=False)]
    assert main(["sweep", "--cloud=staging", "--dry-run", "--marked"]) == 1
    assert capsys.readouterr().out == 'cloud "staging": 1 to be undone\n'
    assert swept.calls == [("journals", True), ("marked", True, 24)]


def test_age_of_marked_things_can_be_chosen(swept):
    assert main(["sweep", "--cloud=staging", "--marked", "--older-than=0"]) == 0
    assert swept.calls[1] == ("marked", False, 0)


def test_age_without_marked_is_a_mistake(swept, capsys):
    assert main(["sweep", "--cloud=staging", "--older-than=0"]) == 2
    assert "--older-than limits what --marked removes" in capsys.readouterr().err


def test_cloud_may_come_from_the_environment(swept, capsys, monkeypatch):
    monkeypatch.setenv("OS_CLOUD", "production")
    main(["sweep"])
    assert 'cloud "production"' in capsys.readouterr().out


def test_help_does_not_import_the_clients():
    code = (
        "import sys; from stocktake.support.inspection.command import add_parser; "
        "print('stocktake.support.api.session' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "False\n"


@pytest.fixture
def examined(monkeypatch):
    offered = [Capability("hosts", "hosts it may use", True, "1: a", "list more", essential=True, amount=1)]
    monkeypatch.setattr(doctor.Examination, "__init__", lambda self, clients: None)
    monkeypatch.setattr(doctor.Examination, "capabilities", lambda self: offered)
    session = SimpleNamespace(versions=lambda service: None)
    monkeypatch.setattr(Clients, "of", lambda target: SimpleNamespace(session=session, target=target))
    monkeypatch.setattr(duration, "least_duration", lambda target, scenarios: None)


def test_doctor_tells_what_is_missing_and_what_to_set(examined, capsys, tmp_path):
    (tmp_path / "one.feature").write_text('Feature: f\nScenario: s\nGiven host "alpha"\n')
    (tmp_path / "two.feature").write_text('Feature: f\nScenario: s\nGiven hosts "alpha" and "beta"\n')
    assert main(["doctor", "--cloud=staging", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        'What cloud "staging" offers',
        "| capability       | offered | how  |",
        "| hosts it may use | yes     | 1: a |",
        "",
        "What features need",
        "| feature     | needs   | can be verified           |",
        "| one.feature | 1 host  | yes                       |",
        "| two.feature | 2 hosts | no, or only partly: see 1 |",
        "",
        "What is missing, and how to provide it",
        "1. it needs 2 hosts and may use 1",
        "   list more",
    ]
    assert main(["doctor", "--cloud=staging", str(tmp_path / "one.feature")]) == 0


def test_doctor_says_that_the_periodic_cannot_be_checked(examined, monkeypatch, capsys, tmp_path):
    (tmp_path / "one.feature").write_text('Feature: f\nScenario: s\nGiven host "alpha"\n')
    lacking = Capability("run_periodic", "the periodic can be run", False, "nothing runs it", "set run_periodic")
    monkeypatch.setattr(doctor.Examination, "capabilities", lambda self: [lacking])
    assert main(["doctor", "--cloud=staging", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "Not checked at the end of scenarios: whether the periodic task changes anything",
        "nothing runs it",
        "   set run_periodic",
    ]


def test_doctor_says_how_long_a_run_takes(examined, monkeypatch, capsys, tmp_path):
    (tmp_path / "one.feature").write_text('Feature: f\nScenario: s\nGiven host "alpha"\n')
    monkeypatch.setattr(duration, "least_duration", lambda target, scenarios: f"{len(list(scenarios))} minutes")
    assert main(["doctor", "--cloud=staging", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["How long a run takes", "1 minutes"]


def test_doctor_of_a_file_that_is_not_a_feature_says_what_is_wrong_with_it(examined, capsys, tmp_path):
    (tmp_path / "one.feature").write_text('Scenario: s\nGiven host "alpha"\n')
    assert main(["doctor", "--cloud=staging", str(tmp_path)]) == 2
    assert "one.feature:1: " in capsys.readouterr().err


def test_doctor_of_features_that_are_not_there(examined, capsys):
    assert main(["doctor", "--cloud=staging", "nowhere"]) == 2
    assert "nowhere: there is no such file or folder" in capsys.readouterr().err
