"""An agent that goes on running is heard again if Placement has not what it has reported."""

from planting import into, replace


@into("neutron.services.placement_report.plugin")
def change(plugin):
    def looking(original, self, resource, event, trigger, payload):
        agent = payload.desired_state
        name = f"{agent['host']}:{agent['agent_type']}"
        known = self._placement_client.list_resource_providers(name=name)["resource_providers"]
        if not known:
            payload.desired_state["start_flag"] = True
        original(self, resource, event, trigger, payload)

    replace(plugin.PlacementReportPlugin, "handle_placement_config", looking)
    of_agents = plugin.registry.receives(
        plugin.resources.AGENT, [plugin.events.AFTER_CREATE, plugin.events.AFTER_UPDATE]
    )
    of_agents(plugin.PlacementReportPlugin.handle_placement_config)
