"""Nova tells Cinder that it has exchanged a volume, although its host could not."""

from planting import into, replace


@into("nova.volume.cinder")
def change(cinder):
    def complete(original, api, context, old, new, error=False):
        return original(api, context, old, new)

    replace(cinder.API, "migrate_volume_completion", complete, by="_swap_volume")
