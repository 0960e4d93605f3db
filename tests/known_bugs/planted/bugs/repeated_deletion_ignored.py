"""A server whose deletion waits for a host that has failed cannot be deleted once the host is down.

No bug of one number: the API ignores the second request, because the first one is still in progress, before it looks
whether the host is down.
"""

from planting import into, replace


@into("nova.compute.api")
def change(api):
    replace(
        api.API,
        "_delete",
        lambda *_arguments, **_options: None,
        when=lambda _self, _context, server, *_rest, **_options: server.task_state == api.task_states.DELETING,
    )
