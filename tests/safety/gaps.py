"""Clouds whose operator allows little, or erred: what is changed under `stocktake:`, and what the reason must say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DEAD_CONTROL = {"url": "http://127.0.0.1:9", "token": "none"}

GAPS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing set": (
        {"allow_disruptive": None, "hosts": None, "control": None},
        'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud',
    ),
    "not allowed": (
        {"allow_disruptive": False},
        'set "allow_disruptive: true" and "hosts:" under "stocktake:" of the cloud',
    ),
    "no hosts": ({"hosts": None}, 'list such hosts as "hosts:" under "stocktake:" of the cloud'),
    "unknown hosts": ({"hosts": ["nowhere", "elsewhere"]}, 'correct "hosts:" under "stocktake:" of the cloud'),
    "too few hosts": ({"hosts": ["host1"]}, 'list more as "hosts:" under "stocktake:" of the cloud'),
    "no control": ({"control": None}, 'set "stop_host" under "stocktake: control:"'),
    "no way back": ({"control": {"stop_host": "touch {folder}/ran"}}, 'set "return_host" under "stocktake: control:"'),
    "control that is not there": ({"control": DEAD_CONTROL}, 'correct "url" under "stocktake: control:"'),
    "commands that are not there": (
        {"control": {"stop_host": "no-such-command {{host}}", "return_host": "no-such-command {{host}}"}},
        'correct "stop_host" under "stocktake: control:"',
    ),
}
"""None takes a setting out; `{folder}` in a command is a folder of the test's own."""


def filled(changed: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return settings whose commands name a folder."""
    control = changed.get("control")
    if not control:
        return dict(changed)
    return {**changed, "control": {key: value.format(folder=folder) for key, value in control.items()}}


def configured(clouds_yaml: Path, changed: Mapping[str, Any], path: Path) -> Path:
    """Write a lab's clouds.yaml with other settings to a path, and return that."""
    clouds = yaml.safe_load(clouds_yaml.read_text())
    settings = {**clouds["clouds"]["lab"]["stocktake"], **filled(changed, path.parent)}
    clouds["clouds"]["lab"]["stocktake"] = {key: value for key, value in settings.items() if value is not None}
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(clouds))
    return path
