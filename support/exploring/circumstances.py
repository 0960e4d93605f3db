"""What is special about the cloud of a history: one thing each, so that a finding has one cause.

Each is said by steps of the vocabulary. What a cloud does not offer is left out once a history has shown it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stocktake.support.exploring.world import ACCELERATED, HOSTS, PORT, TRAIT, TRAIT_HOST, ZONE_HOST
from stocktake.support.gherkin.mentions import Said

GROUP, ZONE = "apart", "north"
PORT_NAME, PROFILE = "gold", ACCELERATED.extra_specs["accel:device_profile"]
SPECIAL = "beta"
"""The host that behaves specially, where one does."""

TWO, THREE = HOSTS[:2], HOSTS


@dataclass(frozen=True)
class Circumstance:
    """One thing that is special about a cloud.

    `hosts` are the choices of hosts; `behaviour` is what `SPECIAL`, which the lab adds, does, and `said` what else is
    said before flavors. `alike` tells whether hosts may change their names, `tags` are those of its scenarios, and
    `weight` is how often it is tried, relative to others.
    """

    name: str
    hosts: tuple[tuple[str, ...], ...] = (TWO,)
    behaviour: str | None = None
    said: tuple[Said, ...] = ()
    alike: bool = False
    tags: tuple[str, ...] = ()
    weight: int = 1

    def leased(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of these hosts that are leased: the lab adds the special one."""
        return tuple(host for host in hosts if not (self.behaviour and host == SPECIAL))

    def introduce(self, hosts: tuple[str, ...]) -> list[Said]:
        """Return the steps that make hosts and what is special."""
        quoted = [f'"{host}"' for host in self.leased(hosts)]
        noun = "hosts" if len(quoted) > 1 else "host"
        listed = f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
        special = [Said("given", f'a host "{SPECIAL}" that {self.behaviour}')] if self.behaviour else []
        return [Said("given", f"{noun} {listed}"), *special, *self.said]


def _with_host(name: str, behaviour: str) -> Circumstance:
    return Circumstance(name, behaviour=behaviour, tags=("lab",))


_ALL = (
    Circumstance("plain", hosts=(TWO, THREE), alike=True, weight=5),
    Circumstance("soft delete", said=(Said("given", "soft delete is enabled"),), alike=True, tags=("whole-cloud",)),
    Circumstance(
        "no automatic offload",
        said=(Said("given", "shelved servers are not offloaded automatically"),),
        alike=True,
        tags=("whole-cloud",),
    ),
    Circumstance(
        "server group",
        said=(Said("given", f'server group "{GROUP}" with policy anti-affinity'),),
        alike=True,
    ),
    Circumstance("zone", said=(Said("given", f'zone "{ZONE}" contains only host "{ZONE_HOST}"'),), tags=("lab",)),
    Circumstance("trait", said=(Said("given", f'trait {TRAIT} has been added to host "{TRAIT_HOST}"'),)),
    _with_host("host to retire", "behaves normally"),
    _with_host("slow live migrations", "live migrates slowly"),
    _with_host("failing live migrations", "fails to prepare for live migration"),
    _with_host("failing resizes", "fails to finish resizes"),
    _with_host("failing builds", "aborts builds"),
    Circumstance(
        "port",
        said=(Said("given", "these ports", (("port", *PORT), (PORT_NAME, *(str(PORT[name]) for name in PORT)))),),
        alike=True,
        weight=2,
    ),
    Circumstance("device", said=(Said("given", f'device profile "{PROFILE}" of 1 FPGA'),), alike=True, weight=2),
)

CIRCUMSTANCES: Mapping[str, Circumstance] = MappingProxyType({each.name: each for each in _ALL})
"""By their names."""
