"""`stocktake run` is pytest with the vocabulary loaded: from any folder, on installed features or the user's own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FEATURES = sorted(path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("features/**/*.feature"))
[BOOT] = [name for name in FEATURES if name.endswith("/boot.feature")]
INSIDE = BOOT.removeprefix("features/")

OWN = {
    "mine/coins.feature": """Feature: Coins

  Scenario: Five coins are five coins
    Given a wallet with "5" coins
    Then "5" coins are left

  Scenario: Five coins are not four
    Given a wallet with "5" coins
    Then "4" coins are left
""",
    "mine/conftest.py": """
from stocktake.support.gherkin.phrases import given, parameter, then


@parameter(name="coins", regexp="[0-9]+")
def coins(text):
    return int(text)


@given('a wallet with "{coins}" coins', target_fixture="wallet")
def wallet(coins):
    return coins


@then('"{coins}" coins are left')
def left(wallet, coins):
    assert wallet == coins, f"{wallet} are left"
""",
}


def collected(output: str) -> list[str]:
    return [line for line in output.splitlines() if "::" in line]


def scenarios(feature: str) -> list[str]:
    """The names of a feature's scenarios, without those of the rows of Examples."""
    text = (REPOSITORY / feature).read_text()
    return re.findall(r"^ *Scenario(?: Outline)?: (.*)$", text, flags=re.MULTILINE)


class TestInstalledFeatures:
    def test_all_are_run_when_no_path_is_given(self, installed, tmp_path):
        done = installed.stocktake(tmp_path, "run", "--collect-only", "-q")
        assert done.returncode == 0, done.stdout + done.stderr
        assert {name.partition("::")[0] for name in collected(done.stdout)} == set(FEATURES)

    @pytest.mark.parametrize("path", [INSIDE, BOOT])
    def test_are_named_by_their_place(self, installed, tmp_path, path):
        done = installed.stocktake(tmp_path, "run", path, "--collect-only", "-q")
        assert {name.partition("[")[0] for name in collected(done.stdout)} == {f"{BOOT}::{n}" for n in scenarios(BOOT)}

    def test_are_named_by_scenario_or_line(self, installed, tmp_path):
        name = scenarios(BOOT)[0]
        lines = (REPOSITORY / BOOT).read_text().splitlines()
        line = next(number for number, text in enumerate(lines, 1) if text.endswith(f": {name}"))
        for path in (f"{INSIDE}::{name}", f"{INSIDE}:{line}", f"{BOOT}::{name}"):
            done = installed.stocktake(tmp_path, "run", path, "--collect-only", "-q")
            assert collected(done.stdout) == [f"{BOOT}::{name}"], done.stdout + done.stderr

    def test_are_selected_by_options_of_pytest(self, installed, tmp_path):
        done = installed.stocktake(tmp_path, "run", "-k", "boot", "-m", "not disruptive", "--collect-only", "-q")
        assert collected(done.stdout), done.stdout + done.stderr
        assert all("boot" in name.lower() for name in collected(done.stdout))

    def test_give_way_to_files_on_disk(self, installed, write):
        folder = write(
            {INSIDE: OWN["mine/coins.feature"], f"{Path(INSIDE).parent}/conftest.py": OWN["mine/conftest.py"]}
        )
        done = installed.stocktake(folder, "run", INSIDE, "--collect-only", "-q")
        assert collected(done.stdout) == [f"{INSIDE}::Five coins are five coins", f"{INSIDE}::Five coins are not four"]

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("bot.feature", f"there is no feature bot.feature - did you mean {INSIDE}"),
            (
                f"nowhere/{Path(INSIDE).name}",
                f"there is no feature nowhere/{Path(INSIDE).name} - did you mean {INSIDE}",
            ),
            (f"{INSIDE}:9999", "has"),
            ("../steps/__init__.py", "file or directory not found: ../steps/__init__.py"),
        ],
    )
    def test_that_do_not_exist_are_one_sentence(self, installed, tmp_path, path, said):
        done = installed.stocktake(tmp_path, "run", path)
        assert done.returncode == 4
        assert said in done.stderr
        assert "Traceback" not in done.stdout + done.stderr

    def test_leave_nothing_where_they_are_installed(self, installed, tmp_path):
        before = sorted(installed.packages.rglob("*"))
        name = scenarios(BOOT)[0]
        done = installed.stocktake(
            tmp_path, "run", f"{INSIDE}::{name}", "--cloud=nowhere", OS_CLIENT_CONFIG_FILE="/none"
        )
        assert done.returncode == 1, done.stdout
        assert f"rootdir: {tmp_path}" in done.stdout
        assert sorted(installed.packages.rglob("*")) == before
        assert (tmp_path / ".pytest_cache").is_dir()
        again = installed.stocktake(tmp_path, "run", "--lf", "--collect-only", "-q")
        assert collected(again.stdout) == [f"{BOOT}::{name}"]

    def test_have_the_same_names_in_reports_and_with_xdist(self, installed, tmp_path):
        name = scenarios(BOOT)[0]
        options = ("--cloud=nowhere", "--messages=run.ndjson", "--junit-xml=junit.xml", "-n", "2")
        done = installed.stocktake(tmp_path, "run", f"{INSIDE}::{name}", *options, OS_CLIENT_CONFIG_FILE="/none")
        assert done.returncode == 2, done.stdout  # xdist's own, as no scenario can run without a cloud
        messages = [json.loads(line) for line in (tmp_path / "run.ndjson").read_text().splitlines()]
        assert [m["source"]["uri"] for m in messages if "source" in m] == [BOOT]
        assert {m["testStepFinished"]["testStepResult"]["status"] for m in messages if "testStepFinished" in m} & {
            "FAILED"
        }
        classname = BOOT.replace("/", ".")
        assert f'classname="{classname}"' in (tmp_path / "junit.xml").read_text()
        assert f"FAILED {BOOT}::{name}" in done.stdout or f"ERROR {BOOT}::{name}" in done.stdout

    def test_lie_in_a_project_that_has_the_environment_in_it(self, installed, write):
        """The environment of a project is often a folder `.venv` of it, which pytest does not search."""
        folder = write({"pytest.ini": "[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n"})
        (folder / ".venv").symlink_to(installed.folder)
        command = [
            str(folder / ".venv/bin/python"),
            "-m",
            "stocktake.support.cli",
            "run",
            INSIDE,
            "--collect-only",
            "-q",
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert {n.partition("::")[0] for n in collected(done.stdout)} == {BOOT}, done.stdout + done.stderr


class TestOwnFeatures:
    def test_end_with_the_status_of_pytest(self, installed, write):
        folder = write(OWN)
        done = installed.stocktake(folder, "run", "mine")
        assert (done.returncode, re.findall(r"(\d+) (?:failed|passed)", done.stdout)) == (1, ["1", "1"]), done.stdout
        assert 'Then "4" coins are left (coins.feature:9)\n5 are left' in done.stdout
        assert installed.stocktake(folder, "run", "mine", "-k", "not four").returncode == 0
        assert installed.stocktake(folder, "run", "mine", "-k", "nothing").returncode == 5
        assert installed.stocktake(folder, "run", "mine", "--no-such-option").returncode == 4

    def test_obey_the_settings_of_their_project(self, installed, write):
        settings = '[tool.pytest.ini_options]\naddopts = ["--strict-markers", "-k", "not four"]\nmarkers = ["mine"]\n'
        feature = OWN["mine/coins.feature"].replace("  Scenario", "  @mine\n  Scenario")
        folder = write({**OWN, "pyproject.toml": settings, "mine/coins.feature": feature})
        done = installed.stocktake(folder / "mine", "run", ".", "--collect-only", "-q")
        assert collected(done.stdout) == ["mine/coins.feature::Five coins are five coins"], done.stdout + done.stderr

    def test_may_be_anywhere(self, installed, write, tmp_path_factory):
        folder = write(OWN)
        done = installed.stocktake(tmp_path_factory.mktemp("elsewhere"), "run", str(folder / "mine"), "-n", "2")
        assert "1 failed, 1 passed" in done.stdout, done.stdout


def test_a_checkout_runs_its_features_from_anywhere(tmp_path):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "stocktake.support.cli", "run", INSIDE, "--collect-only", "-q"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert {name.partition("::")[0] for name in collected(done.stdout)} == {BOOT}, done.stdout + done.stderr


def test_an_installed_feature_passes_on_a_lab(installed, tmp_path):
    name = scenarios(BOOT)[0]
    done = installed.stocktake(tmp_path, "run", f"{INSIDE}::{name}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
