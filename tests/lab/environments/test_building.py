"""How environments are built: once, whole or not at all, and what is said where that is not possible."""

import contextlib
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab.environments import building, installing
from stocktake.support.lab.environments.building import Environment, provide
from stocktake.support.lab.environments.choice import Choice, chosen
from stocktake.support.releases import RELEASES

OWN = "{}.{}".format(*sys.version_info)
RELEASE = next(release for release in RELEASES if release.name == "2024.1")


def say_nothing(_stage: str) -> None:
    pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "stocktake" / "environments"


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of lists, with one for this Python."""
    folder = tmp_path / "pins"
    folder.mkdir()
    (folder / f"2024.1-py{OWN}.txt").write_text("nova==29.4.0\n")
    monkeypatch.setattr(building, "PINS", folder)
    return folder


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip and uv find packages in: Nova in three versions, each an empty module."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for version in ("29.2.0", "29.4.0", "30.0.0"):
        info = f"nova-{version}.dist-info"
        with zipfile.ZipFile(folder / f"nova-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("nova/__init__.py", "")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: nova\nVersion: {version}\n")
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", "")
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    monkeypatch.setattr(building, "NEEDED", ("nova",))
    return folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, pins: Path) -> list[Path]:
    """The folders that were built, each by making a file in it, in place of minutes with pip."""
    made: list[Path] = []

    def install_release(_pins: Path, _python: str, folder: Path, _progress: Callable[[str], None]) -> None:
        made.append(folder)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(building, "_install_release", install_release)
    return made


@pytest.mark.process
def test_a_release_and_a_point_release_with_the_real_pip(pins: Path, wheels: Path, cache: Path):
    stages: list[str] = []
    release = provide(Choice(RELEASE), stages.append)
    point = provide(Choice(RELEASE, ("nova==29.2.0",), origin="--release"), stages.append)

    assert stages[0] == "creating the environment"
    assert "checking the packages" in stages
    assert release.python.is_file()
    assert not release.is_own
    assert point.python == release.python
    [folder] = point.folders
    assert (folder / "nova-29.2.0.dist-info").is_dir()
    left = [path.name for path in cache.iterdir()]
    assert len(left) == 4
    assert sum(name.endswith(".lock") for name in left) == 2

    wheel = wheels / "nova-30.0.0-py3-none-any.whl"
    with pytest.raises(LabError, match=r"nova 30.0.0 is not of the release whose Nova is 29; name its own"):
        provide(Choice(RELEASE, (f"./{wheel.name}",), wheels, "--requirements=mine.txt"), say_nothing)
    with pytest.raises(LabError, match=r"^--release=x: the package index has no nova==29.9.9"):
        provide(Choice(RELEASE, ("nova==29.9.9",), origin="--release=x"), say_nothing)


def test_it_is_built_once(built: list[Path]):
    first, second = (provide(Choice(RELEASE), say_nothing) for _ in range(2))

    assert first == second
    assert len(built) == 1
    assert first.python.is_file()


def test_two_that_need_it_at_once_do_not_build_it_twice(built: list[Path], monkeypatch: pytest.MonkeyPatch):
    install, both = building._install_release, threading.Barrier(2)

    def install_slowly(*arguments: object) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # for a second builder, which must not come
        install(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "_install_release", install_slowly)
    found: list[Environment] = []
    threads = [threading.Thread(target=lambda: found.append(provide(Choice(RELEASE), say_nothing))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(built) == 1
    assert len(found) == 4
    assert len(set(found)) == 1


def test_other_packages_are_another_environment(built: list[Path], pins: Path):
    before = provide(Choice(RELEASE), say_nothing)
    (pins / f"2024.1-py{OWN}.txt").write_text("nova==29.4.1\n")

    assert provide(Choice(RELEASE), say_nothing) != before


def test_a_wheel_that_was_built_anew_is_installed_anew(
    built: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(building, "_install_exchanged", lambda _choice, _base, folder, _progress: folder.mkdir())
    wheel = tmp_path / "nova.whl"
    choice = Choice(RELEASE, ("./nova.whl",), tmp_path, "--requirements=mine.txt")
    wheel.write_text("one")
    before = provide(choice, say_nothing)
    assert provide(choice, say_nothing) == before

    wheel.write_text("two")
    assert provide(choice, say_nothing).folders != before.folders


def test_one_that_was_interrupted_is_built_anew(built: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(_pins: Path, _python: str, folder: Path, _progress: Callable[[str], None]) -> None:
        folder.mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building, "_install_release", interrupt)
        with pytest.raises(KeyboardInterrupt):
            provide(Choice(RELEASE), say_nothing)
    assert [path.suffix for path in cache.iterdir()] == [".lock"]

    provide(Choice(RELEASE), say_nothing)
    assert len(built) == 1


def test_what_a_killed_process_has_left_is_not_taken_for_a_whole(built: list[Path], cache: Path):
    whole = provide(Choice(RELEASE), say_nothing).python.parents[1]
    left = whole.with_name(f"{whole.name}.unfinished")
    whole.rename(left)
    (left / "half").touch()

    environment = provide(Choice(RELEASE), say_nothing)

    assert len(built) == 2
    assert not (environment.python.parents[1] / "half").exists()


def test_a_full_disk(built: list[Path], monkeypatch: pytest.MonkeyPatch):
    full = shutil.disk_usage("/")._replace(free=50 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)

    with pytest.raises(
        LabError, match=r"the packages of release 2024.1 need 700 MB in \S+, where 50 MB are free; free"
    ):
        provide(Choice(RELEASE), say_nothing)


def test_no_folder_for_it(built: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(LabError, match="the cache folder cannot be used; set XDG_CACHE_HOME"):
        provide(Choice(RELEASE), say_nothing)


def test_a_python_that_the_release_cannot_run_on(pins: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(LabError, match=f"release 2024.1 does not run on Python 3.77: it needs Python {OWN}, and no "):
        building.pinned(RELEASE, "3.77")


def test_another_python_that_is_installed(pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = tmp_path / f"python{OWN}"
    other.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert building.pinned(RELEASE, "3.77") == (pins / f"2024.1-py{OWN}.txt", str(other))


def test_a_release_without_a_list(pins: Path):
    with pytest.raises(LabError, match=r"release Xena has no list of packages here; there are lists for 2024.1"):
        building.pinned(RELEASES[0])


def test_a_package_that_was_not_installed_as_listed(pins: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installing, "install", lambda *_args, **_options: None)

    with pytest.raises(LabError, match="the environment was not built as listed: nova differ"):
        provide(Choice(RELEASE), say_nothing)


def test_a_folder_in_place_of_a_wheel(built: list[Path], tmp_path: Path):
    (tmp_path / "nova").mkdir()
    file = tmp_path / "mine.txt"
    file.write_text("./nova\n")
    choice = chosen("2024.1", file)

    assert choice is not None
    with pytest.raises(LabError, match=r"\./nova is a folder; build a wheel of it and name that: pip wheel --no-deps"):
        provide(choice, say_nothing)


def test_the_installed_release_needs_no_environment():
    environment = provide(Choice(RELEASES[-1]), say_nothing)

    assert environment == Environment("2026.2", Path(sys.executable))
    assert environment.is_own


@pytest.mark.parametrize("path", sorted(building.PINS.iterdir()), ids=lambda path: path.stem)
def test_a_list_is_of_its_release(path: Path):
    match = building.PIN_FILE.fullmatch(path.name)
    assert match is not None
    [release] = [each for each in RELEASES if each.name.lower() == match["release"]]
    pins = building._pins(path)

    assert pins["nova"].startswith(f"{release.nova}.")
    assert {"keystone", "glance", "openstack-placement", "waitress", "fixtures", "pyhamcrest", "platformdirs"} <= set(
        pins
    )
