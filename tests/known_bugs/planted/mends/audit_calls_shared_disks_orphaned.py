"""nova-manage placement audit looks for a consumer on all hosts where a provider represents no compute node."""

from planting import into, replace


@into("nova.cmd.manage")
def change(manage):
    def everywhere(original, self, context, node):
        found = original(self, context, node)
        if found is not False:
            return found
        servers, moves = [], []
        for cell in manage.objects.CellMappingList.get_all(context):
            with manage.context.target_cell(context, cell) as target:
                servers += [one.uuid for one in manage.objects.InstanceList.get_all(target, expected_attrs=[])]
                filters = {"status": ["finished", "migrating", "pre-migrating", "accepted", "queued", "preparing"]}
                moves += [one.uuid for one in manage.objects.MigrationList.get_by_filters(target, filters)]
        return servers, moves

    replace(manage.PlacementCommands, "_get_instances_and_current_migrations", everywhere)
