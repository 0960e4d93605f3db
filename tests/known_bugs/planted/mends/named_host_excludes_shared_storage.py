"""The scheduler looks for a specified host with all providers that serve it, and not only in the host's own tree."""

from planting import into, replace


@into("nova.scheduler.utils")
def change(utils):
    def with_sharing(original, *args, **options):
        wanted = original(*args, **options)
        wanted.get_request_group(None).in_tree = None
        return wanted

    replace(utils, "resources_from_request_spec", with_sharing)
