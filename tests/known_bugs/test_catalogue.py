"""The catalogue, the files of bugs and the features agree; no lab is needed to know."""

import os
import subprocess
import sys

import pytest
from stocktake.support.gherkin.text.reading import read_feature
from stocktake.support.known import DEFECTS

from tests.known_bugs.bug_catalogue import BUGS, CONTROL, KNOWN, MENDS, bug_named
from tests.known_bugs.bug_trials import PLANTED, REPOSITORY
from tests.known_bugs.without_then import without_then

ALL = sorted(path.stem for path in BUGS.glob("*.py"))


def test_every_bug_is_in_the_catalogue_once():
    assert sorted([*(bug.name for bug in KNOWN), CONTROL]) == ALL


@pytest.mark.parametrize("bug", KNOWN, ids=lambda bug: bug.name)
def test_every_bug_says_what_it_is(bug):
    assert bug.what.endswith(".")
    assert "\n" not in bug.what


def test_every_known_defect_that_is_not_fixed_has_a_mend():
    assert {mend.replace("_", "-") for mend in MENDS} == {name for name, one in DEFECTS.items() if one.last is None}


def test_launchpad_numbers_are_read_from_the_description():
    assert bug_named("revert_charges_both_hosts").launchpad == (1707071, 1785776)
    assert bug_named("delete_frees_nothing").launchpad == ()


@pytest.mark.parametrize("bug", KNOWN, ids=lambda bug: bug.name)
def test_selections_name_scenarios_that_exist(bug):
    for selected in bug.features:
        file, _, name = selected.partition("::")
        names = [scenario.name for scenario in read_feature(REPOSITORY / file).scenarios]
        assert not name or name in names


FITTING = """
import importlib, sys
import planting
from nova import objects

objects.register_all()
for bug in sys.argv[1:]:
    planting._changes.clear()
    for module, changes in planting.load(bug).items():
        for change in changes:
            change(importlib.import_module(module))
    assert planting._changes, f"{bug} changes nothing"
"""


@pytest.mark.process
def test_every_bug_and_every_mend_fits_the_nova_that_is_installed():
    """One that names what Nova no longer has raises, which is how a lab with it would not start."""
    environment = {**os.environ, "PYTHONPATH": str(PLANTED)}
    environment.pop("STOCKTAKE_PLANT", None)
    subprocess.run([sys.executable, "-W", "ignore", "-c", FITTING, *ALL, *MENDS], env=environment, check=True)


@pytest.mark.process
def test_a_bug_is_planted_when_its_module_is_imported(tmp_path):
    log = tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": str(PLANTED), "STOCKTAKE_PLANT_LOG": str(log)}
    environment["STOCKTAKE_PLANT"] = "usages_of_all_hosts"
    program = "import placement.objects.usage"
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=environment, check=True)
    assert log.read_text().endswith("usages_of_all_hosts planted in placement.objects.usage\n")


def test_processes_without_a_bug_are_left_alone(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(PLANTED), "STOCKTAKE_PLANT_LOG": str(tmp_path / "log")}
    environment.pop("STOCKTAKE_PLANT", None)
    program = "import sys; sys.exit('planting' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert not (tmp_path / "log").exists()


def test_a_sitecustomize_further_down_the_path_has_its_turn(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.the_other_one_ran = True")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLANTED), str(tmp_path)])}
    subprocess.run([sys.executable, "-c", "import sys; sys.the_other_one_ran"], env=environment, check=True)


class TestLosingCalls:
    @pytest.fixture
    def planting(self, monkeypatch):
        monkeypatch.syspath_prepend(PLANTED)
        import planting  # noqa: PLC0415 - only importable here

        yield planting
        sys.modules.pop("planting", None)

    class Client:
        done = 0

        def free(self, amount=1):
            self.done += amount
            return self.done

    def confirm(self, client):
        return client.free()

    def delete(self, client):
        return self.confirm(client)

    @pytest.fixture
    def client(self):
        return type("Client", (self.Client,), {"free": self.Client.free})()

    def test_only_those_of_one_caller(self, planting, client):
        planting.lose(type(client), "free", by="confirm", returning="lost")
        assert (self.confirm(client), client.free()) == ("lost", 1)

    def test_only_those_made_under_another_function(self, planting, client):
        planting.lose(type(client), "free", under="delete", returning="lost")
        assert (self.delete(client), self.confirm(client)) == ("lost", 1)

    def test_only_those_with_certain_arguments(self, planting, client):
        planting.lose(type(client), "free", when=lambda _client, amount=1: amount > 1)
        assert (client.free(2), client.free()) == (None, 1)

    def test_each_one_leaves_a_proof(self, planting, client, monkeypatch, tmp_path):
        monkeypatch.setenv("STOCKTAKE_PLANT_LOG", str(tmp_path / "log"))
        planting.lose(type(client), "free", by="confirm")
        client.free()
        self.confirm(client)
        assert (tmp_path / "log").read_text() == f"{os.getpid()} took effect in Client.free\n"

    def test_of_a_name_that_is_not_there_is_an_error(self, planting, client):
        with pytest.raises(AttributeError):
            planting.lose(type(client), "release")


def test_features_without_then_keep_everything_else():
    text = (
        "Feature: F\n  Background:\n    Given a\n      | x |\n  Rule: R\n    Scenario: S\n      Given b\n      And c\n"
        "      When d\n      Then e\n        | y |\n      And f\n      But g\n\n    Scenario Outline: T <n>\n"
        "      When h <n>\n      Then i\n      Examples: E\n        | n |\n        | 1 |\n"
    )
    assert without_then(text) == (
        "Feature: F\n  Background:\n    Given a\n      | x |\n  Rule: R\n    Scenario: S\n      Given b\n      And c\n"
        "      When d\n\n    Scenario Outline: T <n>\n      When h <n>\n      Examples: E\n"
        "        | n |\n        | 1 |\n"
    )
