"""README's examples for a nightly audit: units of systemd, rules of Prometheus, a CronJob, a list of known findings."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from stocktake.support.cli import _parser
from stocktake.support.inspection.auditing import known
from stocktake.support.inspection.auditing.openmetrics import render

README = (Path(__file__).parents[3] / "README.md").read_text()
SECTION = README.partition("\n## Nightly audits\n")[2].partition("\n## ")[0]
SERVICE, TIMER = re.findall(r"```ini\n(.*?)```", SECTION, flags=re.DOTALL)
LISTED, RULES, CRON_JOB = re.findall(r"```yaml\n(.*?)```", SECTION, flags=re.DOTALL)


def strict(**properties):
    """The schema of an object with these members, of which those that begin with "_" may be missing, and no others."""
    required = [name for name in properties if not name.startswith("_")]
    known_names = {name.lstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "required": required, "properties": known_names, "additionalProperties": False}


TEXT, NUMBER = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
LIST = {"type": "array", "items": TEXT, "minItems": 1}
CONTAINER = strict(
    name=NAME,
    image=TEXT,
    _command=LIST,
    _env={"type": "array", "items": strict(name=TEXT, value={"type": "string"})},
    _resources=strict(_limits={"type": "object"}, _requests={"type": "object"}),
    _volumeMounts={"type": "array", "items": strict(name=NAME, mountPath=TEXT, _readOnly={"type": "boolean"})},
)
VOLUME = strict(name=NAME, _secret=strict(secretName=NAME), _configMap=strict(name=NAME))
POD = strict(
    restartPolicy={"enum": ["Never", "OnFailure"]},  # the third is not allowed in jobs
    containers={"type": "array", "items": CONTAINER, "minItems": 1},
    _volumes={"type": "array", "items": VOLUME},
)
JOB = strict(template=strict(spec=POD), _backoffLimit=NUMBER, _activeDeadlineSeconds=NUMBER)
CRON = strict(
    apiVersion={"const": "batch/v1"},
    kind={"const": "CronJob"},
    metadata=strict(name=NAME),
    spec=strict(
        schedule={"type": "string", "pattern": r"^([0-9*/,-]+ ){4}[0-9*/,-]+$"},
        jobTemplate=strict(spec=JOB),
        _concurrencyPolicy={"enum": ["Allow", "Forbid", "Replace"]},
    ),
)
"""What Kubernetes' API reference (batch/v1) requires of a CronJob, and the members that the example uses."""


def unit(text):
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes="#", delimiters="=")
    parser.optionxform = str
    parser.read_string(text)
    return parser


def options(words):
    """Parse a command of README as `stocktake` does."""
    assert Path(words[0]).name == "stocktake"
    return _parser(words[1:]).parse_args(words[1:])


def test_units_have_what_a_nightly_job_needs():
    service, timer = unit(SERVICE), unit(TIMER)
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["SuccessExitStatus"] == "1"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    chosen = options(shlex.split(service["Service"]["ExecStart"]))
    assert (chosen.format, chosen.output.suffix) == ("openmetrics", ".prom")


def test_systemd_accepts_the_units(tmp_path):
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not installed; the test above has read the units")
    service = tmp_path / "stocktake-audit.service"
    service.write_text(SERVICE.replace("/opt/stocktake/bin/stocktake", sys.executable))
    (tmp_path / "stocktake-audit.timer").write_text(TIMER)
    for path in sorted(tmp_path.iterdir()):
        done = subprocess.run([verify, "verify", "--man=no", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    service.write_text(service.read_text().replace("Type=oneshot", "Typo=oneshot"))
    refused = subprocess.run([verify, "verify", "--man=no", service], capture_output=True, text=True, check=False)
    assert "Typo" in refused.stderr


def test_cron_job_is_one():
    job = yaml.safe_load(CRON_JOB)
    jsonschema.validate(job, CRON)
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    chosen = options(container["command"])
    mounted = [Path(mount["mountPath"]) for mount in container["volumeMounts"]]
    assert {chosen.ignore.parent, Path(container["env"][0]["value"]).parent} == set(mounted)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("batch/v1", "batch/v1beta1"), ("Never", "Always"), ("schedule:", "shedule:"), ("30 2 * * *", "nightly")],
)
def test_cron_job_with_a_mistake_is_none(right, wrong):
    assert not jsonschema.Draft202012Validator(CRON).is_valid(yaml.safe_load(CRON_JOB.replace(right, wrong)))


def test_alerts_are_about_metrics_that_exist(report):
    (group,) = yaml.safe_load(RULES)["groups"]
    metrics = set(re.findall(r"# TYPE (\S+)", render(report())))
    for rule in group["rules"]:
        used = set(re.findall(r"stocktake_\w+", rule["expr"]))
        assert used
        assert used <= metrics


def test_known_findings_can_be_read(tmp_path):
    path = tmp_path / "known.yaml"
    path.write_text(LISTED)
    assert [set(entry.subject) for entry in known.read(path)] == [{"rule", "consumer"}, {"host"}]


def test_options_of_the_table_exist():
    table = re.findall(r"^\| `(--[^`]+)` ", SECTION, flags=re.MULTILINE)
    assert len(table) == 8
    for option in table:
        value = {"--only=RULE": "--only=other-host", "--jobs=N": "--jobs=2"}.get(option, option)
        options(["stocktake", "audit", value])
