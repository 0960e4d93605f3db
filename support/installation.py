"""What is installed with the code, in a checkout or from a wheel: the features and the tested versions of packages.

An installed feature has the same name everywhere, `features/…`, as it has in a checkout: node ids, reports and the
paths that `stocktake run` takes do not depend on where an environment keeps its packages.
"""

import difflib
import os
import re
from pathlib import Path

FOLDER, SUFFIX = "features", ".feature"
FEATURES = Path(__file__).resolve().parents[1] / FOLDER
CONSTRAINTS = Path(__file__).with_name("constraints.txt")

FILE_AND_PLACE = re.compile(r"(?P<path>.+?\.feature)(?P<place>:.*)?", re.DOTALL)


def name_of(path: Path, root: Path) -> str:
    """The name of the file at `path` in node ids and reports: relative to `root` if it is inside, with forward slashes.

    Installed features are named `features/…`, unless `root` has another file of that name; other files outside of
    `root` are named by their whole path.
    """
    if path.is_relative_to(FEATURES):
        name = f"{FOLDER}/{path.relative_to(FEATURES).as_posix()}"
        if not (root / name).exists() or (root / name).samefile(path):
            return name
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def path_of(name: str, root: Path) -> Path:
    """The file that `name_of` calls so."""
    installed = FEATURES / name.removeprefix(f"{FOLDER}/")
    return installed if name.startswith(f"{FOLDER}/") and not (root / name).exists() else root / name


def found(argument: str, folder: Path) -> str:
    """What pytest should collect instead of `argument`, which is a path in `folder` or else in the installed features.

    A path inside the installed features may have its line or its scenario after it, and `features/` in front of it.
    Anything else stays.
    """
    match = FILE_AND_PLACE.fullmatch(argument)
    path, place = (match["path"], match["place"] or "") if match else (argument, "")
    if (folder / path).exists():
        return argument
    inside = Path(os.path.normpath(path.removeprefix(f"{FOLDER}/")))
    if inside.is_absolute() or inside.parts[:1] == ("..",) or not (FEATURES / inside).exists():
        return argument
    return f"{FEATURES / inside}{place}"


def nearest(argument: str, folder: Path) -> str | None:
    """The installed feature that `argument` probably means, None if it exists or resembles none of them."""
    match = FILE_AND_PLACE.fullmatch(argument)
    if match is None or (folder / match["path"]).exists():
        return None
    meant = match["path"].removeprefix(f"{FOLDER}/").removesuffix(SUFFIX)
    names = [
        each.relative_to(FEATURES).as_posix().removesuffix(SUFFIX) for each in sorted(FEATURES.rglob(f"*{SUFFIX}"))
    ]
    same = [name for name in names if name.rpartition("/")[2] == meant.rpartition("/")[2]]
    by_file = {name.rpartition("/")[2]: name for name in names}
    if "/" not in meant and not same:  # files are named without their folder as often as with it
        same = [by_file[file] for file in difflib.get_close_matches(meant, by_file, n=1)]
    near = next(iter(same or difflib.get_close_matches(meant, names, n=1)), None)
    return near and f"{near}{SUFFIX}"
