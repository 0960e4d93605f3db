import configparser
import json
from dataclasses import replace
from pathlib import Path

import pytest
from stocktake.support.config.target import Target
from stocktake.support.lab.blueprint import LISTENERS, Blueprint, host_names, listening
from stocktake.support.lab.services import configuration, neutron
from stocktake.support.lab.shape import Shape


@pytest.fixture
def plan(tmp_path: Path) -> Blueprint:
    return Blueprint(tmp_path, host_names(2), {name: 5000 + offset for offset, name in enumerate(LISTENERS)})


def read(sections: configuration.Sections) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, default_section="none", strict=False)
    parser.read_string(configuration.render(sections))
    return parser


def test_values_are_written_as_oslo_config_reads_them():
    text = configuration.render({"DEFAULT": {"debug": False, "path": Path("/a$b"), "count": 3}})

    assert text == "[DEFAULT]\ndebug = false\npath = /a$$b\ncount = 3\n"


def test_each_of_several_values_has_a_line_of_its_own():
    text = configuration.render({"pci": {"alias": ('{"name": "a"}', '{"name": "b"}')}})

    assert text == '[pci]\nalias = {"name": "a"}\nalias = {"name": "b"}\n'


@pytest.mark.parametrize("service", ["keystone", "glance", "placement", "nova"])
def test_a_service_keeps_its_database_in_its_own_folder(plan: Blueprint, service: str):
    arguments = [plan, Path("/etc/paste.ini")] if service in {"glance", "nova"} else [plan]

    written = read(getattr(configuration, service)(*arguments))

    section = "placement_database" if service == "placement" else "database"
    assert written[section]["connection"].startswith(f"sqlite:///{plan.folder}/{service}/")


def test_nova_runs_its_periodics_on_demand_only_and_limits_nobody(plan: Blueprint):
    written = read(configuration.nova(plan, Path("/etc/nova/api-paste.ini")))

    assert written["DEFAULT"]["periodic_enable"] == "false"
    assert written["DEFAULT"]["reclaim_instance_interval"] == "0"
    assert written["DEFAULT"]["transport_url"] == "fake:/"
    assert written["quota"]["instances"] == "-1"
    assert written["wsgi"]["api_paste_config"] == "/etc/nova/api-paste.ini"


@pytest.mark.parametrize(("services", "volume"), [((), configuration.BOOTABLE_VOLUME), (("cinder",), None)])
def test_a_lab_with_cinder_names_no_volume_of_the_stand_in(plan: Blueprint, services: tuple[str, ...], volume: str):
    described = configuration.clouds(replace(plan, shape=Shape(services=services)))

    assert described["clouds"]["lab"]["stocktake"].get("volume") == volume


def test_stocktake_reads_the_labs_clouds_yaml(plan: Blueprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(json.dumps(configuration.clouds(plan)))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))

    settings = Target.load("lab").settings

    assert list(settings.hosts or ()) == ["host1", "host2"]
    assert settings.allow_disruptive
    assert settings.control["url"] == "http://127.0.0.1:5004"
    assert settings.volume


def test_what_runs_remember_of_a_lab_goes_with_it(plan: Blueprint):
    settings = configuration.clouds(plan)["clouds"]["lab"]["stocktake"]

    assert Path(settings["state"]).parent == plan.folder


def test_each_cloud_has_its_own_user_and_project(plan: Blueprint):
    clouds = configuration.clouds(plan)["clouds"]

    assert clouds["lab"]["auth"]["password"] == plan.admin_password
    assert clouds["lab-user"]["auth"]["password"] == plan.user_password
    assert clouds["lab"]["auth"]["project_name"] != clouds["lab-user"]["auth"]["project_name"]
    assert "stocktake" not in clouds["lab-user"]


def test_a_lab_with_neutron_names_its_physical_network_and_logs_nova_in(tmp_path: Path):
    shape = Shape(services=("neutron",))
    ports = {name: 5000 + offset for offset, name in enumerate(listening(shape))}
    plan = Blueprint(tmp_path, host_names(1), ports, shape)

    settings = configuration.clouds(plan)["clouds"]["lab"]["stocktake"]
    assert settings["physical_network"] == configuration.PHYSICAL_NETWORK
    assert configuration.nova(plan, Path("/paste.ini"))["neutron"]["username"] == "nova"
    written = read(neutron.sections(plan, Path("/paste.ini")))
    assert written["ml2_type_vlan"]["network_vlan_ranges"].startswith(f"{settings['physical_network']}:")
    assert written["quotas"]["quota_port"] == "-1"


def test_a_plain_lab_has_no_physical_network(plan: Blueprint):
    assert "physical_network" not in configuration.clouds(plan)["clouds"]["lab"]["stocktake"]
    assert "neutron" not in configuration.nova(plan, Path("/paste.ini"))
