"""What a scenario may need of a cloud: the names that its tags, and the phrases of its steps, use for it."""

from collections.abc import Collection

LAB = "lab"
"""The tag of scenarios that need the embedded lab, and the capability that it names."""

VERSION_TAGS = {"microversion-": "compute", "placement-": "placement"}
"""The tags that name a microversion, and the service it is one of."""

MOVES = "moves"
"""Servers move between the hosts that the scenario names."""

LIVE_MOVES = "live_moves"
"""Servers are live migrated between them, which also depends on hypervisor versions and CPUs."""

OWN_ZONES = "own_zones"
"""Hosts can be put in availability zones of their own, as they are in none."""

USERS = "users"
"""There are users without the admin role, in projects of their own."""

SAME_HOST = "same_host"
"""Nova may resize a server to the host that it is on."""

REFRESH = "refresh"
"""nova-compute notices what is changed in the provider tree of its host."""

CONTROLLED = frozenset(
    {
        *("stop_host", "fail_host", "return_host", "lose_guests", "drop_messages"),
        *("run_periodic", "add_host", "configure"),
    }
)
"""The needs of steps that depend on the cloud's control."""

WHOLE_CLOUD = "whole-cloud"
"""The tag of scenarios that change what concerns every host: none is parked while they run, nor are they."""

DISTURBING = frozenset(
    {
        *("stop_host", "fail_host", "return_host", "lose_guests", "drop_messages"),
        *("configure", "add_host", LAB),
    }
)
"""The needs of scenarios that disturb other servers on their hosts, which they share with no parked scenario."""

PARKED_AT_MOST = 20
"""How many scenarios wait together for the periodic task at most: each holds a server or two meanwhile."""


def is_disturbing(tags: Collection[str], needs: Collection[str]) -> bool:
    """Return whether a scenario needs its hosts, or all hosts, for itself, also among those of its own process."""
    return WHOLE_CLOUD in tags or bool(DISTURBING.intersection(needs))
