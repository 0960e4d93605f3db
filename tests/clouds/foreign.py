"""A lab that looks like somebody's cloud: another name, no control endpoint, the things of others on it."""

import json
import os
import secrets
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import furnishing
import sites
import yaml
from shapes import HOSTS, SPARE, CloudShape
from stocktake.support import lab

CLOUD, USERS = "staging", "tenant"
LAB_REFRESH = 1  # seconds; what labs have for `resource_provider_association_refresh`
TOOL = Path(__file__).with_name("operator_tool.py")


@dataclass(frozen=True)
class Foreign:
    """A running cloud of a shape: `clouds_yaml` is what its operator would write, `site` sees all of it."""

    lab: lab.Lab
    site: sites.Site
    shape: CloudShape
    clouds_yaml: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment of Stocktake's processes on this cloud."""
        return {"OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml), **self.shape.environment}


@contextmanager
def started(shape: CloudShape) -> Iterator[Foreign]:
    """Start a cloud of that shape and furnish it; it ends with the block."""
    running = lab.start(HOSTS + SPARE, os.getpid(), shape=shape.lab)
    try:
        site = sites.Site(running.clouds_yaml)
        for furnish in shape.furnish:
            shape = replace(shape, settings={**shape.settings, **(furnish(site) or {})})
        yield Foreign(running, site, shape, _write_clouds(running, site, shape))
    finally:
        running.stop()


def _write_clouds(running: lab.Lab, site: sites.Site, shape: CloudShape) -> Path:
    """Write the clouds.yaml of the operator beside the lab's own; return its path."""
    own = yaml.safe_load(running.clouds_yaml.read_text())["clouds"]
    entry = {**own["lab"], "stocktake": _settings(running, own["lab"]["stocktake"]["control"], shape)}
    if shape.reader:
        password = secrets.token_urlsafe(16)
        furnishing.give_reader(site, password)
        entry["auth"] = {**entry["auth"], "username": furnishing.READER, "password": password}
    path = running.folder / "operator.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump({"clouds": {CLOUD: entry, USERS: own["lab-user"]}}))
    return path


def _settings(running: lab.Lab, control: Mapping[str, str], shape: CloudShape) -> dict[str, Any]:
    """What stands under `stocktake:`. The folder of journals is a test's own, not the developer's."""
    chosen: dict[str, Any] = {
        "allow_disruptive": True,
        "hosts": [f"host{number}" for number in shape.hosts],
        "control": _commands(running, control, shape) if shape.controlled else None,
        "refresh_interval": shape.nova.get("compute", {}).get("resource_provider_association_refresh", LAB_REFRESH),
        "state": str(running.folder / "state"),
        **shape.settings,
    }
    return {key: value for key, value in chosen.items() if value is not None}


def _commands(running: lab.Lab, control: Mapping[str, str], shape: CloudShape) -> dict[str, str]:
    """The operator's commands: `fail_host` only where Nova keeps others off a host that has failed, as README says."""
    file = running.folder / "operator.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(dict(control)))
    tool = shlex.join([sys.executable, str(TOOL), str(file)])
    isolates = shape.nova.get("scheduler", {}).get("enable_isolated_aggregate_filtering", False)
    failing = {"fail_host": f"{tool} fail {{host}}", "drop_messages": f"{tool} drop {{host}}"} if isolates else {}
    return {
        **failing,
        "stop_host": f"{tool} stop {{host}}",
        "return_host": f"{tool} return {{host}} {{guests}}",
        "run_periodic": f"{tool} periodic {{host}}",
    }
