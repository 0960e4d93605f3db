"""README's commands and CI examples say what exists: options, words of the command, paths, and valid YAML."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from stocktake.support.cli import WORDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
YAML_BLOCKS = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`'\"/-])((?:pytest|stocktake) [^`\n|&]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def pytest_options() -> set[str]:
    """Every long option that pytest has with Stocktake installed, and for its tests of known bugs."""
    command = [sys.executable, "-m", "pytest", "tests/known_bugs", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(re.findall(r"--[a-z][a-z-]+", shown.stdout))


def commands(word: str) -> list[list[str]]:
    """Every command in README that begins with `word`, split into its words; text that is no command is left out."""
    joined = re.sub(r">-\n\s+(.*)\n\s+(.*)", r"\1 \2", README)
    found = [match.strip().rstrip(".,;)") for match in COMMAND.findall(joined)]
    return [shlex.split(line.replace("${{", "").replace("}}", "")) for line in found if line.split()[0] == word]


def test_yaml_examples_are_yaml():
    assert len(YAML_BLOCKS) >= 5
    for block in YAML_BLOCKS:
        assert yaml.safe_load(block)


@pytest.mark.process
def test_every_option_of_pytest_exists(pytest_options):
    used = {part.partition("=")[0] for line in commands("pytest") for part in line if part.startswith("--")}
    assert used, "README shows no options of pytest at all"
    assert used <= pytest_options


def test_every_word_of_the_command_exists():
    words = {line[1] for line in commands("stocktake") if len(line) > 1 and re.fullmatch("[a-z]+", line[1])}
    assert {"lab", "steps", "check", "report", "audit", "sweep", "doctor"} <= words
    assert words <= set(WORDS)


@pytest.mark.process
@pytest.mark.parametrize("line", commands("stocktake"), ids=" ".join)
def test_every_option_of_the_command_exists(line):
    options = {part.partition("=")[0] for part in line if part.startswith("--") and part != "--"}
    words = line[1:3] if line[1] == "lab" else line[1:2]
    shown = subprocess.run(
        [sys.executable, "-m", "stocktake.support.cli", *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert options <= set(re.findall(r"--[a-z][a-z-]+", shown.stdout)) | {"--"}


def test_every_feature_and_folder_named_exists():
    for path in set(re.findall(r"\bfeatures/[a-z_/]+\.feature", README)):
        assert (ROOT / path).is_file(), f"README names {path}, which does not exist"


def test_every_feature_is_in_the_table_of_what_is_covered():
    table = README.partition("## What is covered")[2].partition("\n\nOut of reach")[0]
    named = set(re.findall(r"`([a-z_]+/[a-z_]+)`", table))
    features = ROOT / "features"
    assert named == {str(path.relative_to(features).with_suffix("")) for path in features.rglob("*.feature")}


def test_ci_runs_the_commands_of_the_readme():
    """`.ci/run` takes its two commands from README; both must be there, each on one line."""
    for what in ("features", "tests"):
        assert re.search(rf"^    python3 -m venv .* && \.venv/bin/pytest {what}$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def run_all():
    spec = importlib.util.spec_from_file_location("run_all", ROOT / "tests" / "bench" / "run_all.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_all"] = module  # which its data classes look for
    spec.loader.exec_module(module)
    yield module
    del sys.modules["run_all"]


def test_every_figure_has_a_command_that_measures_it(run_all):
    found = list(run_all.measurements(README))
    table = README.partition("## Performance")[2].partition("\n## ")[0]
    assert sum(len(measurement.stated) for measurement in found) == table.count("\n| ") - 2
    for measurement in found:
        script, *options = shlex.split(measurement.command)
        source = (ROOT / script).read_text()
        used = {option.partition("=")[0] for option in options if option.startswith("--")}
        assert used <= set(re.findall(r"--[a-z-]+", source))


def test_figures_of_one_command_are_measured_once(run_all):
    head = "## Performance\n\n| what | figure | command |\n| --- | --- | --- |\n"
    rows = "| boot | 1 s | `tests/bench/a.py --n 2` |\n| stop | 2 s | the same |\n| web | 3 s | `tests/bench/b.py` |"
    first, second = run_all.measurements(f"{head}{rows}\n\n## Layout\n")
    assert (first.command, first.stated) == ("tests/bench/a.py --n 2", [("boot", "1 s"), ("stop", "2 s")])
    assert (second.command, second.stated) == ("tests/bench/b.py", [("web", "3 s")])
    with pytest.raises(ValueError, match="no command for stop"):
        list(run_all.measurements(f"{head}| stop | 2 s | the same |\n\n## Layout\n"))
    with pytest.raises(ValueError, match="no section"):
        list(run_all.measurements("## Layout\n"))
