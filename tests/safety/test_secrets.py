"""Nothing that a run leaves for people to read holds a password or a token, whatever went wrong."""

import shutil
from pathlib import Path

import killing
import pytest
import sites
import yaml
from secrecy import exposed, secrets_of

HERE = Path(__file__).parent

FAILING = """
Feature: Scenarios that fail

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Scenario: A claim that is wrong
    When server "web" is booted from flavor "small" on host "alpha"
    Then there are no allocations
"""


@pytest.fixture
def secrets() -> list[bytes]:
    return secrets_of(sites.lab_of_tests().clouds_yaml)


def test_no_artefact_holds_a_secret(secrets, tmp_path):
    """Quiet, failing with all details, killed: output, messages, page, JUnit, journals."""
    lab, folder = sites.lab_of_tests(), tmp_path / "artefacts"
    features = [str(shutil.copy(HERE / "quiet.gherkin", tmp_path / "quiet.feature"))]
    (tmp_path / "failing.feature").write_text(FAILING)
    features.append(str(tmp_path / "failing.feature"))
    # A patience that is soon over, as the failing claim waits for it.
    clouds = yaml.safe_load(lab.clouds_yaml.read_text())
    clouds["clouds"]["lab"]["stocktake"]["patience"] = {"accounts": 5}
    impatient = tmp_path / "clouds.yaml"
    impatient.write_text(yaml.safe_dump(clouds))
    reports = (f"--messages={folder}/run.ndjson", f"--living-doc={folder}/page", "-vv", "--showlocals", "-rA")
    done = sites.run(impatient, features, *reports, folder=folder, within=500)
    (folder / "output").write_text(done.output)
    assert done.counts == {"passed": 4, "failure": 1}, done.output
    killing.kill_when_noted("server", lab, features, folder=folder / "killed")
    shutil.copytree(lab.folder / "state" / "journals", folder / "journals")
    assert list((folder / "journals").iterdir())
    swept = sites.sweep(lab.clouds_yaml)
    (folder / "sweep").write_text(swept.stdout + swept.stderr)
    assert exposed(folder, secrets) == []


def test_password_that_is_wrong_or_in_the_wrong_place_is_not_shown(secrets, tmp_path):
    lab = sites.lab_of_tests()
    text = lab.clouds_yaml.read_text()
    password = "a-password-that-is-wrong"
    clouds = yaml.safe_load(text)
    entry = clouds["clouds"]["lab"]
    feature = str(shutil.copy(HERE / "quiet.gherkin", tmp_path / "quiet.feature"))
    folder = tmp_path / "artefacts"
    for case, changed, words in (
        ("wrong", {"password": password}, "refuses to authenticate"),
        ("in the address", {"auth_url": f"http://someone:{password}@127.0.0.1:9/v3"}, "auth_url has a password in it"),
    ):
        path = tmp_path / f"{case}.yaml"
        path.write_text(yaml.safe_dump({"clouds": {"lab": {**entry, "auth": {**entry["auth"], **changed}}}}))
        only = f"{feature}::A booted server is charged"
        done = sites.run(path, [only], "-vv", "--showlocals", folder=folder / case, within=300)
        (folder / case / "output").write_text(done.output)
        assert done.status == 1, done.output
        assert words in done.output
    assert exposed(folder, [*secrets, password.encode()]) == []


def test_a_secret_would_be_found(secrets, tmp_path):
    (tmp_path / "log").write_bytes(b"password: " + secrets[0])
    (tmp_path / "token").write_text("X-Auth-Token: gAAAAABm0123456789012345678901234567890")
    (tmp_path / "clean").write_text("nothing")
    assert {Path(found).name for found in exposed(tmp_path, secrets)} == {"log", "token"}
