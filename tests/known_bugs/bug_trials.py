"""A trial: a lab with one bug planted in its services, and features run on it by a pytest that knows nothing of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import yaml
from stocktake.support import lab
from stocktake.support.lab.client import Lab
from stocktake.support.lab.shape import Shape

REPOSITORY = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).resolve().parent / "planted"
CONFIG_FILE = "OS_CLIENT_CONFIG_FILE"
PATIENCE = 4  # seconds; a wrong account is waited for twice per scenario, to become right


@dataclass(frozen=True)
class Trial:
    """What became of the features: pytest's exit status and output, and the message of each scenario that failed.

    `passed`, `failed` and `skipped` are scenarios by "FILE::NAME"; `known` are the messages of those skipped ones that
    failed as they are known to.
    """

    status: int
    output: str
    passed: tuple[str, ...]
    failed: dict[str, str]
    skipped: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What the planted bug wrote about itself."""

    planted: bool
    effects: int  # how often it did something


@contextmanager
def lab_with(bug: str | None, log: Path, *, hosts: int = 3, services: tuple[str, ...] = ()) -> Iterator[Lab]:
    """Start a lab whose services have the bug, and stop it when the block ends. Raises LabError if it does not come up.

    `log` is where the bug proves that it was there, `services` are the optional ones of the lab.
    """
    with mock.patch.dict(os.environ, planting(bug, log) if bug else {}):
        running = lab.start(hosts=hosts, owner=os.getpid(), shape=Shape(services=services) if services else None)
    try:
        yield running
    finally:
        running.stop()


def planting(bug: str, log: Path) -> dict[str, str]:
    """Return the environment variables of a process whose labs have the bug; it proves in `log` that it was there."""
    path = os.pathsep.join(filter(None, [str(PLANTED), os.environ.get("PYTHONPATH", "")]))
    return {"STOCKTAKE_PLANT": bug, "STOCKTAKE_PLANT_LOG": str(log), "PYTHONPATH": path}


def proof_in(log: Path) -> Proof:
    """Read what the bug wrote about itself."""
    lines = log.read_text().splitlines() if log.exists() else []
    return Proof(
        planted=any(" planted in " in line for line in lines),
        effects=sum(" took effect in " in line for line in lines),
    )


def run_features(
    cloud: Lab, features: Sequence[str], folder: Path, *, patience: float | None = PATIENCE, limit: float = 1800
) -> Trial:
    """Run features (files, or FILE::SCENARIO) on a lab, in a pytest of their own, and read what became of them.

    `patience` are the seconds accounts may take to settle, None the lab's own; `limit` those of the whole run. `folder`
    is for its files.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STOCKTAKE_", "PYTEST_"))}
    environment[CONFIG_FILE] = str(_clouds_yaml(cloud, folder, patience))
    results, messages = folder / "results.xml", folder / "messages.ndjson"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "stocktake.steps",
        "-p",
        "no:cacheprovider",
        f"--junitxml={results}",
        f"--messages={messages}",
    ]
    ended = subprocess.run(
        [*command, "--cloud=lab", *features],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )
    return _read(ended.returncode, ended.stdout, results, messages)


def _clouds_yaml(cloud: Lab, folder: Path, patience: float | None) -> Path:
    clouds = yaml.safe_load(cloud.clouds_yaml.read_text())
    if patience is not None:
        clouds["clouds"]["lab"]["stocktake"]["patience"]["accounts"] = patience
    path = folder / "clouds.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(clouds))
    return path


def _read(status: int, output: str, results: Path, messages: Path) -> Trial:
    passed, failed, skipped = [], {}, []
    for case in ElementTree.parse(results).iter("testcase") if results.exists() else ():
        name = f"{case.get('classname', '').replace('.', '/').removesuffix('/feature')}.feature::{case.get('name')}"
        problems = [*case.iter("failure"), *case.iter("error")]
        if problems:
            failed[name] = "\n".join(problem.text or problem.get("message") or "" for problem in problems)
        elif case.find("skipped") is not None:
            skipped.append(name)
        else:
            passed.append(name)
    return Trial(status, output, tuple(passed), failed, tuple(skipped), tuple(_known(messages)))


def _known(messages: Path) -> Iterator[str]:
    for line in messages.read_text().splitlines() if messages.exists() else ():
        attachment = json.loads(line).get("attachment", {})
        if attachment.get("fileName") == "what is known to fail":
            yield attachment["body"]
