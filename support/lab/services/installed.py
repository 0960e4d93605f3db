"""Finds the data files that OpenStack's packages install beside their code."""

import sysconfig
from importlib import metadata
from pathlib import Path

from stocktake.support.errors import LabError


def installed_file(distribution: str, name: str) -> Path:
    """Where the distribution put its file of that name, wherever the environment keeps such files.

    Raises LabError if the distribution has no such file.
    """
    exchanged = Path(str(metadata.distribution(distribution).locate_file("etc"))) / distribution / name
    if exchanged.is_file():  # a folder that pip has installed into has such files, too
        return exchanged
    usual = Path(sysconfig.get_path("data")) / "etc" / distribution / name
    if usual.is_file():
        return usual
    for entry in metadata.files(distribution) or ():
        if entry.name == name:
            return Path(str(entry.locate())).resolve()
    raise LabError(f"the installed {distribution} {metadata.version(distribution)} has no file {name}: reinstall it")
