"""`stocktake audit` behind a gateway that refuses every change: none is even tried, and everything is found."""

import json
import subprocess
import sys
from collections import Counter
from uuid import uuid4

import proxy
import pytest
import sites
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.replies import ApiError

SECONDS = 120


@pytest.fixture
def clients(shared_lab):
    """Clients of the lab itself."""
    return sites.Site(shared_lab.clouds_yaml).clients


@pytest.fixture
def orphan(clients):
    """A consumer that Nova does not know, so that the audit has something to look at twice."""
    provider, consumer, session = clients.placement.providers()[0], str(uuid4()), clients.session
    owner = {"project_id": session.project_id, "user_id": session.user_id}
    clients.placement.set_allocations(consumer, {provider.uuid: Resources(VCPU=1)}, generation=None, **owner)
    yield consumer
    clients.placement.delete_allocations(consumer)


@pytest.fixture
def gateway(shared_lab, clients, tmp_path):
    """The gateway; `.clouds_yaml` leads through it."""
    copy = tmp_path / "clouds.yaml"
    with proxy.before(shared_lab.clouds_yaml, copy, rate=0, read_only=True) as guarded:
        guarded.clouds_yaml = copy
        yield guarded


def audit(clouds_yaml, *options):
    command = [sys.executable, "-m", "stocktake.support.cli", "audit", "--cloud=lab", *options]
    done = subprocess.run(
        command,
        cwd=sites.ROOT,
        env=sites.environment(clouds_yaml),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stderr == ""
    return done


@pytest.mark.parametrize("jobs", [1, 4])
def test_whole_audit_tries_to_change_nothing(gateway, orphan, jobs):
    methods: Counter[str] = Counter()
    gateway.seen = lambda method, path, _body: methods.update([method])
    done = audit(gateway.clouds_yaml, "--json", f"--jobs={jobs}")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert [one["consumer"] for one in told["findings"]] == [orphan]
    assert told["requests"] <= methods["GET"]
    assert gateway.refused == []
    assert set(methods) <= {"GET", "HEAD", "POST"}
    assert methods["POST"] <= jobs + 2, "logins only: of each thread, of the one that lists servers, of the main one"


def test_what_would_change_something_is_refused_there(gateway):
    """Else the test above would prove nothing."""
    clients = sites.Site(gateway.clouds_yaml).clients
    with pytest.raises(ApiError, match="this gateway is for readers"):
        clients.flavors.create(Flavor("forbidden", 1, 1, 1))
    assert [line.split("/")[0] for line in gateway.refused] == ["POST "]
