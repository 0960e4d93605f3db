"""Passwords and tokens of a lab, and files in which one stands."""

import re
from pathlib import Path

import yaml

TOKEN = re.compile(rb"gAAAA[\w-]{20,}")
FEWEST = 3  # two passwords and the control's token


def secrets_of(clouds_yaml: Path) -> list[bytes]:
    """Every password and token of a lab's clouds.yaml."""
    found: list[str] = []

    def look(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for inner, what in value.items():
                look(what, inner)
        elif any(word in key for word in ("password", "token", "secret")):
            found.append(str(value))

    look(yaml.safe_load(clouds_yaml.read_text()))
    assert len(found) >= FEWEST, "two passwords and the control's token"
    return [secret.encode() for secret in found]


def exposed(folder: Path, secrets: list[bytes]) -> list[str]:
    """Files below a folder with a secret or the shape of a token in them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [
        str(path)
        for path in files
        if TOKEN.search(data := path.read_bytes()) or any(secret in data for secret in secrets)
    ]
