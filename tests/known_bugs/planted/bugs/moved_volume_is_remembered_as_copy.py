"""Nova remembers a volume that has moved to another back end by the id that only the copy had."""

from planting import into, replace


@into("nova.volume.cinder")
def change(cinder):
    def complete(original, api, context, old, new, error=False):
        original(api, context, old, new, error=error)
        return {"save_volume_id": new}

    replace(cinder.API, "migrate_volume_completion", complete, by="_swap_volume")
