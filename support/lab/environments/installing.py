"""Installs packages into an environment with pip, or with uv where there is one, and explains what went wrong."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stocktake.support.errors import LabError

STEPS = 10  # how often progress is told, at most
KEPT_LINES = 400

NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|name resolution|Name or service not known|Network is unreachable|"
    r"Connection refused|ProxyError|error sending request|Failed to fetch|dns error",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|Errno 28|Disk quota exceeded", re.IGNORECASE)
NO_COMPILER = re.compile(
    r"(unable to execute|command) '?[\w-]*(gcc|cc|clang)\b.*(No such file|failed)|Python\.h: No such file|"
    r"No such file or directory: '[\w-]*(gcc|cc|clang)'",
    re.IGNORECASE,
)
NOT_BUILT = re.compile(
    r"(?:Failed building wheel for|Failed to build(?: installable wheels for some .*\()?:?) ?`?([\w.-]+)"
)
NO_VERSIONS = re.compile(r"satisfies the requirement (\S+) \(from versions: none\)")
NOT_THERE = re.compile(
    r"No matching distribution found for (\S+)|no version of (\S+)|(\S+) was not found in the package registry"
)
COLLECTED = re.compile(r"^\s*Collecting (\S+)")


def install(
    python: Path, arguments: Sequence[str], count: int, progress: Callable[[str], None], folder: Path | None = None
) -> None:
    """Install what the arguments name and nothing that it requires; `progress` is told each tenth of the `count`.

    Byte code is left to the first start of a lab, which needs a third of it. `folder` is the one that relative paths
    start from. Raises LabError with one sentence.
    """
    program = _program(python)
    if program[0] == shutil.which("uv"):
        progress(f"installing {count} packages with uv")
    lines: list[str] = []
    told = collected = 0
    with subprocess.Popen(
        [*program, *arguments],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines = [*lines[-KEPT_LINES:], line]
            found = COLLECTED.match(line)
            collected += found is not None
            if found and collected * STEPS // count > told:
                told = collected * STEPS // count
                progress(f"package {collected} of {count}")
            elif line.startswith("Installing collected packages"):
                progress(f"installing {count} packages")
    if process.returncode:
        raise LabError(explained("".join(lines)))


def brings_pip() -> bool:
    """Whether an environment needs a pip of its own: there is neither uv nor a pip beside Stocktake."""
    return shutil.which("uv") is None and importlib.util.find_spec("pip") is None


def _program(python: Path) -> list[str]:
    """The command that installs for a Python: uv, or the pip beside Stocktake, or the Python's own."""
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", f"--python={python}", "--no-deps", "--no-config"]
    pip = [str(python)] if brings_pip() else [sys.executable]
    target = [] if brings_pip() else [f"--python={python}"]
    options = ("--no-deps", "--no-compile", "--no-input", "--ignore-installed", "--progress-bar=off")
    return [*pip, "-P", "-m", "pip", "--disable-pip-version-check", *target, "install", *options]


def _environment() -> dict[str, str]:
    """The caller's environment, in which nothing redirects Python's modules."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


def explained(output: str) -> str:
    """Return what went wrong in one sentence, from the output of pip or uv."""
    if NO_SPACE.search(output):
        return (
            "the packages do not fit on the disk; free some space, or set XDG_CACHE_HOME to a folder on a larger disk"
        )
    if NO_NETWORK.search(output):
        return (
            "the package index cannot be reached; check the network, and the index and proxy in pip's configuration: "
            f"{last_line(output)}"
        )
    built = NOT_BUILT.search(output)
    if NO_COMPILER.search(output) or built:
        name = f"{built[1]} has no wheel for this Python and" if built else "a package"
        return (
            f"{name} could not be compiled; install a C compiler and Python's headers (on Debian and Ubuntu, the "
            f"packages gcc and python3-dev), and try again: {last_line(output)}"
        )
    unknown = NO_VERSIONS.search(output)
    if unknown:
        return f"the package index offers no {unknown[1]}, nor any other version; check that pip can reach an index"
    missing = NOT_THERE.search(output)
    if missing:
        name = next(each for each in missing.groups() if each)
        return f"the package index has no {name} for this Python; choose another version, or another index for pip"
    return f"the packages could not be installed: {last_line(output)}"


def last_line(output: str) -> str:
    """Return the last line that says something, without pip's notices."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("[notice]")]
    return (lines or ["no message was given"])[-1].removeprefix("ERROR: ")


def check_imports(python: Path, modules: Sequence[str]) -> None:
    """Raise LabError unless Python finds each of these modules."""
    code = "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])"
    done = subprocess.run(
        [str(python), "-P", "-c", code, *modules], capture_output=True, text=True, check=False, env=_environment()
    )
    missing = done.stdout.split()
    if done.returncode or missing:
        raise LabError(f"the environment does not work: {', '.join(missing) or last_line(done.stderr)} missing")
