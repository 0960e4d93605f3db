"""A clouds.yaml that leads to the doubles, and sessions with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from stocktake.support.api.session import Session
from stocktake.support.config.target import Target

from tests.doubles.apis import PASSWORD, Apis


@pytest.fixture
def clouds_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a clouds.yaml and makes it the one that is read: `clouds_yaml({"name": {...}})`."""
    for name in ("OS_CLOUD", "OS_CLIENT_SECURE_FILE"):
        monkeypatch.delenv(name, raising=False)

    def write(clouds: Any) -> Path:
        path = tmp_path / "clouds.yaml"
        path.write_text(clouds if isinstance(clouds, str) else yaml.safe_dump({"clouds": clouds}))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
        return path

    return write


def cloud_entry(auth_url: str, *, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    """Return what stands in clouds.yaml under a cloud's name."""
    auth = {
        "auth_url": auth_url,
        "username": "admin",
        "password": password,
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    return {"auth": auth, "region_name": "here", **more}


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Makes entries of clouds.yaml."""
    return cloud_entry


@pytest.fixture
def open_session(apis: Apis, clouds_yaml: Callable[..., Path], fake_clock: Any) -> Callable[..., Session]:
    """Opens a session with the doubles; keywords are keys of the cloud, `stocktake=` its settings. Time is fake."""

    def opened(**more: Any) -> Session:
        clouds_yaml({"double": cloud_entry(f"{apis.url}/identity/v3", **more)})
        return Session(Target.load("double"), clock=fake_clock)

    return opened


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """A session with the doubles."""
    return open_session()
