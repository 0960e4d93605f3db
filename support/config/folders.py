"""Where journals and leases are kept, which must outlive a process: in the cloud's state folder, or in the user's."""

from pathlib import Path

from platformdirs import user_state_path
from stocktake.support.errors import ConfigurationError


def state_folder(name: str, of_cloud: Path | None = None) -> Path:
    """The folder NAME below the cloud's own state folder, made and readable by this user only.

    A cloud without one has `stocktake` below XDG_STATE_HOME (~/.local/state). Raises ConfigurationError when it cannot
    be created.
    """
    home = of_cloud or user_state_path("stocktake", appauthor=False)
    folder = home.expanduser().resolve() / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = '"state:" under "stocktake:" of the cloud in clouds.yaml' if of_cloud else "XDG_STATE_HOME"
        raise ConfigurationError(
            f"{folder} cannot be created ({error.strerror}); set {what} to a writable folder"
        ) from error
    return folder
