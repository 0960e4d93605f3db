"""The shapes that real clouds have, each in a few lines: options, cells, drivers, what is furnished, clouds.yaml.

A shape changes one thing of a plain lab, so that a verdict that only it provokes has one cause. Names joined by `+`
give a cloud with all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import furnishing
from sites import Site
from stocktake.support.lab.optional import in_order
from stocktake.support.lab.shape import Shape

NOVA_QUOTAS = {
    "instances": 10,
    "cores": 20,
    "ram": 51200,
    "metadata_items": 128,
    "injected_files": 5,
    "key_pairs": 100,
    "server_groups": 10,
}
"""Nova's defaults (Nova, configuration reference, group `quota`)."""
DEAD_PROXY = "http://127.0.0.1:9"
HOSTS, SPARE = 4, 2
"""A cloud has so many hosts that Stocktake may use, and so many more that are only its users'."""
HOUR, DAY = 3600, 86400


@dataclass(frozen=True)
class CloudShape:
    """How a cloud differs from a plain lab; what is left out is as on a cloud whose operator allows everything.

    nova         options by group
    policies     rules by service
    driver       virt driver of all hosts; None is the usual one
    cells        hosts in each cell, the spare ones included; `hosts` numbers those that Stocktake may use
    services     optional services that it has
    furnish      what is made over the APIs before anybody else comes; may return settings that name what was made
    settings     under `stocktake:`; None takes a setting out
    extra_specs  of the flavor of the neighbours
    reader       whether Stocktake's user has only the role of a reader
    environment  variables of the processes of Stocktake
    controlled   whether the operator has commands to stop and return hosts
    samples      features of this shape only, beside this file
    targeted     whether a server can be booted on a named host: not where the disks are in another tree than the host
    """

    nova: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    driver: str | None = None
    cells: tuple[int, ...] = ()
    hosts: tuple[int, ...] = tuple(range(1, HOSTS + 1))
    services: tuple[str, ...] = ()
    furnish: tuple[Callable[[Site], Mapping[str, Any] | None], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    extra_specs: Mapping[str, str] = field(default_factory=dict)
    reader: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    controlled: bool = True
    samples: tuple[str, ...] = ()
    targeted: bool = True

    @property
    def lab(self) -> Shape:
        """What of it the lab itself must have."""
        given = {"driver": self.driver} if self.driver else {}
        return Shape(
            options={"nova": self.nova}, policies=self.policies, cells=self.cells, services=self.services, **given
        )

    def __add__(self, other: "CloudShape") -> "CloudShape":
        """A cloud that has both."""
        return CloudShape(
            nova={
                group: {**self.nova.get(group, {}), **other.nova.get(group, {})}
                for group in {**self.nova, **other.nova}
            },
            policies={**self.policies, **other.policies},
            driver=other.driver or self.driver,
            cells=other.cells or self.cells,
            hosts=other.hosts if other.cells else self.hosts,
            services=in_order([*self.services, *other.services]),
            furnish=self.furnish + other.furnish,
            settings={**self.settings, **other.settings},
            extra_specs={**self.extra_specs, **other.extra_specs},
            reader=self.reader or other.reader,
            environment={**self.environment, **other.environment},
            controlled=self.controlled and other.controlled,
            samples=self.samples + other.samples,
            targeted=self.targeted and other.targeted,
        )


SHAPES: Mapping[str, CloudShape] = {
    "plain": CloudShape(),
    "quotas": CloudShape(nova={"quota": NOVA_QUOTAS}),
    "same-host": CloudShape(nova={"DEFAULT": {"allow_resize_to_same_host": True}}),
    "soft-delete": CloudShape(nova={"DEFAULT": {"reclaim_instance_interval": HOUR}}),
    "policies": CloudShape(policies=furnishing.LIMITED_ADMINISTRATOR),
    "reader": CloudShape(reader=True),
    "proxy": CloudShape(environment={"http_proxy": DEAD_PROXY, "https_proxy": DEAD_PROXY}),
    "others": CloudShape(furnish=(furnishing.other_services,)),
    "zones": CloudShape(furnish=(furnishing.two_zones,)),
    "aggregates": CloudShape(
        nova={"scheduler": {"enable_isolated_aggregate_filtering": True}}, furnish=(furnishing.isolated_pair,)
    ),
    "refresh": CloudShape(nova={"compute": {"resource_provider_association_refresh": 300}}),
    "crowded": CloudShape(furnish=(furnishing.crowd,), extra_specs={f"trait:{furnishing.CROWD}": "required"}),
    "periodic": CloudShape(
        nova={"DEFAULT": {"periodic_enable": True}}, settings={"periodic_interval": 60}, controlled=False
    ),
    "cells": CloudShape(cells=(3, 3), hosts=(1, 2, 4, 5)),
    "declared-cells": CloudShape(
        cells=(3, 3), hosts=(1, 2, 4, 5), settings={"host_groups": [["host1", "host2"], ["host4", "host5"]]}
    ),
    "sharing": CloudShape(driver="SharedStorageDriver", furnish=(furnishing.sharing_provider,), targeted=False),
    "pcpu": CloudShape(
        driver="UndividedPinnedDriver", extra_specs={"hw:cpu_policy": "dedicated"}, samples=("pinned.gherkin",)
    ),
    "ports": CloudShape(services=("neutron", "cinder"), furnish=(furnishing.shared_network,)),
    "bare": CloudShape(settings={"allow_disruptive": None, "hosts": None, "control": None}, controlled=False),
}
COMPOSED: Mapping[str, tuple[str, ...]] = {
    "combined": ("refresh", "periodic", "quotas", "crowded"),
    "ordinary": ("quotas", "same-host", "proxy", "others"),
}


def shape(name: str) -> CloudShape:
    """The shape of a name, or of several joined by `+`. Raises KeyError for a name that is none."""
    names = [part for given in name.split("+") for part in COMPOSED.get(given, (given,))]
    return reduce(CloudShape.__add__, (SHAPES[part] for part in names))
