"""Clouds whose operator allows little, or erred: everything runs, nothing is disrupted, reasons say what to set.

That each gap has its reason needs no lab; on one, the gap with which an operator begins, and the one that would hurt.
"""

import re

import pytest
import sites
from gaps import GAPS, configured, filled
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.scenario.lifecycle import Lifecycle
from stocktake.support.scenario.operations.hosts import hosts

STOPPING = "::A host that is down keeps its charge"


@pytest.mark.filterwarnings("ignore")  # of Placement's own
@pytest.mark.parametrize("gap", list(GAPS))
def test_host_is_not_stopped_and_the_reason_says_what_to_set(accounts, apis, open_cloud, tmp_path, gap):
    changed, remedy = GAPS[gap]
    names = [accounts.host("cmp-1").service, accounts.host("cmp-2").service]
    for name in (*names, "nowhere", "elsewhere"):
        path = f"/compute/v2.1/servers/detail?host={name}&all_tenants=1&limit=200"
        apis.answer("GET", path, apis.say(body={"servers": []}))
    for name in ("nowhere", "elsewhere"):
        path = f"/compute/v2.1/os-services?host={name}&binary=nova-compute"
        apis.answer("GET", path, apis.say(body={"services": []}))
    apis.answer("GET", "/compute/v2.1/os-hypervisors/detail?limit=200", apis.say(body={"hypervisors": []}))
    whole = {"allow_disruptive": True, "hosts": names, "control": {"url": apis.url, "token": "t"}}
    settings = {key: value for key, value in {**whole, **filled(changed, tmp_path)}.items() if value is not None}
    if len(settings.get("hosts", [])) == 1:
        settings["hosts"] = names[:1]
    with pytest.raises((Unverified, CloudError), match=re.escape(remedy)):
        stop_a_host_in_a_scenario(open_cloud(**settings))
    assert not (tmp_path / "ran").exists()
    assert apis.asked("PUT /compute/v2.1/os-services/.*") == []


def stop_a_host_in_a_scenario(cloud):
    lifecycle = Lifecycle(cloud, ["alpha", "beta"], tags={"disruptive"})
    try:
        lifecycle.open()
        hosts.stop(lifecycle.context, "alpha")
    finally:
        lifecycle.close()


def test_no_command_runs_on_a_lab_where_the_host_could_not_be_brought_back(site, features, tmp_path):
    before = site.state()
    changed, remedy = GAPS["no way back"]
    cloud = configured(site.clouds_yaml, changed, tmp_path / "clouds.yaml")
    (feature,) = features("disruptive")
    done = sites.run(cloud, [feature + STOPPING], folder=tmp_path / "run", within=300)
    assert done.status == 0, done.output
    (verdict,) = done.verdicts.values()
    assert verdict.startswith("unverified: "), done.output
    assert remedy in verdict
    assert not (tmp_path / "ran").exists()
    assert sites.differences(before, site.state()) == []


def test_every_feature_file_runs_where_nothing_is_set(site, features, tmp_path):
    """Collected, checked and begun: only what harms nobody is carried out, of one scenario of each kind here."""
    before = site.state()
    changed, remedy = GAPS["nothing set"]
    cloud = configured(site.clouds_yaml, changed, tmp_path / "clouds.yaml")
    done = sites.run(cloud, features("quiet", "disruptive"), folder=tmp_path / "run", within=500)
    assert done.status == 0, done.output
    assert sites.verdicts_of("quiet", done) == ["passed"] * 4
    refused = sites.verdicts_of("disruptive", done)
    assert [verdict.partition(":")[0] for verdict in refused] == ["unverified"] * 2
    assert all(remedy in verdict for verdict in refused)
    assert remedy in done.output, "the terminal tells it as well"
    assert sites.differences(before, site.state()) == []
