"""A plugin and a vocabulary without a cloud: servers move in a dictionary, ledgers are attached as a cloud would."""

import json
import os

import pytest
from stocktake.support.errors import Unverified
from stocktake.support.gherkin import collecting
from stocktake.support.gherkin.phrases import given, parameter, then, when
from stocktake.support.media_types import CHECKS, CLOUD, EXCHANGE, HISTORY, LEDGER
from stocktake.support.reporting.writing import messages

CAPACITY = {"VCPU": 8, "MEMORY_MB": 8192, "DISK_GB": 40}
FLAVORS = {
    "small": {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1},
    "large": {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 2},
}


def pytest_addoption(parser):
    for name in ("--messages", "--living-doc", "--summary", "--compare"):
        parser.addoption(name)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    collecting.configure(config)
    paths = {name: config.getoption(name) for name in ("messages", "living_doc", "summary", "compare")}
    root = config.invocation_params.dir
    messages.register(config, **{name: path and root / path for name, path in paths.items()})


def pytest_collect_file(file_path, parent):
    return collecting.collect_feature(file_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, Unverified):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"unverified: {call.excinfo.value}")
    elif report.failed and "audit" in item.name:
        report.sections.append(("what Nova logged", "WARNING req-0001 something odd"))
    return report


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("disruptive"):
            reason = "this cloud must not be disturbed; set allow_disruptive: true for it"
            item.add_marker(pytest.mark.skip(reason=f"unverified: {reason}"))


CHECKED = {  # words of a scenario's title -> what was checked beside its steps
    "everything is checked": [
        ("usages", "checked", None),
        ("periodic", "checked", None),
        ("clean-up", "checked", None),
    ],
    "the periodic is not checked": [
        ("usages", "checked", None),
        ("periodic", "unverified", "this cloud has no periodic_interval"),
        ("clean-up", "failed", 'server "web" could not be deleted'),
    ],
}


def pytest_bdd_after_scenario(request, scenario):
    for words, checks in CHECKED.items():
        if words in scenario.name:
            listed = [{"name": name, "outcome": outcome, "reason": reason} for name, outcome, reason in checks]
            messages.attach(request.node, CHECKS, json.dumps({"checks": listed}), "checks")
    if "audit finds" in scenario.name:
        raise AssertionError('server "web" holds 1 VCPU on host "beta", where it is not')


@pytest.fixture(scope="session", autouse=True)
def described(request):
    description = {
        "name": os.environ.get("OS_CLOUD", "lab"),
        "versions": {"nova": "34.0.0", "placement": "16.0.0"},
        "microversions": {"compute": ["2.1", "2.96"], "placement": ["1.0", "1.39"]},
        "hosts": ["host1", "host2", "host3"],
        "packages": {"keystoneauth1": "5.9.0"},
    }
    messages.attach(request.session, CLOUD, json.dumps(description), "cloud")


class World:
    """Who holds what where, told to the report after each step."""

    def __init__(self, node):
        self.node, self.rows, self.moments, self.requests = node, {}, [], 0

    def hold(self, consumer, host, flavor):
        self.rows[consumer, host] = FLAVORS[flavor]

    def release(self, consumer, host):
        del self.rows[consumer, host]

    def ledger(self, expected=None):
        return {
            "title": "allocations",
            "providers": [{"name": host, "capacity": CAPACITY} for host in ("alpha", "beta")],
            "rows": [{"consumer": c, "provider": p, "resources": r} for (c, p), r in self.rows.items()],
            "usages": {h: self.used(h, 1 if h == "alpha" else 0) for h in ("alpha", "beta")},
        } | ({"expected": expected} if expected else {})

    def used(self, host, others):
        mine = [r for (_, p), r in self.rows.items() if p == host]
        return {name: sum(r[name] for r in mine) + others * FLAVORS["large"][name] for name in CAPACITY}

    def show(self, status, task=None, host="alpha", expected=None):
        self.moments.append(
            {"seconds": len(self.moments) * 0.7, "server": "web", "status": status, "task_state": task, "host": host}
        )
        self.requests += 1
        line = f"POST compute /servers/6f0c/action 202 req-{self.requests:04d} 0.04 s"
        messages.attach(self.node, LEDGER, json.dumps(self.ledger(expected)), "allocations")
        messages.attach(self.node, EXCHANGE, line, "exchange")
        messages.attach(self.node, HISTORY, json.dumps(self.moments[-1:]), "history")


@pytest.fixture
def world(request):
    made = World(request.node)
    yield made
    if "clean-up breaks" in request.node.name:
        raise RuntimeError("the server could not be deleted")


@parameter(name="server", regexp='[a-z<][^"]*')
@parameter(name="host", regexp="[a-z]+")
@parameter(name="flavor", regexp="[a-z]+")
@parameter(name="status", regexp="[A-Z_]+")
def name(text):
    return text


@given("these flavors")
def flavors(datatable):
    """Have flavors."""


@given('server "{server}" runs flavor "{flavor}" on host "{host}"')
@when('server "{server}" is booted from flavor "{flavor}" on host "{host}"')
def boot(world, server, flavor, host):
    """Have a server."""
    world.show("BUILD", "spawning", host)
    world.hold(f"server {server}", host, flavor)
    world.show("ACTIVE", None, host)


@when('server "{server}" is resized to flavor "{flavor}"')
def resize(world, server, flavor):
    """Resize."""
    world.rows = {(f"migration of {server}", "alpha"): FLAVORS["small"], (f"server {server}", "beta"): FLAVORS[flavor]}
    world.show("RESIZE", "resize_migrating")
    world.show("VERIFY_RESIZE", None, "beta")


@when('the resize of server "{server}" is reverted')
def revert(world, server):
    """Revert."""
    world.rows = {(f"server {server}", "alpha"): FLAVORS["small"]}
    world.show("ACTIVE")


@then('server "{server}" is {status} on host "{host}"')
def state(world, server, status, host):
    """Check a status."""
    if world.moments and world.moments[-1]["status"] != status:
        raise AssertionError(f'server "{server}" is {world.moments[-1]["status"]}, wanted {status}')


@then("the allocations are")
def allocations(world, datatable):
    """Check allocations."""
    head, *body = datatable
    rows = [
        {"consumer": row[0], "provider": row[1], "resources": dict(zip(head[2:], map(int, row[2:]), strict=True))}
        for row in body
    ]
    world.show(world.moments[-1]["status"], expected={"rows": rows})
    wanted = {(r["consumer"], r["provider"]): r["resources"] for r in rows}
    if wanted != world.rows:
        raise AssertionError(f"Expected: allocations of\n  {wanted}\n but: placement says\n  {world.rows}")


@when("the periodic runs")
def periodic():
    """Need what this cloud has not."""
    raise Unverified("this cloud gives no way to run the periodic", "set control: run_periodic for it in clouds.yaml")


_stumbled = []


@given("the network stumbles once")
def stumbles():
    """Fail the first time."""
    _stumbled.append(1)
    if len(_stumbled) == 1:
        raise AssertionError("the network stumbled")


@given("the network is down")
def down():
    """Fail every time."""
    raise AssertionError("no network")


@when("somebody says skip")
def skip():
    """Skip as pytest skips."""
    pytest.skip("not today")


@when("a step breaks")
def broken():
    """Have a bug."""
    return {}["nothing"]


@then("nothing is wrong")
def nothing():
    """Pass."""


@when("the process dies")
def dies():
    """Take the worker along."""
    os._exit(7)


@given("a fixture that breaks")
def needs(broken_fixture):
    """Need a fixture that fails."""


@pytest.fixture
def broken_fixture():
    raise RuntimeError("no such hardware")
