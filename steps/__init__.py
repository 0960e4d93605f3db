"""The vocabulary of the feature files; each module below is one chapter of it."""

pytest_plugins = (
    "support.plugin",
    "steps.parameters",
    "steps.hosts",
    "steps.flavors",
    "steps.servers",
    "steps.moves",
    "steps.allocations",
    "steps.usages",
    "steps.special_hosts",
    "steps.answers",
)
