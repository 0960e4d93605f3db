"""One registry of kinds, for the undo stack of a running scenario and for the sweep after an interrupted one."""

from collections.abc import Mapping

from stocktake.support.ownership.kinds.device_profiles import DEVICE_PROFILE
from stocktake.support.ownership.kinds.hosts import AGGREGATE, DISABLED_SERVICE, LAB_HOST, STOPPED_HOST
from stocktake.support.ownership.kinds.identities import PROJECT, USER
from stocktake.support.ownership.kinds.images_and_flavors import FLAVOR, IMAGE, SERVER_GROUP
from stocktake.support.ownership.kinds.kind import Kind
from stocktake.support.ownership.kinds.nested_providers import DETACHED_PROVIDER, NESTED_PROVIDER
from stocktake.support.ownership.kinds.networks import NETWORK, PORT, PORT_POLICY, QOS_POLICY
from stocktake.support.ownership.kinds.options import HELD_TOPIC, OPTION, PLACEMENT_FAULT
from stocktake.support.ownership.kinds.placement import INVENTORY, PROVIDER, PROVIDER_TRAIT, RESOURCE_CLASS, TRAIT
from stocktake.support.ownership.kinds.servers import ALLOCATION, SERVER
from stocktake.support.ownership.kinds.volume_types import VOLUME_TYPE
from stocktake.support.ownership.kinds.volumes import VOLUME

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        OPTION,
        PLACEMENT_FAULT,
        HELD_TOPIC,
        STOPPED_HOST,
        DISABLED_SERVICE,
        SERVER,
        ALLOCATION,
        PORT_POLICY,
        PORT,
        NETWORK,
        QOS_POLICY,
        VOLUME,
        VOLUME_TYPE,
        IMAGE,
        FLAVOR,
        DEVICE_PROFILE,
        SERVER_GROUP,
        INVENTORY,
        PROVIDER_TRAIT,
        NESTED_PROVIDER,
        LAB_HOST,
        PROVIDER,
        AGGREGATE,
        TRAIT,
        RESOURCE_CLASS,
        USER,
        PROJECT,
        DETACHED_PROVIDER,
    )
}
"""Every kind by its name, in the order in which a sweep undoes them: hosts are brought back before servers on them are
deleted, and users of a thing are removed before it. A running scenario undoes the latest first, whatever its kind."""
