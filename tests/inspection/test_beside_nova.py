"""Reading what Cinder and Cyborg keep for servers: once, what seems wrong twice, and nothing where they are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.accelerators import SPEC
from stocktake.support.accounting.findings import Reason, Rule
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.accelerators import AcceleratorRequest, DeviceProfile
from stocktake.support.api.replies import ApiError, Limited
from stocktake.support.api.volumes import Attachment, Volume
from stocktake.support.errors import CloudError, Unverified
from stocktake.support.inspection.readers import Readers

from tests.inspection.small_cloud import SMALL, SmallCloud, meanwhile

EPOCH = datetime.fromtimestamp(0, UTC)


class CloudBesideNova(SmallCloud):
    """The small cloud with Cinder, which has one attached volume and idle ones, and Cyborg, which has one request."""

    def __init__(self):
        super().__init__()
        self.catalog |= {"volume", "accelerator"}
        self.volumes = {"v-1": self.volume("v-1", "in-use", {"a-1": "host0"})}
        self.volumes |= {f"v-{number}": self.volume(f"v-{number}", "available") for number in range(2, 5)}
        self.attachments = [Attachment("a-1", "attached", "s-1", volume="v-1")]
        self.arqs = [AcceleratorRequest("r-1", "Bound", "card", "s-1", "host0", "host0")]
        self.profiles = [DeviceProfile("d-1", "card", Resources(FPGA=1))]
        self.by_id["s-1"] = replace(self.by_id["s-1"], volumes=("v-1",))
        hypervisors = [replace(one, type="QEMU") for one in self.clients.hypervisors.all()]
        self.clients.hypervisors.all = partial(self._count, "hypervisors", hypervisors)
        self.requests.clear()
        self.clients.volumes = SimpleNamespace(
            offered=True,
            of_every_project=lambda: iter(self._count("volumes", list(self.volumes.values()))),
            every_attachment=self._attachments,
            get=self._get,
        )
        self.clients.accelerators = SimpleNamespace(
            offered=True,
            requests=lambda: self._count("arqs", list(self.arqs)),
            profiles=lambda: self._count("profiles", list(self.profiles)),
        )

    @staticmethod
    def volume(name, status, hosts=None, changed=EPOCH - timedelta(days=1)):
        return Volume(name, "data", status, 1, False, hosts=hosts or {}, changed=changed)

    def attach(self, volume, server, host="host0", status="attached", **more):
        attachment = f"a-{len(self.attachments) + 1}"
        hosts = {attachment: host} if status == "attached" else {}
        self.volumes[volume] = self.volume(volume, "in-use" if hosts else "reserved", hosts, **more)
        self.attachments.append(Attachment(attachment, status, server, volume=volume))
        if server in self.by_id:
            self.by_id[server] = replace(self.by_id[server], volumes=(*self.by_id[server].volumes, volume))

    def _attachments(self, volume=None):
        listed = [one for one in self.attachments if volume in (None, one.volume)]
        return iter(self._count("attachments of a volume" if volume else "attachments", listed))

    def _get(self, volume):
        self.requests.append("volume")
        if volume not in self.volumes:
            raise ApiError("no", service="volume", method="GET", path="/", status=404)
        return self.volumes[volume]


@pytest.fixture
def cloud():
    return CloudBesideNova()


@pytest.fixture
def audit(fake_clock):
    """Audits a cloud."""
    return lambda cloud: cloud.survey(fake_clock).audit()


def beside(cloud):
    names = ("volume", "volumes", "attachments", "attachments of a volume", "arqs", "profiles")
    return {name: cloud.requests.count(name) for name in names if name in cloud.requests}


def what(audited):
    subjects = ((one.volume or one.accelerator_request or one.flavor) for one in audited.findings)
    return list(zip((one.rule for one in audited.findings), subjects, strict=True))


def test_what_is_right_is_read_once(cloud, audit):
    audited = audit(cloud)
    assert (audited.findings, audited.not_judged) == ((), ())
    assert beside(cloud) == {"volumes": 1, "attachments": 1, "arqs": 1, "profiles": 1}
    assert audited.read == {
        "providers": 2, "servers": 1, "migrations": 0, "volumes": 4, "accelerator_requests": 1,
    }  # fmt: skip


def test_a_cloud_without_these_services_pays_no_request_and_no_login(audit, monkeypatch):
    begun = []
    monkeypatch.setattr(Readers, "meanwhile", lambda self, read: begun.append(read) or partial(read, self.clients))
    cloud = SmallCloud()
    assert audit(cloud).read == {"providers": 2, "servers": 1, "migrations": 0}
    assert beside(cloud) == {}
    assert len(begun) == 1  # of Nova; each one begun may take a session of its own


@pytest.mark.parametrize("jobs", [1, 2])
def test_both_are_read_whatever_the_number_of_jobs(cloud, fake_clock, jobs):
    cloud.clients.another = lambda: cloud.clients
    cloud.clients.watch = lambda _watch: None
    assert cloud.survey(fake_clock, jobs=jobs).audit().read["volumes"] == 4


def test_a_volume_of_a_deleted_server_is_found(cloud, audit):
    cloud.attach("v-2", "s-9")
    cloud.deleted.add("s-9")
    audited = audit(cloud)
    assert what(audited) == [(Rule.ATTACHMENT, "v-2")]
    assert audited.findings[0].doubt is None
    assert (cloud.requests.count("server"), cloud.requests.count("actions")) == (2, 2)  # once in each reading
    assert beside(cloud) == {
        "volumes": 1, "attachments": 1, "arqs": 1, "profiles": 1, "volume": 1, "attachments of a volume": 1,
    }  # fmt: skip
    assert "consumer" not in cloud.requests  # what it holds in Placement is not at issue


def test_a_server_that_lists_leave_out_is_found_by_its_id(cloud, audit):
    cloud.attach("v-2", "s-2")
    cloud.by_id["s-2"] = replace(cloud.by_id["s-1"], id="s-2", status="SOFT_DELETED", volumes=("v-2",))
    cloud.held["host0"]["s-2"], cloud.payers["s-2"] = cloud.held["host0"]["s-1"], "ours"
    assert what(audit(cloud)) == []


def test_two_volumes_of_one_deleted_server_are_two_findings(cloud, audit):
    cloud.attach("v-2", "s-9")
    cloud.attach("v-3", "s-9")
    audited = audit(cloud)
    assert what(audited) == [(Rule.ATTACHMENT, "v-2"), (Rule.ATTACHMENT, "v-3")]
    assert len({one.key for one in audited.findings}) == 2


@pytest.mark.parametrize("later", ["detached", "gone", "moved"])
def test_what_cinder_is_told_meanwhile_is_no_finding(cloud, audit, fake_clock, later):
    cloud.attach("v-2", "s-1", host="host1")
    detached, moved = cloud.volume("v-2", "available"), cloud.volume("v-2", "in-use", {"a-2": "host0"})

    def change():
        if later == "moved":
            cloud.volumes["v-2"] = moved
        else:
            cloud.attachments[1:] = []
            cloud.volumes["v-2"] = detached
            cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], volumes=("v-1",))
        if later == "gone":
            del cloud.volumes["v-2"]

    meanwhile(fake_clock, change)
    assert what(audit(cloud)) == []


def test_a_server_that_moves_meanwhile_is_no_finding(cloud, audit, fake_clock):
    cloud.attach("v-2", "s-1", host="host1")
    meanwhile(fake_clock, lambda: cloud.by_id.update({"s-1": replace(cloud.by_id["s-1"], task_state="migrating")}))
    assert what(audit(cloud)) == []


def test_a_volume_that_nova_may_be_at_work_on_is_not_judged(cloud, audit):
    cloud.attach("v-2", "s-1", status="reserved", changed=EPOCH - timedelta(minutes=9))
    audited = audit(cloud)
    assert what(audited) == []
    assert [(one.reason, one.volumes) for one in audited.not_judged] == [(Reason.RECENT_CHANGE, ("v-2",))]


def test_an_idle_volume_that_nova_takes_for_attached_is_found(cloud, audit):
    cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], volumes=("v-1", "v-3"))
    assert what(audit(cloud)) == [(Rule.ATTACHMENT, "v-3")]


def test_hosts_that_cinder_hides_are_not_compared(cloud, audit):
    cloud.volumes["v-1"] = cloud.volume("v-1", "in-use", {"a-1": None})
    audited = audit(cloud)
    assert what(audited) == []
    assert [one.reason for one in audited.not_judged] == [Reason.FORBIDDEN]


def test_hosts_that_nova_hides_are_not_compared(cloud, audit):
    cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], host=None, hypervisor_hostname=None)
    assert what(audit(cloud)) == []


def test_a_request_for_a_deleted_server_is_found_and_read_again(cloud, audit, fake_clock):
    cloud.arqs.append(AcceleratorRequest("r-2", "Bound", "card", "s-9", "host1", "host1"))
    assert what(audit(cloud)) == [(Rule.ACCELERATOR, "r-2")]
    assert cloud.requests.count("arqs") == 2
    meanwhile(fake_clock, lambda: cloud.arqs.__delitem__(slice(1, None)))
    assert what(audit(cloud)) == []


def test_a_flavor_without_its_device_profile_is_found_and_read_again(cloud, audit, fake_clock):
    flavors = [replace(SMALL, id="f-2", extra_specs={SPEC: "gone"})]
    cloud.clients.flavors.all = lambda: flavors
    assert what(audit(cloud)) == [(Rule.DEVICE_PROFILE, "f-2")]
    meanwhile(fake_clock, lambda: cloud.profiles.append(DeviceProfile("d-2", "gone", Resources())))
    assert what(audit(cloud)) == []


@pytest.mark.parametrize(
    ("client", "call", "rule"),
    [
        ("volumes", "of_every_project", Rule.VOLUME_STATUS),
        ("accelerators", "requests", Rule.ACCELERATOR),
        ("accelerators", "profiles", Rule.DEVICE_PROFILE),
    ],
)
def test_what_the_user_may_not_read_is_not_judged(cloud, audit, client, call, rule):
    def refuse():
        raise Limited("the policy says no", "ask", service="x", method="GET", path="/", status=403)

    setattr(getattr(cloud.clients, client), call, refuse)
    (one,) = audit(cloud).not_judged
    assert (one.reason, rule in one.rules) == (Reason.FORBIDDEN, True)


def test_a_cinder_without_attachments_is_too_old(cloud, audit):
    def lack(volume=None):
        raise Unverified("attachments need 3.27", "run it on a newer one")

    cloud.clients.volumes.every_attachment = lack
    audited = audit(cloud)
    assert [(one.reason, one.rules[0]) for one in audited.not_judged] == [(Reason.OLD_API, Rule.ATTACHMENT)]
    assert "volumes" not in audited.read


@pytest.mark.parametrize("status", [404, 500])
def test_a_cyborg_without_the_api_is_too_old_and_one_that_fails_ends_the_audit(cloud, audit, status):
    def fail():
        raise ApiError("broken", service="accelerator", method="GET", path="/", status=status)

    cloud.clients.accelerators.requests = cloud.clients.accelerators.profiles = fail
    if status == 500:
        with pytest.raises(CloudError, match="broken"):
            audit(cloud)
    else:
        assert {one.reason for one in audit(cloud).not_judged} == {Reason.OLD_API}


def test_services_that_the_catalog_does_not_name_are_told_where_they_are_missed(audit):
    cloud = SmallCloud()
    cloud.by_id["s-1"] = replace(cloud.by_id["s-1"], volumes=("v-1",))
    cloud.clients.flavors.all = lambda: [replace(SMALL, extra_specs={SPEC: "card"})]
    assert [(one.reason, one.rules[0]) for one in audit(cloud).not_judged] == [
        (Reason.NO_SERVICE, Rule.ATTACHMENT),
        (Reason.NO_SERVICE, Rule.ACCELERATOR),
    ]
