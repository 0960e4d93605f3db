"""A user's mistake is explained in one sentence: no traceback, a fitting exit status, nothing left behind.

Pytest runs in a process of its own, with the real plugin and vocabulary, on the doubles and the real Placement.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hamcrest import assert_that, contains_exactly, contains_string, is_not, matches_regexp

from tests.warm_pytest import run_pytest

PLUGINS = ("-p", "stocktake.steps", "-p", "no:cacheprovider")
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.process, pytest.mark.filterwarnings("ignore")]  # warnings of Placement's own

FLAVORS = """    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
"""
BOOTED = '    When server "web" is booted with flavor "small" on host "alpha"\n'


@dataclass(frozen=True)
class Run:
    """What became of a run: its status, what it printed, and what it said of the first scenario that failed."""

    status: int
    output: str

    @property
    def said(self):
        """The lines about the failure itself, without what explains it."""
        failures = re.search(r"(?s)=+ FAILURES =+\n(.*?)\n=+ ", self.output)
        body = failures[1] if failures else ""
        return [line for line in re.split(r"\n-{3,} ", body)[0].splitlines() if not line.startswith("____")]

    @property
    def unverified(self):
        """The reason of what was not verified."""
        found = re.search(r"=+ unverified =+\n+(.*)", self.output)
        return found[1] if found else ""


@pytest.fixture
def run(tmp_path, apis, accounts, clouds_yaml, entry):
    """Runs a feature of these steps on the cloud of the doubles: `run(steps, hosts=[...])`; keywords are settings."""

    def ran(steps, *options, cloud="double", password=None, auth_url=None, entries=None, **settings):
        feature = tmp_path / "some.feature"
        feature.write_text(f"Feature: F\n\n  Scenario: S\n{steps}")
        patience = {"accounts": 2, "api": 2, "lease": 1, "host": 2, "boot": 2}
        stocktake = {"patience": patience, **settings}
        more = {"password": password} if password else {}
        described = entry(auth_url or f"{apis.url}/identity/v3", stocktake=stocktake, **more)
        clouds_yaml({"double": described} if entries is None else entries)
        arguments = (*PLUGINS, feature.name, f"--cloud={cloud}", *options)
        ended = run_pytest(*arguments, folder=tmp_path, environment=os.environ)
        found = Run(ended.returncode, ended.stdout + ended.stderr)
        assert_that(found.output, is_not(contains_string("Traceback")))
        assert_that(found.output, is_not(matches_regexp(r"\.py:\d+: ")))
        return found

    return ran


@pytest.fixture
def hosts(accounts):
    """Two hosts of the cloud, by the names of their compute services."""
    return [accounts.host("cmp-1").service, accounts.host("cmp-2").service]


def step_and(step, pattern):
    """The step, and one line of this form."""
    return contains_exactly(
        matches_regexp(f"^{re.escape(step)} \\(some.feature:[0-9]+\\)$"), matches_regexp(f"^{pattern}$")
    )


class TestTheCloud:
    GIVEN = '    Given host "alpha"\n'

    def test_that_is_not_in_clouds_yaml(self, run):
        ended = run(self.GIVEN, cloud="duoble")
        said = r'no cloud "duoble" in .*clouds\.yaml, which has "double"; did you mean "double"\?'
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert ended.status == 1

    def test_whose_entry_lacks_what_is_needed(self, run, entry, apis):
        lacking = entry(f"{apis.url}/identity/v3")
        del lacking["auth"]["password"]
        ended = run(self.GIVEN, entries={"double": lacking})
        said = r'.*clouds\.yaml: cloud "double": auth: lacks "password".*'
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert ended.status == 1

    def test_that_does_not_know_the_password(self, run):
        ended = run(self.GIVEN, password="wrong-horse-battery")
        said = r'cloud "double" refuses to authenticate: The request .* requires authentication\. .*clouds\.yaml\)'
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert_that(ended.output, is_not(contains_string("wrong-horse-battery")))
        assert ended.status == 1

    def test_whose_keystone_is_down(self, run, closed_port):
        ended = run(self.GIVEN, auth_url=f"http://127.0.0.1:{closed_port}/v3")
        said = (
            r'Keystone of cloud "double" issued no token for [0-9]+ s: '
            r"http://127\.0\.0\.1:[0-9]+/v3 cannot be reached: "
            r"Connection refused \(auth: in .*clouds\.yaml\)"
        )
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert_that(ended.output, is_not(contains_string("WARNING")))
        assert ended.status == 1

    def test_whose_keystone_is_down_before_a_command(self, closed_port, clouds_yaml, entry):
        clouds_yaml({"double": entry(f"http://127.0.0.1:{closed_port}/v3", stocktake={"patience": {"api": 1}})})
        command = [sys.executable, "-c", "from stocktake.support.cli import main; main()", "doctor", "--cloud=double"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        said = r'stocktake: Keystone of cloud "double" issued no token for 1 s: .* refused \(auth: in .*clouds\.yaml\)'
        assert_that(ended.stderr.splitlines(), contains_exactly(matches_regexp(f"^{said}$")))

    def test_whose_nova_is_down(self, run, apis, closed_port):
        apis.catalog["compute"] = f"http://127.0.0.1:{closed_port}/v2.1"
        ended = run(self.GIVEN)
        said = (
            r"the compute API did not answer GET /.* for [0-9]+ s \([0-9]+ attempts\): "
            r"http://127\.0\.0\.1:[0-9]+ cannot be reached: Connection refused"
        )
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert ended.status == 1

    def test_whose_settings_have_a_key_that_nobody_knows(self, run):
        ended = run(self.GIVEN, netwrok="none")
        said = r'.*clouds\.yaml: cloud "double": stocktake: .*"netwrok".*did you mean "network"\?'
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert ended.status == 1

    def test_without_a_usable_image(self, run, hosts, apis, nova):
        apis.answer("GET", "/image/v2/images", apis.say(body={"images": []}))
        nova.accepts("POST", "/flavors", body={"flavor": {}}, status=200)
        accept_flavors(apis, nova)
        ended = run(f'    Given host "alpha"\n{FLAVORS}{BOOTED}', hosts=hosts)
        assert_that(ended.unverified, contains_string('cloud "double" has no active image to boot from; upload one'))
        assert ended.status == 0

    def test_because_the_cloud_has_too_few(self, run, hosts):
        ended = run('    Given hosts "alpha", "beta" and "gamma"\n', hosts=hosts)
        assert ended.status == 0
        said = (
            r'some\.feature::S: the scenario needs 3 hosts and may use 2 \(cmp-1.*, cmp-2.*\); list more as "hosts:" .*'
        )
        assert_that(ended.unverified, matches_regexp(said))

    def test_because_others_hold_them(self, run, hosts, cloud):
        with cloud.leases.acquire(2, hosts, within=0):
            ended = run('    Given host "alpha"\n', hosts=hosts)
        said = r"no 1 host of cmp-1-\w+, cmp-2-\w+ became free within 1 s: cmp-1-\w+, cmp-2-\w+ leased by others"
        assert_that(ended.said, contains_exactly("before its first step", matches_regexp(said)))
        assert ended.status == 1

    def test_because_a_table_names_one_that_plays_no_role(self, run, hosts):
        table = "      | host  | VCPU |\n      | alhpa |    0 |\n"
        ended = run(f'    Given host "alpha"\n    Then the usages have changed by\n{table}', hosts=hosts)
        assert_that(ended.said[1], contains_string("alhpa"))
        assert (len(ended.said), ended.status) == (2, 1)

    def test_because_the_operator_lists_one_that_nova_does_not_have(self, run, apis, nova):
        apis.answer("GET", f"{nova.url}/os-services", apis.say(body={"services": []}))
        apis.answer("GET", f"{nova.url}/os-hypervisors/detail", apis.say(body={"hypervisors": []}))
        ended = run('    Given host "alpha"\n', hosts=["cpm-1"])
        said = r'.*: cloud "double" has no compute host "cpm-1"; correct "hosts:" .*clouds\.yaml'
        assert_that(ended.unverified, matches_regexp(said))
        assert ended.status == 0


def accept_flavors(apis, nova):
    """Agree to the extra specs and the deletion of every flavor, whatever its id."""
    next_answer = apis.next_answer

    def answer(request):
        if re.fullmatch(r".*/flavors/[-0-9a-f]{36}(/os-extra_specs)?", request.path):
            apis.requests.append(request)
            return apis.say(200 if request.method == "POST" else 202, {})
        return next_answer(request)

    apis.next_answer = answer


class TestTables:
    USAGES = '    Given host "alpha"\n    Then the usages have changed by\n'

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            (["| host | VCPUS |", "| alpha | 0 |"], r'.*"VCPUS".*did you mean.* "VCPU".*'),
            (["| VCPU |", "| 0 |"], r'.*lacks? .*"?host"?.*'),
            (["| host | VCPU | VCPU |", "| alpha | 0 | 0 |"], r'.*"VCPU".*(repeated|twice).*'),
            (["| host | VCPU |", "| alpha | two |"], r'.*row 1, column "VCPU": "two" is (not|no) .*number.*'),
            (["| host | MEMORY_MB |", "| alpha | 512 MB |"], r'.*row 1, column "MEMORY_MB": "512 MB".*unit.*'),
            (["| host | CUSTOM_gold |", "| alpha | 0 |"], r'.*"CUSTOM_gold".*'),
            (["| host | MEMORY_BM |", "| alpha | 0 |"], r'.*"MEMORY_BM".*did you mean "MEMORY_MB"\?.*'),
            (["| host | VCPU |", "| alpha | 0 |", "| alpha | 1 |"], r".*row 2.*alpha.*"),
        ],
        ids=["wrong column", "missing column", "repeated column", "no number", "unit", "class", "near class", "row"],
    )
    def test_that_cannot_be_read(self, run, hosts, table, said):
        ended = run(self.USAGES + "".join(f"      {row}\n" for row in table), hosts=hosts)
        assert_that(ended.said, step_and("Then the usages have changed by", said))
        assert ended.status == 1


class TestSteps:
    def test_about_a_server_that_is_not_there_yet(self, run, hosts):
        ended = run('    Given host "alpha"\n    When server "web" is deleted\n', hosts=hosts)
        said = r'server "web" does not exist at this step: the scenario has booted none yet'
        assert_that(ended.said, step_and('When server "web" is deleted', said))
        assert ended.status == 1

    def test_about_a_flavor_that_is_not_there(self, run, hosts):
        ended = run(f'    Given host "alpha"\n{BOOTED}', hosts=hosts)
        step = 'When server "web" is booted with flavor "small" on host "alpha"'
        assert_that(
            ended.said, step_and(step, r'flavor "small" does not exist in this scenario: its flavors are none yet')
        )

    def test_that_stop_a_host_which_refuses(self, run, hosts, nova, apis):
        for host in hosts:
            path = f"{nova.url}/servers/detail?host={host}&all_tenants=1&limit=200"
            apis.answer("GET", path, apis.say(body={"servers": []}))
            service = {"id": f"{host}-service", "host": host, "binary": "nova-compute"}
            apis.answer("PUT", f"{nova.url}/os-services/{host}-service", apis.say(body={"service": service}))
        refusing = {"command": "echo Permission denied for {host}; exit 1", "shell": True}
        control = {"stop_host": refusing, "return_host": "true"}
        ended = run('    Given host "alpha" is down\n', hosts=hosts, allow_disruptive=True, control=control)
        said = r'the command to stop the .* of a host \("cmp-1.*"\) ended with status 1: Permission denied for cmp-1.*'
        assert_that(ended.unverified, matches_regexp(rf"some\.feature::S: {said}; correct .*stop_host.*"))
        assert ended.status == 0

    def test_that_are_refused_and_nobody_speaks_of_it(self, run, hosts, nova, apis):
        nova.accepts("POST", "/flavors", body={"flavor": {}}, status=200)
        accept_flavors(apis, nova)
        nova.refuses("POST", "/servers", 400, "Invalid imageRef provided.")
        apis.answer("GET", f"{nova.url}/servers/detail", apis.say(body={"servers": []}))
        ended = run(f'    Given host "alpha"\n{FLAVORS}{BOOTED}    Then server "web" is gone\n', hosts=hosts)
        said = r"the compute API answered 400 to POST /servers: Invalid imageRef provided..*"
        assert_that(ended.said, step_and('Then server "web" is gone', said))
        assert ended.status == 1

    def test_that_are_refused_at_the_end_without_a_word(self, run, hosts, nova, apis):
        nova.accepts("POST", "/flavors", body={"flavor": {}}, status=200)
        accept_flavors(apis, nova)
        nova.refuses("POST", "/servers", 400, "Invalid imageRef provided.")
        apis.answer("GET", f"{nova.url}/servers/detail", apis.say(body={"servers": []}))
        ended = run(f'    Given host "alpha"\n{FLAVORS}{BOOTED}', hosts=hosts)
        assert_that(ended.said[-1], contains_string("answered 400 to POST /servers: Invalid imageRef provided."))
        assert ended.status == 1

    def test_nothing_is_left_behind(self, run, hosts, tmp_path, accounts):
        before = accounts.traits.all()
        run('    Given host "alpha"\n    When server "web" is deleted\n', hosts=hosts)
        assert list(tmp_path.glob("state/**/*.ndjson")) == []
        assert accounts.traits.all() == before
