"""Findings that an operator knows: each with a reason, and a date on which it counts again.

A file of them is a YAML list:

    - rule: unknown-consumer                          # all that is given must be so:
      consumer: 5b1c2a0e-6a0f-4b9a-8a53-5d1f1a0f7f10  # any of `SUBJECTS`
      reason: reserved by Blazar, which gives its consumers no type yet
      until: 2027-01-31                               # from the next day on, it counts again
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from stocktake.support.accounting.findings import Finding, Rule
from stocktake.support.config.settings import day, not_known, shown, text
from stocktake.support.errors import ConfigurationError

SUBJECTS = ("rule", "consumer", "server", "provider", "host", "volume", "accelerator_request", "flavor")
KEYS = (*SUBJECTS, "reason", "until")


@dataclass(frozen=True)
class Entry:
    """A known finding: what it must be about (any of `SUBJECTS`), why it is known, and until when (that day included).

    `where` says which entry of which file it is, for messages.
    """

    where: str
    subject: Mapping[str, str]
    reason: str
    until: date

    def is_about(self, finding: Finding) -> bool:
        """Tell whether a finding is meant. A server is found by its name or id, a provider by its name or uuid."""
        names: dict[str, set[str | None]] = {
            "rule": {finding.rule.value},
            "consumer": {finding.consumer},
            "server": {finding.server, finding.consumer},
            "provider": {finding.provider, finding.host},
            "host": {finding.host},
            "volume": {finding.volume},
            "accelerator_request": {finding.accelerator_request},
            "flavor": {finding.flavor},
        }
        return all(wanted in names[key] for key, wanted in self.subject.items())


@dataclass(frozen=True)
class Known:
    """A finding that an entry explains."""

    finding: Finding
    entry: Entry


def read(path: Path) -> tuple[Entry, ...]:
    """Read a file of known findings. Raises ConfigurationError, which names the entry and what it should be."""
    try:
        entries = yaml.safe_load(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"--ignore={path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"--ignore={path} is not text in UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigurationError(f"{place}: not YAML: {getattr(error, 'problem', None) or error}") from error
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise ConfigurationError(f"{path} is {shown(entries)}, but should be a list of known findings")
    return tuple(_entry(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, start=1))


def divide(
    findings: Iterable[Finding], entries: Sequence[Entry], today: date
) -> tuple[list[Finding], list[Known], list[str]]:
    """Return the findings that count, those that are known, and what to do about entries that explain none any more."""
    valid = [entry for entry in entries if today <= entry.until]
    counted, known = [], []
    for finding in findings:
        entry = next((one for one in valid if one.is_about(finding)), None)
        if entry is None:
            counted.append(finding)
        else:
            known.append(Known(finding, entry))
    used = {id(one.entry) for one in known}
    notes = [f"{entry.where} has ended on {entry.until}: {entry.reason}" for entry in entries if entry not in valid]
    notes += [f"{entry.where} matches no finding any more: remove it" for entry in valid if id(entry) not in used]
    return counted, known, notes


def _entry(entry: Any, where: str) -> Entry:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"{where} is {shown(entry)}, but should be a mapping with some of {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            raise ConfigurationError(f"{where}: {not_known(key, KEYS, 'key')}")
    for key in ("reason", "until"):
        if key not in entry:
            raise ConfigurationError(f"{where}: lacks {key}")
    subject = {key: text(entry[key], f"{where}: {key}") for key in SUBJECTS if key in entry}
    if not subject:
        raise ConfigurationError(f"{where} would ignore every finding: add some of {', '.join(SUBJECTS)}")
    rules = [rule.value for rule in Rule]
    if subject.get("rule", rules[0]) not in rules:
        raise ConfigurationError(f"{where}: {not_known(subject['rule'], rules, 'rule')}")
    reason = text(entry["reason"], f"{where}: reason")
    return Entry(where, subject, reason, day(entry["until"], f"{where}: until"))
