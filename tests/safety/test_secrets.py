"""Nothing that a run leaves for people to read holds a password or a token, whatever went wrong.

What a run on a lab leaves is looked at where it is made: in test_gateway.py, and in test_kill.py when it is killed.
"""

from pathlib import Path

import pytest
import sites
import yaml
from secrecy import exposed, secrets_of

LAB = {
    "clouds": {"lab": {"auth": {"password": "one"}, "stocktake": {"control": {"token": "two"}, "password": "three"}}}
}


@pytest.fixture
def secrets(tmp_path: Path) -> list[bytes]:
    described = tmp_path / "described.yaml"
    described.write_text(yaml.safe_dump(LAB))
    return secrets_of(described)


@pytest.mark.process
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "a-password-that-is-wrong"}, "refuses to authenticate"),
        ({"auth_url": "http://someone:a-password-that-is-wrong@127.0.0.1:9/v3"}, "auth_url contains a password"),
    ],
    ids=["wrong", "in the address"],
)
def test_password_that_is_wrong_or_in_the_wrong_place_is_not_shown(apis, entry, features, tmp_path, changed, words):
    described = entry(f"{apis.url}/identity/v3")
    described["auth"] |= changed
    clouds_yaml = tmp_path / "clouds.yaml"
    clouds_yaml.write_text(yaml.safe_dump({"clouds": {"double": described}}))
    only = f"{features('quiet')[0]}::A booted server is charged"
    options = ("--cloud=double", "-vv", "--showlocals")
    done = sites.run(clouds_yaml, [only], *options, folder=tmp_path / "artefacts", within=300)
    assert done.status == 1, done.output
    assert words in done.output
    assert exposed(tmp_path / "artefacts", [b"a-password-that-is-wrong", described["auth"]["password"].encode()]) == []


def test_every_secret_of_a_lab_is_known(secrets):
    assert set(secrets) == {b"one", b"two", b"three"}


def test_a_secret_would_be_found(tmp_path):
    folder = tmp_path / "artefacts"
    folder.mkdir()
    (folder / "log").write_bytes(b"password: a-secret")
    (folder / "token").write_text("X-Auth-Token: gAAAAABm0123456789012345678901234567890")
    (folder / "clean").write_text("nothing")
    assert {Path(found).name for found in exposed(folder, [b"a-secret"])} == {"log", "token"}
