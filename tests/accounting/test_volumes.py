"""Volumes: the table in which features show them, and what the audit says of their attachments."""

import pytest
from stocktake.support.accounting.audit import Rule, audit, judge
from stocktake.support.accounting.findings import Reason
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.accounting.volumes import Row, Volume, read_volumes, volumes_equal
from stocktake.support.api.compute.hypervisors import Hypervisor
from stocktake.support.api.compute.migrations import Migration
from stocktake.support.api.compute.server_values import Server
from stocktake.support.api.volumes import Attachment
from stocktake.support.errors import FeatureError

HEADINGS = ["volume", "status", "server", "host"]


def server(**changes):
    return Server(**{"id": "s-1", "name": "web", "status": "ACTIVE", "host": "host1", **changes})


def volume(*attachments, status="in-use", **changes):
    return Volume("v-1", "data", status, 1, attachments, **changes)


def attached(host="host1", status="attached", to="s-1"):
    return Attachment("a-1", status, to, host)


def found(volume, *servers):
    findings = audit(Snapshot(servers=servers, migrations=None, volumes=[volume]))
    return [(one.rule, one.sentence) for one in findings if one.rule in (Rule.ATTACHMENT, Rule.VOLUME_STATUS)]


@pytest.mark.parametrize(
    ("volume", "server"),
    [
        (volume(status="available"), server()),
        (volume(status="error"), server()),
        (volume(attached()), server()),
        (volume(attached()), server(volumes=("v-0", "v-1"))),
        (volume(attached("host1")), server(status="SHUTOFF")),
        (volume(attached("host2")), server(status="MIGRATING", task_state="migrating")),
        (volume(attached(None)), server(status="BUILD")),
        (volume(attached(None), hosts_shown=False), server()),
        (volume(attached(None, "reserved"), status="reserved"), server(status="SHELVED_OFFLOADED", host=None)),
        (volume(attached(None)), server(status="SHELVED_OFFLOADED", host=None)),
        (volume(attached(None, "reserved"), status="reserved"), server(status="ERROR", host=None)),
    ],
    ids=str,
)
def test_what_is_right_is_not_found(volume, server):
    assert found(volume, server) == []


@pytest.mark.parametrize(
    ("volume", "servers", "rule", "sentence"),
    [
        (volume(attached("host2")), [server()], Rule.ATTACHMENT, 'not on host "host1", for server "web"'),
        (volume(attached("host2")), [server(status="ERROR")], Rule.ATTACHMENT, 'attached on host "host2"'),
        (volume(attached(None, "reserved"), status="reserved"), [server()], Rule.ATTACHMENT, "reserved, not attached"),
        (volume(attached()), [server(status="SHELVED_OFFLOADED", host=None)], Rule.ATTACHMENT, "it has no host"),
        (volume(attached()), [], Rule.ATTACHMENT, 'for server "s-1", which Nova does not have'),
        (
            volume(attached("host1"), attached("host2")),
            [server()],
            Rule.ATTACHMENT,
            'has 2 attachments to server "web": attached on host "host1", attached on host "host2"',
        ),
        (volume(attached(), attached(None, "reserved")), [server()], Rule.ATTACHMENT, "reserved on no host"),
        (volume(status="available"), [server(volumes=("v-1",))], Rule.ATTACHMENT, "which to Cinder is available"),
        (volume(attached()), [server(volumes=("v-2",))], Rule.ATTACHMENT, 'server "web" in Cinder, but not in Nova'),
        (volume(attached(), status="detaching"), [server()], Rule.VOLUME_STATUS, "is left detaching"),
        (volume(status="attaching"), [], Rule.VOLUME_STATUS, "is left attaching; its attachments: none"),
        (volume(status="in-use"), [], Rule.VOLUME_STATUS, "is left in-use"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_found(volume, servers, rule, sentence):
    [(broken, said)] = found(volume, *servers)
    assert broken == rule
    assert sentence in said
    assert 'volume "data"' in said


def test_what_is_being_done_is_not_judged():
    busy = server(task_state="x")
    [(rule, _)] = found(volume(status="detaching"), busy)
    assert rule == Rule.VOLUME_STATUS  # nothing says for which server
    assert found(volume(attached(), status="detaching"), busy) == []
    assert found(volume(attached("host2"), attached()), busy) == []
    assert found(volume(status="available"), server(task_state="x", volumes=("v-1",))) == []


def test_operations_of_cinder_end_in_a_scenario():
    assert found(volume(attached(), status="extending"), server()) == [
        (Rule.VOLUME_STATUS, 'volume "data" is left extending; its attachments: attached')
    ]


class TestOfAWholeCloud:
    """What others use, what Nova may be at work on and what cannot be seen is no finding."""

    def judged(self, volume, *servers, **more):
        findings, not_judged = judge(Snapshot(servers=servers, volumes=[volume], **more))
        of_volumes = [one for one in findings if one.rule in (Rule.ATTACHMENT, Rule.VOLUME_STATUS)]
        return [(one.rule, one.doubt is None) for one in of_volumes], [(one.reason, one.volumes) for one in not_judged]

    def test_a_server_that_nova_has_deleted_is_a_certain_finding(self):
        assert self.judged(volume(attached()), former={"s-1"}) == ([(Rule.ATTACHMENT, True)], [])

    def test_a_server_that_nova_never_knew_is_doubted(self):
        assert self.judged(volume(attached())) == ([(Rule.ATTACHMENT, False)], [])

    def test_a_soft_deleted_server_is_there(self):
        assert self.judged(volume(attached()), server(status="SOFT_DELETED")) == ([], [])

    def test_what_a_cell_hides_is_not_judged(self):
        hidden = volume(attached(), status="detaching")
        assert self.judged(hidden, hidden={"s-1"}) == ([], [(Reason.CELL_DOWN, ("v-1",))])
        assert self.judged(hidden, server(status="UNKNOWN", host=None))[0] == []

    def test_what_other_services_use_is_not_judged(self):
        assert self.judged(volume(attached()), others={"s-1"}) == ([], [(Reason.OTHER_SERVICE, ("v-1",))])
        no_server = volume(attached(to=None), status="attaching")
        assert self.judged(no_server) == ([], [(Reason.OTHER_SERVICE, ("v-1",))])

    @pytest.mark.parametrize(
        ("volume", "servers"),
        [
            (volume(attached(), recent=True), []),
            (volume(attached(), status="detaching", recent=True), [server()]),
            (volume(attached(None, "reserved"), status="reserved", recent=True), [server()]),
            (volume(status="attaching", recent=True), []),
            (volume(status="available", recent=True), [server(volumes=("v-1",))]),
        ],
        ids=str,
    )
    def test_what_has_changed_lately_is_not_judged(self, volume, servers):
        assert self.judged(volume, *servers) == ([], [(Reason.RECENT_CHANGE, ("v-1",))])

    def test_what_has_changed_lately_and_is_right_is_not_listed(self):
        assert self.judged(volume(attached(), recent=True), server()) == ([], [])

    def test_what_nobody_is_known_to_use_is_doubted(self):
        assert self.judged(volume(status="attaching")) == ([(Rule.VOLUME_STATUS, False)], [])
        assert self.judged(volume(status="in-use")) == ([(Rule.VOLUME_STATUS, True)], [])

    @pytest.mark.parametrize("status", ["extending", "retyping", "backing-up", "uploading", "deleting"])
    def test_what_cinder_is_doing_may_take_long(self, status):
        assert self.judged(volume(attached("host2"), status=status), server()) == ([], [])

    @pytest.mark.parametrize("status", ["attaching", "in-use", "detaching", "error"])
    def test_what_cinder_is_moving_may_take_long(self, status):
        copy = volume(attached("host2", "attaching"), status=status, moving=True)
        assert self.judged(copy, server(volumes=("v-0",))) == ([], [])

    def test_what_cinder_is_moving_for_a_deleted_server_is_found(self):
        assert self.judged(volume(attached(), moving=True), former={"s-1"})[0] == [(Rule.ATTACHMENT, True)]

    @pytest.mark.parametrize(("status", "found"), [("running", []), ("finished", [(Rule.ATTACHMENT, True)])])
    def test_a_server_that_is_being_moved_may_be_ahead_of_its_volume(self, status, found):
        move = Migration(1, "m-1", "live-migration", status, "host2", "host1", "s-1")
        assert self.judged(volume(attached("host2")), server(), migrations=[move])[0] == found

    @pytest.mark.parametrize(("type_", "accused"), [("QEMU", True), ("ironic", False), (None, False)])
    def test_only_hosts_that_connect_under_their_own_name_are_compared(self, type_, accused):
        nodes = [Hypervisor("n-1", "node1", "host1", type=type_)] if type_ else []
        here = server(hypervisor_hostname="node1")
        found, _ = self.judged(volume(attached("web")), here, hypervisors=nodes, services_beside={"compute"})
        assert bool(found) == accused

    def test_a_host_that_is_not_known_is_not_compared(self):
        assert self.judged(volume(attached(None)), server()) == ([], [])


def test_a_table_says_the_size_only_if_it_has_the_column():
    assert read_volumes([HEADINGS, ["data", "available", "", ""]]) == (Row("data", "available"),)
    assert read_volumes([[*HEADINGS, "GB"], ["data", "in-use", "web", "alpha", "3"]]) == (
        Row("data", "in-use", "web", "alpha", 3),
    )
    assert not volumes_equal([Row("data", "available", size=1)]).matches([Row("data", "available", size=3)])


def test_a_table_says_the_type_only_if_it_has_the_column():
    assert read_volumes([[*HEADINGS, "GB", "type"], ["data", "available", "", "", "3", "fast"]]) == (
        Row("data", "available", size=3, type="fast"),
    )
    fast, slow = (Row("data", "available", type=name) for name in ("fast", "slow"))
    assert volumes_equal([fast]).matches([fast])
    assert not volumes_equal([fast]).matches([slow])
    with pytest.raises(FeatureError, match='row 1, column "type" is empty; name the type'):
        read_volumes([[*HEADINGS, "type"], ["data", "available", "", "", ""]])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["", "available", "", ""], 'row 1, column "volume" is empty; name the volume'),
        (["data", "", "", ""], 'row 1, column "status" is empty; name the status'),
    ],
)
def test_a_table_that_says_too_little_is_refused(row, sentence):
    with pytest.raises(FeatureError, match=sentence):
        read_volumes([HEADINGS, row])


def test_a_size_with_a_unit_is_refused():
    with pytest.raises(FeatureError, match='column "GB": "1 GB" is not a whole number'):
        read_volumes([[*HEADINGS, "GB"], ["data", "available", "", "", "1 GB"]])
