"""What `stocktake audit` prints, writes and returns."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from stocktake.support.accounting.findings import IN_PROGRESS, Audited, NotJudged, Reason, Rule
from stocktake.support.api.clients import Clients
from stocktake.support.cli import main
from stocktake.support.config.target import Target
from stocktake.support.errors import CloudError
from stocktake.support.inspection import whole_cloud


@pytest.fixture(autouse=True)
def some_cloud(monkeypatch):
    monkeypatch.setattr(Target, "load", lambda name: SimpleNamespace(name=name))
    monkeypatch.setattr(Clients, "of", lambda target: SimpleNamespace(target=target, watch=lambda heed: None))


@pytest.fixture
def found(monkeypatch):
    """What an audit finds, and what it could not judge: `.findings` and `.not_judged`; `.error` ends it."""
    lists = SimpleNamespace(findings=[], not_judged=[], error=None)

    def audited(_survey):
        if lists.error is not None:
            raise lists.error
        read = {"providers": 0, "servers": 0, "migrations": 0}
        return Audited(read, tuple(lists.findings), tuple(lists.not_judged))

    monkeypatch.setattr(whole_cloud.Survey, "audit", audited)
    return lists


def audit(*options):
    return main(["audit", "--cloud=staging", *options])


def test_cloud_in_order(found, capsys):
    assert audit() == 0
    assert capsys.readouterr().out == 'cloud "staging": the accounts of 0 resource providers, 0 servers agree\n'


def test_each_finding_is_told_with_all_its_facts(found, finding, capsys):
    found.findings.append(finding())
    assert audit() == 1
    assert capsys.readouterr().out.splitlines() == [
        'cloud "staging": 1 finding in 0 resource providers, 0 servers',
        "",
        "|   | rule       | server | host  | expected | found                 |",
        "| 1 | other-host | web    | alpha | nothing  | VCPU 2, MEMORY_MB 512 |",
        "",
        '1. server "web" holds VCPU 2, MEMORY_MB 512 on host "alpha"',
        "   consumer s-1, resource provider p-1",
        "   shown by: openstack resource provider allocation show s-1",
    ]


@pytest.mark.parametrize("option", ["--json", "--format=json"])
def test_findings_for_programs(found, finding, capsys, option):
    found.findings.append(finding())
    assert audit(option) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["cloud"] == "staging"
    assert answer["read"] == {"providers": 0, "servers": 0, "migrations": 0}
    assert [(one["rule"], one["host"], one["found"]["VCPU"]) for one in answer["findings"]] == [
        ("other-host", "alpha", 2)
    ]


def test_it_says_how_sure_it_is_and_what_it_could_not_judge(found, finding, unseen, capsys):
    found.findings.append(replace(finding(), doubt=IN_PROGRESS))
    found.not_judged.append(unseen)
    assert audit() == 1
    said = capsys.readouterr().out
    assert 'on host "alpha" (probable: an operation on it is in progress)\n' in said
    assert said.endswith("\nnot judged: a cell does not answer (1 consumer)\n   start its database\n")


def test_what_is_not_judged_is_no_finding(found, capsys):
    found.not_judged.append(
        NotJudged(Reason.OTHER_SERVICE, "held on providers of other services", consumers=("c", "d"))
    )
    assert audit() == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["not judged: held on providers of other services (2 consumers)"]
    assert audit("--json") == 0
    (told,) = json.loads(capsys.readouterr().out)["not_judged"]
    assert (told["reason"], told["consumers"], told["remedy"]) == ("other-service", ["c", "d"], None)


class TestSelection:
    def test_only_one_rule_is_reported(self, found, finding, capsys):
        found.findings += [finding(), finding(Rule.UNKNOWN_CONSUMER, "c-1")]
        assert audit("--only=unknown-consumer") == 1
        assert "1 finding in" in capsys.readouterr().out
        assert audit("--only=unknown-consumer", "--only=other-host") == 1
        assert "2 findings in" in capsys.readouterr().out
        assert audit("--only=doubled-allocation") == 0
        assert "no findings of doubled-allocation in" in capsys.readouterr().out

    def test_rule_that_does_not_exist_is_a_mistake(self, found, capsys):
        assert audit("--only=unknown-consumers") == 2
        assert capsys.readouterr().err == (
            'stocktake: --only: "unknown-consumers" is not a known rule; did you mean "unknown-consumer"?\n'
        )

    def test_known_findings_do_not_count(self, found, finding, capsys, tmp_path):
        found.findings += [finding(), finding(Rule.UNKNOWN_CONSUMER, "c-1")]
        listed = tmp_path / "known.yaml"
        listed.write_text("- {rule: unknown-consumer, consumer: c-1, reason: leased, until: 9999-12-31}")
        assert audit(f"--ignore={listed}") == 1
        said = capsys.readouterr().out
        assert "1 finding in" in said
        assert said.endswith(
            'known until 9999-12-31: server "web" holds VCPU 2, MEMORY_MB 512 on host "alpha"\n   leased\n'
        )
        del found.findings[0]
        assert audit(f"--ignore={listed}") == 0
        assert "no findings in 0 resource providers, 0 servers beside the known ones\n" in capsys.readouterr().out

    def test_known_findings_count_again_the_day_after(self, found, finding, capsys, tmp_path):
        found.findings.append(finding())
        listed = tmp_path / "known.yaml"
        for until, status in ((date.today(), 0), (date.today() - timedelta(days=1), 1)):
            listed.write_text(f"- {{consumer: s-1, reason: moving, until: {until}}}")
            assert audit(f"--ignore={listed}") == status
        assert f"entry 1 has ended on {until}: moving\n" in capsys.readouterr().out


class TestSince:
    def test_only_new_findings_count(self, found, finding, capsys, tmp_path):
        found.findings += [finding(), finding(consumer="s-2")]
        before = tmp_path / "before.json"
        assert audit("--format=json", f"--output={before}") == 1
        assert audit(f"--since={before}") == 0
        said = capsys.readouterr().out
        assert "no new findings since 20" in said
        assert "2 of that time are left\n" in said
        found.findings[0] = finding(Rule.UNKNOWN_CONSUMER, "c-1")
        assert audit(f"--since={before}") == 1
        said = capsys.readouterr().out.splitlines()
        assert "1 new finding since" in said[0]
        assert "1 of that time is left" in said[0]
        assert [line for line in said if line.startswith("| ")][1:] == [
            "| 1 | unknown-consumer | web    | alpha | nothing  | VCPU 2, MEMORY_MB 512 |"
        ]
        assert said[-1] == 'no longer found: server "web" holds VCPU 2, MEMORY_MB 512 on host "alpha"'

    def test_its_json_has_all_findings_for_the_next_time(self, found, finding, capsys, tmp_path):
        first, second = tmp_path / "1.json", tmp_path / "2.json"
        found.findings.append(finding())
        audit("--json", f"--output={first}")
        found.findings.append(finding(consumer="s-2"))
        assert audit("--json", f"--since={first}", f"--output={second}") == 1
        assert [one["new"] for one in json.loads(second.read_text())["findings"]] == [False, True]
        assert audit(f"--since={second}") == 0

    def test_known_findings_of_the_earlier_audit_are_not_new(self, found, finding, tmp_path):
        listed, before = tmp_path / "known.yaml", tmp_path / "before.json"
        listed.write_text("- {consumer: s-1, reason: moving, until: 9999-12-31}")
        found.findings.append(finding())
        assert audit("--json", f"--ignore={listed}", f"--output={before}") == 0
        assert audit(f"--since={before}") == 0


class TestOutput:
    def test_file_is_replaced_as_a_whole(self, found, capsys, tmp_path):
        output = tmp_path / "audit.prom"
        output.write_text("old")
        with output.open() as reader:
            assert audit("--format=openmetrics", f"--output={output}") == 0
            assert reader.read() == "old"
        assert output.read_text().endswith("# EOF\n")
        assert [path.name for path in tmp_path.iterdir()] == ["audit.prom"]
        assert capsys.readouterr().out == ""

    def test_file_of_an_earlier_audit_stays_where_there_is_none(self, found, tmp_path):
        output = tmp_path / "audit.prom"
        output.write_text("old")
        found.error = CloudError("down")
        assert audit("--format=openmetrics", f"--output={output}") == 2
        assert output.read_text() == "old"

    def test_folder_that_does_not_exist_is_a_mistake_before_the_audit(self, found, capsys, tmp_path):
        found.error = AssertionError("audited")
        assert audit(f"--output={tmp_path}/no/audit") == 2
        assert f"{tmp_path}/no is not a folder in which files can be created" in capsys.readouterr().err

    def test_folder_is_no_file(self, found, capsys, tmp_path):
        (tmp_path / "audit").mkdir()
        assert audit(f"--output={tmp_path}/audit") == 2
        assert "audit cannot be written: Is a directory" in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir()] == ["audit"]


class TestNagios:
    @pytest.mark.parametrize(
        ("doubts", "status", "begin"),
        [([], 0, "OK: no findings in"), (["moving"], 1, "WARNING: 1 finding ("), (["moving", None], 2, "CRITICAL: 2 ")],
    )
    def test_state_is_the_exit_status(self, found, finding, capsys, doubts, status, begin):
        found.findings += [finding(consumer=f"s-{number}", doubt=doubt) for number, doubt in enumerate(doubts)]
        assert audit("--format=nagios") == status
        assert capsys.readouterr().out.startswith(f"STOCKTAKE {begin}")

    @pytest.mark.parametrize("option", ["--only=nothing", "--ignore=/nowhere", "--since=/nowhere", "--jobs=4"])
    def test_audit_that_cannot_be_made_is_unknown(self, found, capsys, option):
        found.error = CloudError("the cloud is down:\nreally | truly")
        assert audit("--format=nagios", option) == 3
        printed = capsys.readouterr()
        assert printed.out.startswith("STOCKTAKE UNKNOWN: ")
        assert printed.out.count("\n") == 1
        assert "|" not in printed.out
        assert printed.err == ""

    @pytest.mark.parametrize("format_option", [["--format=nagios"], ["--format", "nagios"], ["--form=nagios"]])
    @pytest.mark.parametrize(
        ("option", "problem"),
        [("--onyl=x", "unrecognized arguments: --onyl=x"), ("--jobs=0", 'argument --jobs: "0" is not a whole number')],
    )
    def test_options_that_are_rejected_are_unknown(self, capsys, format_option, option, problem):
        for options in ([*format_option, option], [option, *format_option]):
            assert audit(*options) == 3
            printed = capsys.readouterr()
            assert printed.out.startswith(f"STOCKTAKE UNKNOWN: {problem}")
            assert (printed.out.count("\n"), printed.err) == (1, "")

    def test_defect_of_stocktake_is_unknown(self, found, capsys):
        found.error = KeyError("root")
        assert audit("--format=nagios") == 3
        printed = capsys.readouterr()
        assert printed.out == "STOCKTAKE UNKNOWN: the audit met a defect of Stocktake: KeyError: 'root'\n"
        assert "Traceback" in printed.err

    def test_what_is_known_or_not_new_is_ok(self, found, finding, capsys, tmp_path):
        found.findings.append(finding())
        audit("--json", f"--output={tmp_path}/before.json")
        assert audit("--format=nagios", f"--since={tmp_path}/before.json") == 0
        assert capsys.readouterr().out.startswith("STOCKTAKE OK: no new findings in")


@pytest.mark.parametrize("options", [("--onyl=x",), ("--format=nagio",), ("--jobs=0", "--format=json")])
def test_options_that_are_rejected_are_a_mistake(capsys, options):
    assert audit(*options) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("usage: stocktake")
    assert ": error: " in printed.err
    assert printed.out == ""


def test_defect_of_stocktake_is_no_finding(found, capsys):
    found.error = KeyError("root")
    assert audit() == 2
    assert capsys.readouterr().err.endswith("stocktake: the audit met a defect of Stocktake: KeyError: 'root'\n")


def test_schema_is_printed_without_a_cloud(capsys):
    assert audit("--schema") == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "urn:stocktake:audit:1"


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_number_of_jobs_is_a_number(jobs, capsys):
    assert audit(f"--jobs={jobs}") == 2
    assert f'argument --jobs: "{jobs}" is not a whole number above 0' in capsys.readouterr().err


def test_jobs_are_the_readers(found, monkeypatch):
    seen = []
    made = whole_cloud.Readers
    monkeypatch.setattr(whole_cloud, "Readers", lambda clients, jobs: seen.append(jobs) or made(clients, jobs))
    audit()
    audit("--jobs=9")
    assert seen == [4, 9]


def test_help_does_not_import_the_clients():
    code = (
        "import sys; from stocktake.support.inspection.auditing.command import add_parser; "
        "print([name for name in ('stocktake.support.api.session', 'prometheus_client') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "[]\n"
