"""An evacuation puts a server on the host of another member of its anti-affinity group."""

from planting import into, lose, replace


def without_group(original, conductor, context, request_spec, *args, **options):
    request_spec.instance_group = None
    return original(conductor, context, request_spec, *args, **options)


@into("nova.conductor.manager")
def ignore_in_scheduler(manager):
    lose(manager.scheduler_utils, "setup_instance_group", under="rebuild_instance")
    replace(manager.ComputeTaskManager, "_schedule_instances", without_group, by="rebuild_instance")


@into("nova.compute.manager")
def ignore_on_host(manager):
    lose(manager.ComputeManager, "_validate_instance_group_policy", under="rebuild_instance")
