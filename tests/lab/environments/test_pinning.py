"""How uv is asked for the packages of a release."""

import datetime
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab.environments import pinning

SERVICES = ["nova==31.3.1", "keystone==27.1.0", "glance==30.2.0", "openstack-placement==13.0.1"]
TODAY = datetime.date(2026, 11, 29)


def command(*arguments: str) -> list[str]:
    return pinning.command(pinning._parser().parse_args(["2025.1", "--day=2025-05-01", *arguments]), "uv", TODAY)


def test_packages_are_as_old_as_the_release_except_for_its_services():
    words = command("--python=3.11", *SERVICES)

    assert words[:4] == ["uv", "pip", "compile", "-"]
    assert {"--exclude-newer=2025-05-01", "--python-version=3.11"} <= set(words)
    assert [word for word in words if "newer-package" in word] == [
        f"--exclude-newer-package={name}=2026-11-29" for name in pinning.SERVICES
    ]


def test_compiled_packages_may_be_as_young_as_the_python():
    words = command("--compiled=2026-01-01", *SERVICES)

    assert "--exclude-newer-package=greenlet=2026-01-01" in words
    assert "--exclude-newer-package=nova=2026-11-29" in words


def test_a_service_without_a_version():
    with pytest.raises(LabError, match=r"no version of glance, openstack-placement is given; write it as nova==31.3.1"):
        command(*SERVICES[:2])


def test_a_day_that_is_none(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        pinning._parser().parse_args(["2025.1", "--day=May", *SERVICES])
    assert "'May' is not a day such as 2025-05-01" in capsys.readouterr().err


def test_without_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PATH", "")

    assert pinning.main(["2025.1", "--day=2025-05-01", *SERVICES], tmp_path) == 2
    assert "uv is not on the PATH; install it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
