"""What a scenario may need of a cloud: the names that its tags, and the phrases of its steps, use for it."""

LAB = "lab"
"""The tag of scenarios that need the embedded lab, and the capability that it names."""

VERSION_TAGS = {"microversion-": "compute", "placement-": "placement"}
"""The tags that name a microversion, and the service it is one of."""
