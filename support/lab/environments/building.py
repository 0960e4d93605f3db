"""Builds environments in the user's cache, each once: of a release from a list of its packages, others upon it."""

import contextlib
import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from stocktake.support.errors import LabError
from stocktake.support.lab import releases, state
from stocktake.support.lab.environments import installing
from stocktake.support.lab.environments.choice import Choice
from stocktake.support.lab.hosts.libvirt import profiles
from stocktake.support.lab.shape import Shape
from stocktake.support.releases import Release

PINS = Path(__file__).with_name("pins")
PIN_FILE = re.compile(r"(?P<release>.+)-py(?P<python>\d+\.\d+)\.txt")

BYTES_NEEDED = 700 * 1024 * 1024
"""Of an environment while it is built: 300 MB, with as much again for what is unpacked and byte-compiled."""

NEEDED = ("keystone", "glance", "placement", "nova", "waitress", "fixtures", "hamcrest", "platformdirs")
"""What a lab imports."""


@dataclass(frozen=True)
class Environment:
    """A Python that a lab runs with, and the folders that come before its packages."""

    label: str
    python: Path
    folders: tuple[Path, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is the environment of Stocktake itself."""
        return self.python == Path(sys.executable)


def environment_of(choice: Choice | None, shape: Shape | None, progress: Callable[[str], None]) -> Environment | None:
    """Return the environment for a lab of this shape; None for the one of Stocktake itself. See `provide`.

    Raises LabError for hosts or services that a lab of the release cannot have.
    """
    if choice is None:
        return None
    release = choice.release
    if release and shape:
        era = releases.era_of(release.nova)
        if profiles.is_libvirt(shape.driver) and not era.libvirt_hosts:
            raise LabError(f"a lab of release {release.name} has no hosts with the libvirt driver; leave out either")
        if shape.services and not era.optional_services:
            raise LabError(
                f"a lab of release {release.name} cannot have {' and '.join(shape.services)}; leave out either"
            )
    return provide(choice, progress)


def provide(choice: Choice, progress: Callable[[str], None]) -> Environment:
    """Return the environment, and build what is missing of it; `progress` is told each stage in a few words.

    Two processes never build the same at once, and one that is interrupted leaves nothing that could be taken for a
    whole. Raises LabError if an environment cannot be built.
    """
    base = _base(choice, progress)
    if not choice.exchanged:
        return base
    name = f"{base.python.parents[1].name}+{choice.fingerprint}"
    folder = _built(
        name, lambda unfinished: _install_exchanged(choice, base, unfinished, progress), "the exchanged packages"
    )
    _check_release(choice, folder)
    return Environment(choice.label, base.python, (folder, *base.folders))


def _base(choice: Choice, progress: Callable[[str], None]) -> Environment:
    """The environment of the release as it is."""
    own = _own_nova()
    if choice.release is None or choice.release.nova == own:
        if own is None:
            raise LabError(
                f"{choice.origin} exchanges packages of an installed Nova, and there is none; name a --release"
            )
        return Environment(choice.label, Path(sys.executable))
    pins, python = pinned(choice.release)
    name = f"{pins.stem}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:8]}"
    what = f"the packages of release {choice.release.name}"
    folder = _built(name, lambda unfinished: _install_release(pins, python, unfinished, progress), what)
    return Environment(choice.label, folder / "bin" / "python")


def _own_nova() -> int | None:
    """The major version of the Nova that is installed beside Stocktake."""
    try:
        return releases.major(metadata.version("nova"))
    except metadata.PackageNotFoundError:
        return None


def pinned(release: Release, own: str = "{}.{}".format(*sys.version_info)) -> tuple[Path, str]:
    """Return the list of a release's packages, and a Python that it is for: this one, or another that is installed.

    Raises LabError if there is no such list or no such Python.
    """
    lists = {
        match["python"]: path
        for path in sorted(PINS.iterdir())
        if (match := PIN_FILE.fullmatch(path.name)) and match["release"] == release.name.lower()
    }
    if own in lists:
        return lists[own], sys.executable
    for version, path in lists.items():
        found = shutil.which(f"python{version}")
        if found:
            return path, found
    if not lists:
        known = sorted({PIN_FILE.sub(r"\g<release>", path.name) for path in PINS.iterdir()})
        raise LabError(f"release {release.name} has no list of packages here; there are lists for {', '.join(known)}")
    raise LabError(
        f"release {release.name} does not run on Python {own}: it needs Python {' or '.join(lists)}, and no "
        f"{' or '.join(f'python{version}' for version in lists)} is on the PATH; install one"
    )


def _built(name: str, build: Callable[[Path], None], what: str) -> Path:
    """Return the folder of that name in the cache; let `build` fill it if it is not there."""
    cache = state.cache_folder()
    if cache is None:
        raise LabError(f"{what} need a folder of yours, and the cache folder cannot be used; set XDG_CACHE_HOME to one")
    folder = cache / "environments" / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder.with_name(f"{name}.lock")):
        if folder.is_dir():  # another process has built it meanwhile
            return folder
        unfinished = folder.with_name(f"{name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
        free = shutil.disk_usage(folder.parent).free
        if free < BYTES_NEEDED:
            raise LabError(
                f"{what} need {BYTES_NEEDED >> 20} MB in {cache}, where {free >> 20} MB are free; free some, or set "
                "XDG_CACHE_HOME to a folder on a larger disk"
            )
        try:
            build(unfinished)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        unfinished.rename(folder)
    return folder


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install_release(pins: Path, python: str, folder: Path, progress: Callable[[str], None]) -> None:
    progress("creating the environment")
    pip = [] if installing.brings_pip() else ["--without-pip"]
    made = subprocess.run([python, "-m", "venv", *pip, str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise LabError(
            f"{python} cannot create an environment: {installing.last_line(made.stdout + made.stderr)}; install its "
            "module venv (on Debian and Ubuntu, the package python3-venv)"
        )
    installing.install(folder / "bin" / "python", ["-r", str(pins)], len(_pins(pins)), progress)
    progress("checking the packages")
    _check_versions(folder, _pins(pins))
    installing.check_imports(folder / "bin" / "python", NEEDED)


def _install_exchanged(choice: Choice, base: Environment, folder: Path, progress: Callable[[str], None]) -> None:
    lines = folder.with_suffix(".txt")
    lines.write_text("\n".join(choice.exchanged) + "\n")
    try:
        arguments = ["--target", str(folder), "-r", str(lines)]
        installing.install(base.python, arguments, len(choice.exchanged), progress, folder=choice.folder)
    except LabError as error:
        raise LabError(f"{choice.origin}: {error}") from error
    finally:
        lines.unlink()


def _pins(path: Path) -> Mapping[str, str]:
    """The version of each package in a list."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return dict(line.split("==") for line in lines if line)


def _check_versions(folder: Path, pins: Mapping[str, str]) -> None:
    """Raise LabError unless the environment has each package in its version."""
    found = _versions(folder.glob("lib/python*/site-packages"))
    wrong = [name for name, version in pins.items() if found.get(_normal(name)) != version]
    if wrong:
        raise LabError(f"the environment was not built as listed: {', '.join(wrong)} differ; try again")


def _check_release(choice: Choice, folder: Path) -> None:
    """Raise LabError if a package was exchanged for one of another release: a lab is of one release."""
    wanted = choice.release.nova if choice.release else _own_nova()
    version = _versions([folder]).get("nova")
    if version is not None and releases.major(version) != wanted:
        raise LabError(
            f"{choice.origin}: nova {version} is not of the release whose Nova is {wanted}; name its own with --release"
        )


def _versions(folders: Iterator[Path] | Sequence[Path]) -> dict[str, str]:
    """The version of each package that is installed in these folders, by its normalised name."""
    found = metadata.distributions(path=[str(folder) for folder in folders])
    return {_normal(each.metadata["Name"]): each.version for each in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
