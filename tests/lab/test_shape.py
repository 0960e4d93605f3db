import configparser
import json
import re
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab import command
from stocktake.support.lab.blueprint import LISTENERS, Blueprint, host_names
from stocktake.support.lab.services import configuration
from stocktake.support.lab.shape import DEFAULT_DRIVER, Shape

PORTS = {name: 5000 + offset for offset, name in enumerate(LISTENERS)}


def test_a_shape_survives_the_way_to_the_supervisor():
    shape = Shape(
        options={"nova": {"DEFAULT": {"reclaim_instance_interval": 3600}}},
        policies={"nova": {"os_compute_api:os-aggregates:index": "!"}},
        driver="RoomyDriver",
        cells=(2, 1),
        services=("neutron", "cyborg"),
    )

    assert Shape.read(shape.as_json()) == shape


def test_a_plain_lab_has_the_usual_driver_and_the_default_rules():
    plain = Shape()

    assert (plain.driver, plain.policy("nova"), plain.cell_of(3)) == (DEFAULT_DRIVER, "", 1)


def test_options_replace_the_labs_own_and_no_others(tmp_path: Path):
    shape = Shape(options={"nova": {"quota": {"instances": 10}, "consoleauth": {"token_ttl": 1}}})
    plan = Blueprint(tmp_path, host_names(1), PORTS, shape)
    usual = configuration.nova(plan, Path("/etc/nova/api-paste.ini"))

    changed = configparser.ConfigParser(interpolation=None, default_section="none", strict=False)
    changed.read_string(configuration.render(plan.shape.merged("nova", usual)))

    assert (changed["quota"]["instances"], changed["quota"]["cores"]) == ("10", "-1")
    assert changed["consoleauth"]["token_ttl"] == "1"
    assert changed["DEFAULT"]["host"] == usual["DEFAULT"]["host"]


def test_rules_become_a_policy_file_of_their_service_only():
    shape = Shape(policies={"placement": {"placement:traits:update": "!"}})

    assert json.loads(shape.policy("placement")) == {"placement:traits:update": "!"}
    assert shape.policy("nova") == ""


def test_hosts_fill_the_cells_in_order():
    shape = Shape(cells=(2, 2))

    assert [shape.cell_of(number) for number in (1, 2, 3, 4)] == [1, 1, 2, 2]
    assert shape.cell_of(5) == 1, "a host beyond the initial ones"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "is not a mapping with some of the keys options, policies, driver, cells"),
        ({"hosts": 2}, "is not a mapping with some of the keys"),
        ({"cells": [2, 0]}, "cells is not a list of numbers of hosts"),
        ({"options": {"ironic": {}}}, "options is not a mapping with some of the services keystone, glance"),
        ({"services": "neutron"}, "services is not a list of services, such as [neutron]"),
        ({"services": ["ironic"]}, "services: a lab has no service 'ironic'; choose from neutron, cinder, cyborg"),
        ({"policies": {"nova": "admin"}}, "policies: nova is not a mapping"),
    ],
)
def test_what_is_no_shape_is_refused_in_a_sentence(values, sentence):
    with pytest.raises(LabError, match=re.escape(sentence)):
        Shape.of(values, "--shape=x.yaml")


def test_a_file_of_the_operators_own_is_read(tmp_path: Path):
    path = tmp_path / "cells.yaml"
    path.write_text("cells: [2, 1]\noptions: {nova: {quota: {cores: 20}}}\n")

    assert command._shape(path, None) == Shape(options={"nova": {"quota": {"cores": 20}}}, cells=(2, 1))


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(LabError, match=r"none\.yaml cannot be read: No such file or directory$"):
        command._shape(tmp_path / "none.yaml", None)


def test_hosts_of_another_driver_join_a_shape_that_names_none(tmp_path: Path):
    path = tmp_path / "cells.yaml"
    path.write_text("cells: [2, 1]\n")

    assert command._shape(None, None) is None
    assert command._shape(None, "libvirt:vgpus") == Shape(driver="libvirt:vgpus")
    assert command._shape(path, "libvirt") == Shape(driver="libvirt", cells=(2, 1))


def test_services_join_those_of_a_shape(tmp_path: Path):
    path = tmp_path / "cells.yaml"
    path.write_text("driver: RoomyDriver\nservices: [cyborg]\n")

    assert command._shape(path, "neutron") == Shape(driver="RoomyDriver", services=("neutron", "cyborg"))


def test_two_different_drivers_are_a_contradiction(tmp_path: Path):
    path = tmp_path / "roomy.yaml"
    path.write_text("driver: RoomyDriver\n")

    with pytest.raises(LabError, match=r"--with=libvirt contradicts .*roomy\.yaml, whose driver is RoomyDriver"):
        command._shape(path, "libvirt")
