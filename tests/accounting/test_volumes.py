"""Volumes: the table in which features show them, and what the audit says of their attachments."""

import pytest
from stocktake.support.accounting.audit import Rule, audit
from stocktake.support.accounting.snapshot import Snapshot
from stocktake.support.accounting.volumes import Row, Volume, read_volumes, volumes_equal
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
        (volume(attached(), attached()), [server()], Rule.ATTACHMENT, "has 2 attachments to"),
        (volume(status="available"), [server(volumes=("v-1",))], Rule.ATTACHMENT, "which to Cinder is available"),
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


def test_what_is_being_done_is_not_settled():
    [finding] = audit(Snapshot(servers=[server(task_state="x")], migrations=None, volumes=[volume(status="detaching")]))
    assert finding.settled  # nothing says for which server
    busy = Snapshot(servers=[server(task_state="x")], migrations=None, volumes=[volume(attached(), status="detaching")])
    assert [one.settled for one in audit(busy)] == [False]


def test_a_table_says_the_size_only_if_it_has_the_column():
    assert read_volumes([HEADINGS, ["data", "available", "", ""]]) == (Row("data", "available"),)
    assert read_volumes([[*HEADINGS, "GB"], ["data", "in-use", "web", "alpha", "3"]]) == (
        Row("data", "in-use", "web", "alpha", 3),
    )
    assert not volumes_equal([Row("data", "available", size=1)]).matches([Row("data", "available", size=3)])


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
