"""The words that ask for optional services, and what is said when they cannot be had."""

import argparse
import re

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab import client, optional
from stocktake.support.lab.releases import era_of
from stocktake.support.lab.shape import Shape


@pytest.mark.parametrize(
    ("words", "driver", "services"),
    [
        ("neutron", None, ("neutron",)),
        ("cyborg, neutron,neutron", None, ("neutron", "cyborg")),
        ("libvirt:numa,cinder", "libvirt:numa", ("cinder",)),
        ("libvirt", "libvirt", ()),
    ],
)
def test_words_ask_for_a_driver_and_services(words, driver, services):
    assert optional.parts(optional.argument(words)) == (driver, services)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ironic", "'ironic' is not libvirt, libvirt:PROFILE or one of neutron, cinder, cyborg"),
        ("neutron,", "'' is not libvirt"),
        ("libvirt,libvirt:numa", "libvirt and libvirt:numa are two drivers"),
        ("neutron,libvirt:gold", "there is no profile 'gold'"),
    ],
)
def test_other_words_are_refused_in_a_sentence(words, sentence):
    with pytest.raises(argparse.ArgumentTypeError, match=re.escape(sentence)):
        optional.argument(words)


@pytest.fixture
def nothing_begins(monkeypatch):
    def begin(*_arguments):
        raise AssertionError("the lab must not be started")

    monkeypatch.setattr(client, "_supervisor", begin)


def test_a_service_that_is_not_installed_is_said_with_the_extra_that_installs_it(monkeypatch, nothing_begins):
    monkeypatch.setattr(optional, "not_installed", lambda _names: ["neutron"])

    with pytest.raises(LabError, match=r"neutron cannot be in the lab.*pip install .*'stocktake\[lab,lab-services\]'"):
        client.start(shape=Shape(services=("neutron",)))


def test_an_installed_release_without_such_services_is_named(monkeypatch, nothing_begins):
    monkeypatch.setattr(optional, "not_installed", lambda _names: [])
    monkeypatch.setattr(client.releases, "installed", lambda: era_of(33))

    with pytest.raises(LabError, match=r"a lab of the installed Nova .* cannot have neutron and cinder; leave"):
        client.start(shape=Shape(services=("neutron", "cinder")))


def test_what_is_installed_is_found_by_its_module():
    assert optional.not_installed(["keystone_of_nobody"]) == ["keystone_of_nobody"]
