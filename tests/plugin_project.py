"""A folder with a feature, and stand-ins for the cloud and a scenario's life that write down what is asked."""

import json
import os
import subprocess
from pathlib import Path

from tests.warm_pytest import run_pytest

STAND_INS = """
import json, os, sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import stocktake.support.scenario.cloud, stocktake.support.scenario.lifecycle, stocktake.support.lab.for_run
from stocktake.support.errors import CloudError, ConfigurationError, FeatureError, Unverified
from stocktake.support.gherkin.phrases import given, parameter, then, when
from stocktake.support.scenario.lifecycle import Check
from stocktake.support.known import Known

CALLS = Path(os.environ["CALLS"])


@parameter(name="mishap", regexp="[a-z ]+")
def mishap(text):
    return text


def note(*what):
    with CALLS.open("a") as calls:
        calls.write(json.dumps(what) + chr(10))


class Stage:
    def __init__(self, cloud, roles, *, tags=(), needs=()):
        self.context, self.explanation, self.closed = "the context", [], False
        self.checks = []
        self.refusal = self.unclean = self.finding = None
        note("stage", str(cloud), list(roles), sorted(tag for tag in tags if tag == "whole-cloud"))

    def open(self):
        note("open")
        if "no hosts" in os.environ.get("MISHAP", ""):
            raise Unverified("the scenario needs 3 hosts and may use 2", "add hosts to the cloud")

    def check_spoken(self):
        note("check_spoken")
        if "REFUSED" in os.environ and not self.closed:
            os.environ.pop("REFUSED")
            raise CloudError("the compute API answered 409: no")

    def audit(self, *, always):
        note("audit", always)
        if os.environ.get("FINDING") and always:
            raise AssertionError(os.environ["FINDING"])

    is_parked = False

    def check_periodic(self):
        note("check_periodic")
        outcome = os.environ.get("PERIODIC", "checked")
        self.checks.append(Check("periodic", outcome, "nothing runs it; set it" if outcome == "unverified" else None))
        if outcome == "failed":
            raise AssertionError("the allocations have changed")
    def known_failure(self, names):
        certain = {"maybe": False, "must": True}.get(os.environ.get("KNOWN"))
        return None if certain is None else Known("Nova leaks", "https://bugs/1", certain, "the tag @known-leak")

    def is_verdict(self, error):
        return isinstance(error, AssertionError)

    def explain(self):
        note("explain")
        self.explanation = [("what is held now", "| server web | alpha |")]

    def evidence(self, title):
        note("evidence", title)
        yield "text/plain", "text beside " + title, "a name"

    def close(self):
        note("close")
        if not self.closed and os.environ.get("UNCLEAN"):
            self.closed = True
            raise AssertionError(os.environ["UNCLEAN"])
        self.closed = True


class Cloud:
    session = type("Session", (), {"log_in": lambda self: note("log_in")})()
    interrupted = type("InterruptedRuns", (), {"undo": lambda self: None})()

    def __str__(self):
        return "the cloud"

    def undo_deferred(self):
        note("undo_deferred")


@contextmanager
def connected(name):
    note("connected", name, os.environ.get("OS_CLIENT_CONFIG_FILE"))
    if os.environ.get("MISHAP") == "no cloud":
        raise ConfigurationError('no cloud "nope" in clouds.yaml')
    try:
        yield Cloud()
    finally:
        note("disconnected")


@contextmanager
def at_hand(run, owner, hosts, driver, release):
    note("at_hand", run, owner, hosts, driver)
    yield


stocktake.support.scenario.lifecycle.Lifecycle = Stage
stocktake.support.scenario.cloud.connected = connected
stocktake.support.scenario.attachments.describe = lambda cloud, release: {"name": str(cloud)}
stocktake.support.lab.for_run.at_hand = at_hand
stocktake.support.lab.for_run.end_lab_of_run = lambda run: note("end_lab_of_run", run)


@given("something is there")
def something(context):
    pass


@when("something is done")
def done(context):
    pass


@then("something holds")
def holds(context):
    pass


@when("the step meets {mishap}")
@then("the claim meets {mishap}")
def meets(context, mishap):
    if mishap == "a mistake":
        raise FeatureError('server "web" does not exist at this step')
    if mishap == "a failure":
        raise AssertionError("Expected: 1" + chr(10) + "     but: 2")
    if mishap == "what it lacks":
        raise Unverified("no log here", "set read_log")
    raise RuntimeError("a defect of ours")
"""

FEATURE = """
Feature: Something
  Rule: Things hold

    Scenario: It goes well
      Given something is there
      When something is done
      Then something holds
"""


TWICE = FEATURE + FEATURE[FEATURE.index("\n    Scenario") :].replace("It goes", "All goes")


class Project:
    """A folder with a feature, and stand-ins for cloud and stage; `calls` is what was asked of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "conftest.py").write_text(STAND_INS)
        (folder / "pytest.ini").write_text(
            "[pytest]\naddopts = --strict-markers -p no:cacheprovider -p stocktake.steps\n"
        )
        self.feature(FEATURE)

    def feature(self, text: str) -> None:
        (self.folder / "some.feature").write_text(text)

    def scenario(self, *steps: str) -> None:
        """Make the feature one scenario of these steps."""
        lines = "".join(f"      {step}\n" for step in steps)
        self.feature(f"Feature: Something\n  Rule: Things hold\n\n    Scenario: It goes on\n{lines}")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        names = ("PATH", "HOME", "VIRTUAL_ENV", "PYTHONPATH", "XDG_RUNTIME_DIR", "TMPDIR")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        variables = {**kept, "CALLS": str(self.folder / "calls"), **environment}
        return run_pytest(*arguments, folder=self.folder, environment=variables)

    @property
    def calls(self) -> list[list]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def called(self, name: str) -> list[list]:
        return [details for called, *details in self.calls if called == name]
