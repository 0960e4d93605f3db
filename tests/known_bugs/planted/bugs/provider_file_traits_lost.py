"""A host gives its provider the inventories of a provider configuration file, but not the traits."""

from planting import into, replace


@into("nova.compute.resource_tracker")
def change(tracker):
    def without_traits(original, self, configs, tree):
        bare = {name: {key: data[key] for key in data if key != "traits"} for name, data in configs.items()}
        return original(self, bare, tree)

    replace(tracker.ResourceTracker, "_merge_provider_configs", without_traits)
