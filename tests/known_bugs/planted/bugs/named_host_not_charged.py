"""A server that an operator places on a host by name is charged nowhere.

The mechanism of Launchpad 1712008 and 1713786 (a host named by the operator bypasses the claim), for new servers and
for those that hold nothing of their own at the time, as in a cold migration.
"""

from planting import into, replace


def claim(original, context, client, spec, consumer, *args, **kwargs):
    """Believe that the operator has made sure of the room."""
    destination = spec.requested_destination if "requested_destination" in spec else None
    named = spec.force_hosts or (destination is not None and "host" in destination and destination.host)
    holds = client.get_allocs_for_consumer(context, consumer)["allocations"]
    if named and not holds:
        return True
    return original(context, client, spec, consumer, *args, **kwargs)


@into("nova.scheduler.utils")
def change(utils):
    replace(utils, "claim_resources", claim)
