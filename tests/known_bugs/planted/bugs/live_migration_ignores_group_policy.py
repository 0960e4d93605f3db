"""A live migration takes a server away from the other members of its affinity group."""

from planting import into, lose, replace


def without_group(_original, _context, request_spec):
    request_spec.instance_group = None


@into("nova.conductor.tasks.live_migrate")
def ignore_in_scheduler(tasks):
    replace(tasks.scheduler_utils, "setup_instance_group", without_group, under="_find_destination")


@into("nova.compute.manager")
def ignore_on_host(manager):
    for function in ("check_can_live_migrate_destination", "_do_pre_live_migration"):
        lose(manager.ComputeManager, "_validate_instance_group_policy", under=function)
