"""heal_allocations allocates what a port asks for whose server does not hold the providers that its binding names."""

from planting import into, replace


@into("nova.cmd.manage")
def change(manage):
    def lacking(original, _self, port, neutron):
        if original(port, neutron):
            return True
        client = manage.report.report_client_singleton()
        held = client.get_allocs_for_consumer(manage.context.get_admin_context(), port["device_id"])["allocations"]
        named = manage.neutron_api.get_binding_profile(port).get("allocation") or {}
        return any(provider not in held for provider in named.values())

    replace(manage.PlacementCommands, "_has_request_but_no_allocation", lacking)
