"""What a port guarantees, and what it asks Placement for: bandwidth and packet rate, on providers of Neutron."""

import re
from collections.abc import Mapping
from typing import Any

from stocktake.support.accounting.resources import Resources

EGRESS, INGRESS = "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC"
PACKET_RATE = "NET_PACKET_RATE_KILOPACKET_PER_SEC"

GUARANTEED = (EGRESS, INGRESS, PACKET_RATE)
"""The classes that a port of a scenario may guarantee."""

OF_PORTS = frozenset({*GUARANTEED, "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC", "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC"})
"""The classes that servers hold for their ports and for nothing else (os-resource-classes)."""

_PROVIDER = re.compile(r"[^:]+:(?P<agent>[A-Z][A-Za-z -]* agent)(?::(?P<device>.+))?")


def requested(resource_request: Mapping[str, Any] | None) -> Resources:
    """Add up what a port's `resource_request` asks for, in all its groups; nothing where there is none.

    Before extension `port-resource-request-groups` it is one group.

    >>> requested({"request_groups": [{"resources": {"NET_BW_EGR_KILOBIT_PER_SEC": 5}}, {"resources": {}}]})
    Resources(NET_BW_EGR_KILOBIT_PER_SEC=5)
    """
    groups = (resource_request or {}).get("request_groups", [resource_request] if resource_request else [])
    return Resources.total(Resources.from_json(group.get("resources") or {}) for group in groups)


def short_name(provider: str) -> str | None:
    """Return what features call a resource provider of Neutron below its host: its device, or its agent.

    None for a provider that Neutron has not named (`placement.utils` of neutron-lib: HOST:AGENT TYPE[:DEVICE]).

    >>> short_name("host1:Open vSwitch agent:br-physnet0"), short_name("host1:Open vSwitch agent")
    ('br-physnet0', 'open-vswitch-agent')
    """
    found = _PROVIDER.fullmatch(provider)
    if found is None:
        return None
    return found["device"] or found["agent"].lower().replace(" ", "-")
