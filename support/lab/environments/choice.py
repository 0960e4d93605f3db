"""What a user asks for: a release, a point release, or packages of their own in place of a release's."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from stocktake.support.errors import LabError
from stocktake.support.releases import RELEASES, Release


@dataclass(frozen=True)
class Choice:
    """What a user asks for: a release, or None for the one installed beside Stocktake, and packages in exchange.

    `exchanged` are lines of a requirements file, `folder` is the one that relative paths in them start from.
    """

    release: Release | None = None
    exchanged: tuple[str, ...] = ()
    folder: Path = Path()
    origin: str = ""
    """The option that named the exchanged packages, as it begins a message."""

    @property
    def label(self) -> str:
        """The name by which people tell labs apart, such as `2024.1` or `2024.1:nova==29.2.0`.

        A file may be built again under its name: some digits of the fingerprint tell the two apart.
        """
        name = self.release.name if self.release else "the installed release"
        if not self.exchanged:
            return name
        digits = f" ({self.fingerprint[:8]})" if self._files() else ""
        return f"{name}:{','.join(self.exchanged)}{digits}"

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digits of the exchanged packages: of their lines, and of the content of files that these name.

        Raises LabError for a line that names a folder, whose content would have to be built.
        """
        digest = hashlib.sha256("\n".join(self.exchanged).encode())
        for path in self._files():
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def _files(self) -> list[Path]:
        folders = [line for line in self.exchanged if (self.folder / line).is_dir()]
        if folders:
            raise LabError(
                f"{self.origin}: {folders[0]} is a folder; build a wheel of it and name that: "
                f"pip wheel --no-deps {folders[0]}"
            )
        return [path for line in self.exchanged if (path := self.folder / line).is_file()]


def chosen(release: str | None, requirements: Path | None) -> Choice | None:
    """Return what the options `--release=RELEASE[:PACKAGE==VERSION,…]` and `--requirements=FILE` ask for, if anything.

    Raises LabError for a release that is not known, or lines that cannot be read.
    """
    name, _, words = (release or "").partition(":")
    lines, folder, origin = [word.strip() for word in words.split(",") if word.strip()], Path(), f"--release={release}"
    for line in lines:
        if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line):
            raise LabError(f"{origin}: {line!r} is not a package and a version, such as nova==29.2.0")
    if requirements is not None:
        origin, folder = f"--requirements={requirements}", requirements.absolute().parent
        lines += _lines(requirements)
    if not (name or lines):
        if release is not None:
            raise LabError(f"--release={release} names no release; choose one of {_names()}")
        return None
    return Choice(_release(name) if name else None, tuple(lines), folder, origin)


def _lines(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
    except OSError as error:
        raise LabError(f"--requirements={path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise LabError(f"--requirements={path} cannot be read: it is not UTF-8 text") from None
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise LabError(f"--requirements={path} names no package; write one a line, as pip reads them")
    return found


def _release(name: str) -> Release:
    for release in RELEASES:
        if release.name.lower() == name.lower():
            return release
    raise LabError(f"--release={name} is not known; choose one of {_names()}")


def _names() -> str:
    return ", ".join(release.name for release in RELEASES)
