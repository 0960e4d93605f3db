"""A resized server is charged for its root disk, though this is a volume."""

from planting import into, replace


@into("nova.conductor.tasks.migrate")
def change(migrate):
    def forget(_original, _context, request_spec, _instance):
        request_spec.is_bfv = False

    replace(migrate.compute_utils, "heal_reqspec_is_bfv", forget, under="_execute")
