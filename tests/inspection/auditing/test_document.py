"""The JSON document: it fits its schema, which says as much as it can, and an earlier one is read again."""

import json
from datetime import date

import jsonschema
import pytest
from stocktake.support.accounting.findings import IN_PROGRESS, Certainty, Reason, Rule
from stocktake.support.errors import ConfigurationError
from stocktake.support.inspection.auditing import document, earlier
from stocktake.support.inspection.auditing.known import Entry, Known

SCHEMA = json.loads(document.schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def full(report, finding, unseen, tmp_path):
    """A report in which every part has something."""
    before = tmp_path / "before.json"
    before.write_text(document.render(report(finding(consumer="s-0"))))
    entry = Entry("known.yaml: entry 1", {"host": "alpha"}, "moving", date(2027, 1, 31))
    return report(
        finding(doubt=IN_PROGRESS),
        finding(Rule.NO_PROVIDER, None, server=None),
        not_judged=(unseen,),
        known=(Known(finding(consumer="s-3"), entry),),
        only=(Rule.OTHER_HOST, Rule.NO_PROVIDER),
        notes=("entry 2 matches nothing",),
        earlier=earlier.read(before, "staging"),
    )


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_document_fits_the_schema(full, report):
    VALIDATOR.validate(json.loads(document.render(full)))
    VALIDATOR.validate(json.loads(document.render(report())))


def test_schema_names_everything_that_the_document_has(full):
    """Members may be added, but not without saying what they are."""
    written = json.loads(document.render(full))
    parts = SCHEMA["$defs"]
    assert set(written) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert set(written["findings"][0]) == {*parts["finding"]["properties"], "new"}
    assert set(written["known"][0]) == {*parts["finding"]["properties"], "reason", "until"}
    assert set(written["not_judged"][0]) == set(parts["not_judged"]["properties"])


def test_schema_knows_every_rule_certainty_and_reason():
    parts = SCHEMA["$defs"]
    assert set(parts["rule"]["enum"]) == {rule.value for rule in Rule}
    assert set(parts["finding"]["properties"]["certainty"]["enum"]) == {one.value for one in Certainty}
    assert set(parts["not_judged"]["properties"]["reason"]["enum"]) == {reason.value for reason in Reason}


@pytest.mark.parametrize(
    "damage",
    [
        lambda one: one.pop("findings"),
        lambda one: one.update(version=2),
        lambda one: one["findings"][0].update(rule="no-rule"),
        lambda one: one["findings"][0].update(found={"VCPU": 1.5}),
        lambda one: one["findings"][0].pop("new"),
        lambda one: one["known"][0].update(until="soon"),
        lambda one: one["not_judged"][0].update(reason=None),
    ],
)
def test_schema_refuses_what_is_wrong(full, damage):
    written = json.loads(document.render(full))
    damage(written)
    assert not VALIDATOR.is_valid(written)


def test_what_is_new_and_gone_is_told(full):
    written = json.loads(document.render(full))
    assert [one["new"] for one in written["findings"]] == [True, True]
    assert written["since"] == "2026-11-29T02:30:00+00:00"
    assert written["gone"] == ['server "web" holds VCPU 2, MEMORY_MB 512 on host "alpha"']


def test_rules_that_were_not_asked_for_are_not_gone(report, finding, tmp_path):
    before = tmp_path / "before.json"
    before.write_text(document.render(report(finding(), finding(Rule.FAILED_BOOT, "s-2"))))
    since = earlier.read(before, "staging")
    assert len(report(earlier=since).gone) == 2
    assert len(report(earlier=since, only=(Rule.FAILED_BOOT,)).gone) == 1


def test_finding_is_the_same_whatever_the_amounts_and_names(finding):
    assert earlier.id_of(finding()) == earlier.id_of(finding(server="renamed", found=finding().found * 2))
    others = [finding(Rule.DOUBLED), finding(consumer="s-2"), finding(provider="p-2")]
    others += [finding(volume="v-1"), finding(volume="v-2")]
    assert len({earlier.id_of(one) for one in [finding(), *others]}) == 6


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not JSON: it should be the output of --format=json"),
        ("[]", "is not an audit: it should be the output of --format=json"),
        ('{"cloud": "staging"}', "is not an audit"),
        ('{"version": 2, "cloud": "staging", "ended": "", "findings": [], "known": []}', "has version 2, but this"),
        ('{"version": 1, "cloud": "live", "ended": "", "findings": [], "known": []}', 'an audit of cloud "live", not'),
        ('{"version": 1, "cloud": "staging", "ended": "", "findings": [], "known": []}', "is damaged"),
        (
            '{"version": 1, "cloud": "staging", "ended": "2026-11-29T02:30:00+00:00", "findings": [{}], "known": []}',
            "is damaged",
        ),
    ],
)
def test_what_is_no_earlier_audit_is_told_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "before.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as told:
        earlier.read(path, "staging")
    assert sentence in str(told.value)


def test_earlier_audit_that_does_not_exist(tmp_path):
    with pytest.raises(ConfigurationError, match=r"--since=.*none cannot be read: No such file"):
        earlier.read(tmp_path / "none", "staging")
