"""An earlier audit, as `--format=json` has written it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from stocktake.support.accounting.findings import Finding
from stocktake.support.errors import ConfigurationError

VERSION = 1
"""The version of the JSON document. It changes when a reader of an older one could misread a newer one."""

PARTS = ("cloud", "ended", "findings", "known")


class Before(NamedTuple):
    """A finding of an earlier audit."""

    rule: str
    sentence: str


@dataclass(frozen=True)
class Earlier:
    """An earlier audit: when it ended, and its findings by id, known ones included."""

    ended: datetime
    findings: Mapping[str, Before]


def id_of(finding: Finding) -> str:
    """Return what identifies a finding from one audit to the next: rule, consumer, provider (or host), and the volume,
    accelerator request or flavor if it is about one."""
    return ":".join(finding.key)


def read(path: Path, cloud: str) -> Earlier:
    """Read an earlier audit of the same cloud.

    Raises ConfigurationError for a file that is none, or of another cloud or version.
    """
    where = f"--since={path}"
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"{where} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{where} is not JSON: it should be the output of --format=json") from error
    if not isinstance(document, dict) or "version" not in document or any(part not in document for part in PARTS):
        raise ConfigurationError(f"{where} is not an audit: it should be the output of --format=json")
    if document["version"] != VERSION:
        raise ConfigurationError(f"{where} has version {document['version']}, but this Stocktake reads {VERSION}")
    if document["cloud"] != cloud:
        raise ConfigurationError(f'{where} is an audit of cloud "{document["cloud"]}", not of "{cloud}"')
    try:
        return _understood(document)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{where} is damaged: it should be the output of --format=json, unchanged") from error


def _understood(document: Mapping[str, Any]) -> Earlier:
    found = [*document["findings"], *document["known"]]
    return Earlier(
        datetime.fromisoformat(document["ended"]),
        {str(one["id"]): Before(str(one["rule"]), str(one["sentence"])) for one in found},
    )
