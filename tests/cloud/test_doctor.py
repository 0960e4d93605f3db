"""The doctor: what a cloud offers, what a feature's text asks for, and what to set for the rest."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.cloud import doctor
from support.cloud.clients import Clients
from support.cloud.control import CommandControl, HttpControl
from support.cloud.doctor import SIGNS, Capability, Examination, Needs, judge, needs_of
from support.cloud.session import ApiError
from support.cloud.values import ComputeService, Image, Microversion, VersionRange
from support.errors import CloudError

FEATURES = Path(__file__).resolve().parents[2] / "features"
NOVA = VersionRange(Microversion(2, 1), Microversion(2, 104))

FEATURE = """
# A comment asks for nothing: host "gamma" goes down
@disruptive
Feature: A host that is down keeps its charge

  Background:
    Given hosts "alpha" and "beta"
    And server "web" runs flavor "small" on host "alpha"

  Scenario: It is back
    When host "alpha" returns without its guests
    Then server "web" is on another host "beta"
    And nothing changes when the periodic runs
"""


def test_needs_are_read_from_tags_roles_and_sentences():
    assert needs_of(FEATURE) == Needs(frozenset({"disruption", "return_host", "lose_guests", "run_periodic"}), 2)


def test_newest_microversion_of_the_tags_counts():
    text = "@microversion-2.95\nFeature: a\n  @x @microversion-2.100 @y\n  Scenario: b\n"
    assert needs_of(text).microversion == "2.100"


def test_three_roles_in_one_step():
    assert needs_of('Given hosts "alpha", "beta" and "gamma"').hosts == 3


@pytest.mark.parametrize("capability", sorted(set(SIGNS) - {"volumes"}))
def test_every_sign_is_found_in_our_own_features(capability):
    texts = [path.read_text() for path in FEATURES.rglob("*.feature")]
    assert any(re.search(SIGNS[capability], text, re.MULTILINE) for text in texts)


def capability(name, offered, **options):
    return Capability(name, f"{name} title", offered, f"no {name}", f"set {name}", **options)


def test_feature_is_verified_only_with_all_it_needs():
    offered = [capability("stop_host", True), capability("configure", False), capability("hosts", True, amount=3)]
    assert judge("f", Needs(frozenset({"stop_host"}), 3), offered, NOVA).obstacles == ()
    assert judge("f", Needs(frozenset({"configure"}), 0), offered, NOVA).obstacles == (
        ("no configure", "set configure"),
    )
    assert judge("f", Needs(frozenset(), 4), offered, NOVA).obstacles == (
        ("it needs 4 hosts and may use 3", "set hosts"),
    )


def test_without_what_is_essential_nothing_is_verified():
    offered = [capability("image", False, essential=True)]
    assert judge("f", Needs(frozenset(), 0), offered, NOVA).obstacles == (("no image", "set image"),)


def test_microversion_that_nova_lacks_is_an_obstacle():
    ((why, _),) = judge("f", Needs(frozenset(), 0, "2.105"), [], NOVA).obstacles
    assert why == "it needs compute API 2.105, and Nova offers 2.1 to 2.104"
    assert judge("f", Needs(frozenset(), 0, "2.9"), [], NOVA).obstacles == ()


class SomeCloud:
    """A cloud where everything is in order until a test says otherwise."""

    def __init__(self):
        self.settings = SimpleNamespace(
            hosts=("host1",), allow_disruptive=True, coordinator=None, volume=None, state=None
        )
        self.services = [ComputeService(f"s{n}", f"host{n}", "nova-compute", "up", "enabled") for n in (1, 2)]
        self.versions = {"compute": NOVA, "placement": VersionRange(Microversion(1, 0), Microversion(1, 39))}
        self.image = Image("i-1", "cirros", "active")
        self.control = HttpControl("http://127.0.0.1:1", "t")
        self.has_volumes = False

    def capabilities(self):
        target = SimpleNamespace(name="staging", file="clouds.yaml", settings=self.settings)
        session = SimpleNamespace(
            target=target,
            versions=lambda service: self.versions[service],
            offers=lambda service, version: Microversion.parse(version) in self.versions[service],
        )
        clients = Clients(
            session,
            SimpleNamespace(services=lambda: self._or_raise(self.services)),
            SimpleNamespace(traits=lambda prefix: []),
            SimpleNamespace(choose=lambda: self._or_raise(self.image)),
            SimpleNamespace(offered=self.has_volumes),
        )
        clients.__dict__["control"] = self.control
        return {capability.name: capability for capability in Examination(clients).capabilities()}

    def _or_raise(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def cloud(monkeypatch):
    monkeypatch.setattr(doctor, "Leases", lambda coordinator, name, state: None)
    return SomeCloud()


def test_a_lab_offers_everything(cloud):
    cloud.has_volumes = True
    offered = cloud.capabilities()
    assert all(capability.offered for capability in offered.values())
    assert offered["apis"].detail == "compute 2.1 to 2.104, placement 1.0 to 1.39"
    assert offered["image"].detail == "cirros"
    assert (offered["hosts"].amount, offered["hosts"].detail) == (1, "1: host1")


def test_every_sign_is_of_a_capability(cloud):
    assert set(SIGNS) <= set(cloud.capabilities())


def test_clouds_without_control_say_what_to_set(cloud):
    cloud.control = CommandControl({"return_host": "true {host}"}, cloud="staging")
    cloud.settings.allow_disruptive = False
    offered = cloud.capabilities()
    missing = {name for name, capability in offered.items() if not capability.offered}
    assert missing == {
        *("disruption", "stop_host", "lose_guests", "run_periodic", "read_log", "add_host", "configure", "volumes")
    }
    assert all(offered[name].remedy for name in missing)
    assert '"stop_host" under "stocktake: control:"' in offered["stop_host"].remedy
    assert "{guests}" in offered["lose_guests"].remedy


def test_old_apis_are_named(cloud):
    cloud.versions["compute"] = VersionRange(Microversion(2, 1), Microversion(2, 42))
    apis = cloud.capabilities()["apis"]
    assert not apis.offered
    assert "compute 2.53" in apis.remedy
    assert "placement" not in apis.remedy


def test_hosts_that_cannot_be_used_are_named(cloud):
    cloud.settings.hosts = ("host2", "host9")
    cloud.services[1] = ComputeService("s2", "host2", "nova-compute", "down", "enabled")
    hosts = cloud.capabilities()["hosts"]
    assert not hosts.offered
    assert "not up and enabled, or unknown to Nova: host2, host9" in hosts.detail


def test_without_a_list_all_usable_hosts_count(cloud):
    cloud.settings.hosts = None
    assert cloud.capabilities()["hosts"].amount == 2


def test_user_who_is_no_administrator_is_told_so(cloud):
    cloud.services = ApiError("no", service="compute", method="GET", path="/", status=403)
    offered = cloud.capabilities()
    assert not offered["administrator"].offered
    assert not offered["hosts"].offered
    assert 'let cloud "staging" of clouds.yaml authenticate as an administrator' in offered["administrator"].remedy


def test_any_other_failure_is_the_clouds(cloud):
    cloud.services = ApiError("broken", service="compute", method="GET", path="/", status=500)
    with pytest.raises(CloudError, match="broken"):
        cloud.capabilities()


def test_missing_image_is_told_in_the_clouds_words(cloud):
    cloud.image = CloudError('cloud "staging" has no image "x"')
    assert cloud.capabilities()["image"].detail == 'cloud "staging" has no image "x"'


def test_coordinator_that_fails_is_told(cloud, monkeypatch):
    def fail(coordinator, name, state):
        raise CloudError("the coordinator of leases, redis://x, cannot be reached")

    monkeypatch.setattr(doctor, "Leases", fail)
    leases = cloud.capabilities()["leases"]
    assert "cannot be reached" in leases.detail
    assert '"coordinator:"' in leases.remedy


def test_named_volume_is_as_good_as_block_storage(cloud):
    cloud.settings.volume = "v-1"
    assert cloud.capabilities()["volumes"].offered
