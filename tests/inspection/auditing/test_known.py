"""Findings that an operator knows: what an entry means, when it ends, and what is wrong with a file of them."""

from datetime import date

import pytest
from stocktake.support.accounting.findings import Rule
from stocktake.support.errors import ConfigurationError
from stocktake.support.inspection.auditing.known import divide, read

TODAY = date(2026, 11, 29)
REST = "reason: leased, until: 2027-01-31"


@pytest.fixture
def entries(tmp_path):
    def written(text):
        path = tmp_path / "known.yaml"
        path.write_text(text)
        return read(path)

    return written


@pytest.mark.parametrize(
    "subject",
    [
        "rule: other-host",
        "consumer: s-1",
        "server: web",
        "server: s-1",
        "provider: p-1",
        "provider: alpha",
        "host: alpha",
        "rule: other-host, host: alpha, server: web, consumer: s-1, provider: p-1",
    ],
)
def test_entry_is_about_a_finding_that_fits_in_all_it_names(entries, finding, subject):
    (entry,) = entries(f"- {{{subject}, {REST}}}")
    assert entry.is_about(finding())


@pytest.mark.parametrize("kind", ["volume", "accelerator_request", "flavor"])
def test_entry_is_about_what_else_a_finding_is_about(entries, finding, kind):
    (entry,) = entries(f"- {{{kind}: one, {REST}}}")
    assert entry.is_about(finding(**{kind: "one"}))
    assert not any(entry.is_about(one) for one in (finding(**{kind: "another"}), finding()))


@pytest.mark.parametrize(
    "subject",
    ["rule: failed-boot", "consumer: web", "server: alpha", "provider: s-1", "host: p-1", "host: beta, server: web"],
)
def test_entry_is_not_about_another_finding(entries, finding, subject):
    (entry,) = entries(f"- {{{subject}, {REST}}}")
    assert not entry.is_about(finding())


def test_number_that_yaml_takes_for_one_is_a_text_to_be_quoted(entries, finding):
    with pytest.raises(ConfigurationError, match="entry 1: server is 7, but should be text"):
        entries(f"- {{server: 7, {REST}}}")
    (entry,) = entries(f'- {{server: "7", {REST}}}')
    assert entry.is_about(finding(server="7"))


def test_findings_are_divided_and_outlived_entries_named(entries, finding):
    listed = entries(
        f"- {{consumer: s-1, {REST}}}\n"
        "- {consumer: s-2, reason: moving, until: 2026-11-28}\n"
        f"- {{consumer: s-3, {REST}}}\n"
        "- {host: alpha, rule: failed-boot, reason: last day, until: 2026-11-29}"
    )
    one, two, four = finding(), finding(consumer="s-2"), finding(Rule.FAILED_BOOT, "s-4")
    counted, known, notes = divide([one, two, four], listed, TODAY)
    assert counted == [two]
    assert [(each.finding, each.entry.reason) for each in known] == [(one, "leased"), (four, "last day")]
    assert [note.partition(": ")[2] for note in notes] == [
        "entry 2 has ended on 2026-11-28: moving",
        "entry 3 matches no finding any more: remove it",
    ]


def test_empty_file_knows_nothing(entries):
    assert entries("# none yet\n") == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rule: other-host", "is a mapping, but should be a list of known findings"),
        ("- other-host", 'entry 1 is "other-host", but should be a mapping with some of rule, consumer'),
        (f"- {{rules: other-host, {REST}}}", 'entry 1: "rules" is not a known key; did you mean "rule"?'),
        ("- {rule: other-host, until: 2027-01-31}", "entry 1: lacks reason"),
        ("- {rule: other-host, reason: why not}", "entry 1: lacks until"),
        (f"- {{{REST}}}", "entry 1 would ignore every finding: add some of rule, consumer, server, provider, host"),
        (f"- {{rule: other-hosts, {REST}}}", 'entry 1: "other-hosts" is not a known rule; did you mean "other-host"?'),
        (f"- {{host: '', {REST}}}", 'entry 1: host is "", but should be text'),
        ("- {host: a, reason: b, until: soon}", 'entry 1: until is "soon", but should be a date such as 2027-01-31'),
        ("- {host: a, reason: , until: 2027-01-31}", "entry 1: reason is empty, but should be text"),
        (f"- {{host: a, {REST}}}\n- 7", "entry 2 is 7, but should be a mapping"),
        ("- {host: a\n- b", r"known.yaml:2: not YAML: "),
    ],
)
def test_mistake_is_told_in_one_sentence(entries, text, sentence):
    with pytest.raises(ConfigurationError) as told:
        entries(text)
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


def test_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigurationError, match=r"--ignore=.*none cannot be read: No such file"):
        read(tmp_path / "none")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"--ignore=.*bytes is not text in UTF-8"):
        read(tmp_path / "bytes")
