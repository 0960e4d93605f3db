"""The wheel holds all that `stocktake` needs outside of a checkout, and puts nothing else where it is installed."""

import tarfile
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
SETTINGS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
CODE = ("steps", "support")
NOT_PACKAGED = ("__pycache__", ".pyc")


def importable_folders() -> set[str]:
    """Every folder of steps/ and support/ with an __init__.py, as it is imported; and the features."""
    folders = {path.parent for top in CODE for path in (REPOSITORY / top).rglob("__init__.py")}
    return {"stocktake.features", *("stocktake." + ".".join(f.relative_to(REPOSITORY).parts) for f in folders)}


def files_of_the_repository() -> set[str]:
    """What the wheel should hold: all files of features/, steps/ and support/."""
    paths = [path for top in ("features", *CODE) for path in (REPOSITORY / top).rglob("*") if path.is_file()]
    return {f"stocktake/{p.relative_to(REPOSITORY)}" for p in paths if not any(part in str(p) for part in NOT_PACKAGED)}


def test_every_package_is_listed():
    assert set(SETTINGS["tool"]["setuptools"]["packages"]) == importable_folders()


def test_every_folder_with_python_is_a_package():
    folders = {path.parent for top in CODE for path in (REPOSITORY / top).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_wheel_holds_every_file(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if not name.partition("/")[0].endswith(".dist-info")} == files_of_the_repository()
    assert "stocktake/support/constraints.txt" in names


def test_the_constraints_in_the_wheel_are_those_of_the_checkout(wheel):
    packaged = zipfile.ZipFile(wheel).read("stocktake/support/constraints.txt").decode()
    assert packaged == (REPOSITORY / "constraints.txt").read_text()
    assert "pytest-bdd==" in packaged


def test_the_sdist_holds_what_the_readme_names(packages):
    [sdist] = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"features", "steps", "support", "README.md", "LICENSE", "constraints.txt", "pyproject.toml"} <= tops
    assert "tests" not in tops


def test_nothing_else_is_installed_at_the_top(installed):
    [info] = installed.packages.glob("stocktake-*.dist-info")
    files = PathDistribution(info).files or []
    assert {file.parts[0] for file in files} == {"..", "stocktake", info.name}
    assert {file.as_posix() for file in files if file.parts[0] == ".."} == {"../../../bin/stocktake"}


def test_steps_and_support_cannot_be_imported(installed, tmp_path):
    for name in ("steps", "support", "features"):
        done = installed.run(tmp_path, "python", "-P", "-c", f"import {name}")
        assert f"No module named '{name}'" in done.stderr
    found = installed.run(tmp_path, "python", "-P", "-c", "import stocktake.steps as s; print(s.__file__)")
    assert found.stdout.strip() == str(installed.packages / "stocktake" / "steps" / "__init__.py"), found.stderr


def test_all_words_of_the_command_work(installed, tmp_path):
    for words in (["--help"], ["run", "--help"], ["steps", "evacuated"], ["check", str(tmp_path)]):
        done = installed.stocktake(tmp_path, *words)
        assert done.returncode in (0, 2), done.stderr
        assert "Traceback" not in done.stderr
    assert installed.run(tmp_path, "python", "-m", "stocktake.support.cli", "--help").returncode == 0


def test_a_lab_without_its_packages_says_how_to_install_them(installed, tmp_path):
    """The command names the file with the tested versions, which the wheel brought along."""
    hiding = "import sys; sys.modules['nova'] = None\nfrom stocktake.support.cli import main\nsys.exit(main())"
    done = installed.run(tmp_path, "python", "-c", hiding, "lab", "up")
    constraints = installed.packages / "stocktake" / "support" / "constraints.txt"
    assert done.returncode == 2, done.stderr
    assert f"install them with: pip install -c {constraints} 'stocktake[lab]'" in done.stderr
    assert constraints.is_file()


def test_capped_libraries_have_a_tested_version_below_the_cap():
    """The constraints fulfil every requirement, so that both can be installed together."""
    tested = dict(
        line.split("==") for line in (REPOSITORY / "constraints.txt").read_text().splitlines() if "==" in line
    )
    versions = {name.lower().replace("_", "-"): version for name, version in tested.items()}
    extras = SETTINGS["project"]["optional-dependencies"]
    for text in (*SETTINGS["project"]["dependencies"], *extras["lab"], *extras["lab-services"], *extras["dev"]):
        requirement = Requirement(text)
        assert requirement.specifier.contains(versions[requirement.name.lower().replace("_", "-")]), text
