"""What a scenario may need of a cloud: the names that its tags, and the phrases of its steps, use for it."""

LAB = "lab"
"""The tag of scenarios that need the embedded lab, and the capability that it names."""

VERSION_TAGS = {"microversion-": "compute", "placement-": "placement"}
"""The tags that name a microversion, and the service it is one of."""

MOVES = "moves"
"""Servers move between the hosts that the scenario names."""

LIVE_MOVES = "live_moves"
"""Servers are live migrated between them, which also depends on hypervisor versions and CPUs."""

SAME_HOST = "same_host"
"""Nova may resize a server to the host that it is on."""
