"""nova-manage placement heal_allocations puts the disk on the storage that a host without a disk shares."""

from planting import into, replace


@into("nova.cmd.manage")
def change(manage):
    def with_storage(original, self, context, instance, cache):
        payload = original(self, context, instance, cache)
        client = manage.report.report_client_singleton()
        (node,) = payload["allocations"]
        tree = client.get_provider_tree_and_ensure_root(context, node)
        for uuid in tree.get_provider_uuids():
            data = tree.data(uuid)
            if "MISC_SHARES_VIA_AGGREGATE" in data.traits and "DISK_GB" in data.inventory:
                disk = payload["allocations"][node]["resources"].pop("DISK_GB")
                payload["allocations"][uuid] = {"resources": {"DISK_GB": disk}}
        return payload

    replace(manage.PlacementCommands, "_heal_missing_alloc", with_storage)
