"""Where Stocktake keeps what must outlive a process: journals and leases, in this user's state folder."""

import os
from pathlib import Path

from support.errors import ConfigurationError


def state_folder(name: str) -> Path:
    """The folder `stocktake/NAME` below XDG_STATE_HOME (~/.local/state), made and readable by this user only.

    Raises ConfigurationError when it cannot be made.
    """
    home = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    folder = Path(home).resolve() / "stocktake" / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be made ({error.strerror}); set XDG_STATE_HOME to a folder that can be written"
        ) from error
    return folder
