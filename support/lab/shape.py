"""How a lab differs from the usual one, so that it resembles a particular cloud: a deployment's options, not a test's.

A plain lab has the default shape. Others are given as JSON, as data rather than as code, because the supervisor is a
process of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from stocktake.support.errors import LabError
from stocktake.support.lab.optional import OPTIONAL, in_order, parts

Value = str | int | float | bool
Options = Mapping[str, Mapping[str, Value]]

DEFAULT_DRIVER = "LabDriver"
SERVICES = ("keystone", "glance", "placement", "nova")
"""The services that every lab has."""

CONFIGURED = (*SERVICES, *OPTIONAL)


@dataclass(frozen=True)
class Shape:
    """What a lab has instead of the defaults.

    options   by service (`keystone`, `glance`, `placement`, `nova`, …), group and name; they replace the lab's own
    policies  rules of oslo.policy by service: name and check string
    driver    the virt driver of the initial hosts: a class of fake driver, or libvirt, or libvirt:PROFILE
    cells     the number of initial hosts in each cell of Nova, in order; empty: all are in one
    services  the optional services that it has: some of `OPTIONAL`, in its order
    """

    options: Mapping[str, Options] = field(default_factory=dict)
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    driver: str = DEFAULT_DRIVER
    cells: tuple[int, ...] = ()
    services: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Shape":
        """Read what `as_json` has written."""
        return cls.of(json.loads(text), "the lab's shape")

    @classmethod
    def of(cls, values: Any, where: str) -> "Shape":
        """Read a shape from data; `where` begins a message. Raises LabError for what is not a shape."""
        names = [one.name for one in fields(cls)]
        if not isinstance(values, dict) or not set(values) <= set(names):
            raise LabError(f"{where} is not a mapping with some of the keys {', '.join(names)}")
        cells = values.get("cells", [])
        if not isinstance(cells, list) or not all(type(hosts) is int and hosts > 0 for hosts in cells):
            raise LabError(f"{where}: cells is not a list of numbers of hosts, such as [2, 2]")
        for key in ("options", "policies"):
            _check_services(values.get(key, {}), f"{where}: {key}")
        services = values.get("services", [])
        if not isinstance(services, list):
            raise LabError(f"{where}: services is not a list of services, such as [neutron]")
        try:
            return cls(**{**values, "cells": tuple(cells), "services": in_order(services)})
        except ValueError as error:
            raise LabError(f"{where}: services: {error}") from error

    def having(self, additions: str) -> "Shape":
        """Return this shape with what the words of `--with` ask for; see `optional.parts`."""
        driver, services = parts(additions)
        return replace(self, driver=driver or self.driver, services=in_order([*self.services, *services]))

    def as_json(self) -> str:
        """The shape as JSON."""
        return json.dumps(asdict(self))

    def merged(self, service: str, sections: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """The sections of a service's configuration with this shape's options in place of the lab's."""
        own = self.options.get(service, {})
        return {group: {**sections.get(group, {}), **own.get(group, {})} for group in {**sections, **own}}

    def policy(self, service: str) -> str:
        """The content of a service's policy file: empty where its default rules apply."""
        rules = self.policies.get(service)
        return json.dumps(rules, indent=2) if rules else ""  # JSON is YAML

    def cell_of(self, number: int) -> int:
        """The number of the cell of the initial host with that number; both count from 1."""
        last = 0
        for cell, hosts in enumerate(self.cells, start=1):
            last += hosts
            if number <= last:
                return cell
        return 1


def _check_services(values: Any, where: str) -> None:
    if not isinstance(values, dict) or not set(values) <= set(CONFIGURED):
        raise LabError(f"{where} is not a mapping with some of the services {', '.join(CONFIGURED)}")
    for service, inner in values.items():
        if not isinstance(inner, dict):
            raise LabError(f"{where}: {service} is not a mapping")
