"""heal_allocations allocates what a port asks for whose server does not hold the providers that its binding names."""

from planting import into, replace


@into("nova.cmd.manage")
def change(manage):
    def as_allocated(original, _self, context, instance, neutron):
        client = manage.report.report_client_singleton()
        held = client.get_allocs_for_consumer(context, instance.uuid)["allocations"]
        ports = original(context, instance, neutron)
        for port in ports:
            profile = manage.neutron_api.get_binding_profile(port)
            if any(provider not in held for provider in (profile.get("allocation") or {}).values()):
                port["binding:profile"] = {**profile, "allocation": {}}
        return ports

    replace(manage.PlacementCommands, "_get_ports", as_allocated)
