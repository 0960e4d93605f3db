"""A wheel of the repository as it is, and an environment that has it installed as a stranger's has."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = ("features", "steps", "support", "LICENSE", "MANIFEST.in", "README.md", "constraints.txt", "pyproject.toml")
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME")

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of a run, as one build serves them all."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "packaging"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def once(folder: Path, name: str) -> Iterator[Path | None]:
    """The folder `name` inside of `folder` if it has to be prepared, None if another worker has done so."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepared = folder / f"{name}.prepared"
        if prepared.exists():
            yield None
            return
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
        yield folder / name
        prepared.touch()


@pytest.fixture(scope="session")
def packages(shared: Path, unavailable: Callable[[str], None]) -> Path:
    """A folder with the sdist, made from a copy of the sources, and the wheel, made from that sdist."""
    with once(shared, "packages") as folder:
        if folder is not None:
            _build(folder, shared / "sources", unavailable)
    return shared / "packages"


def _build(folder: Path, copy: Path, unavailable: Callable[[str], None]) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, copy / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, copy / name)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(folder), str(copy)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if built.returncode and "No matching distribution found for setuptools" in built.stdout:
        unavailable("setuptools cannot be downloaded")
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr


@pytest.fixture(scope="session")
def wheel(packages: Path) -> Path:
    """The wheel."""
    [path] = packages.glob("*.whl")
    return path


class Environment:
    """A virtual environment with the wheel; what it depends on is that of the environment of these tests."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))

    def make(self, wheel: Path) -> None:
        """Make the environment and install the wheel."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)], check=True, timeout=60)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(self.python),
            "install",
            "--no-deps",
            "--no-index",
            "--quiet",
        ]
        subprocess.run([*pip, str(wheel)], check=True, timeout=120)
        # A path file adds folders without reading the path files in them, so this checkout is not importable.
        shared = [path for path in sys.path if path.endswith("-packages")]
        (self.packages / "shared.pth").write_text("".join(f"{path}\n" for path in shared))
        for name in ("etc", "share"):  # data files of OpenStack's services
            if (Path(sys.prefix) / name).exists():
                (self.folder / name).symlink_to(Path(sys.prefix) / name)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, folder: Path, *command: str, **variables: str) -> Done:
        """Run a command of this environment in `folder`."""
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        runtime = self.folder.with_name("runtime")  # so that no lab of others is found or stopped
        runtime.mkdir(mode=0o700, exist_ok=True)
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=folder,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", "XDG_RUNTIME_DIR": str(runtime), **variables},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def stocktake(self, folder: Path, *words: str, **variables: str) -> Done:
        """Run `stocktake` in `folder`."""
        return self.run(folder, "stocktake", *words, **variables)

    def pytest(self, folder: Path, *arguments: str, **variables: str) -> Done:
        """Run `pytest` in `folder`, as its own command does."""
        starting = "import sys, pytest; sys.path.remove(''); sys.exit(pytest.main())"
        return self.run(folder, "python", "-c", starting, "-p", "no:cacheprovider", *arguments, **variables)


@pytest.fixture(scope="session")
def installed(wheel: Path, shared: Path) -> Environment:
    """An environment that has Stocktake from the wheel."""
    environment = Environment(shared / "environment")
    with once(shared, "environment") as folder:
        if folder is not None:
            environment.make(wheel)
    return environment


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the files of a project, `write({"pytest.ini": "…"})`, and return its folder."""

    def files(contents: dict[str, str]) -> Path:
        for name, content in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return files
