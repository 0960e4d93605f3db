"""A plugged port that guaranteed nothing is charged for the minimum bandwidth of a policy that it is given."""

from planting import into, replace

BRIDGE = "Open vSwitch agent:br-physnet0"
CLASSES = {"egress": "NET_BW_EGR_KILOBIT_PER_SEC", "ingress": "NET_BW_IGR_KILOBIT_PER_SEC"}


@into("neutron.services.qos.qos_plugin")
def change(plugin):
    def charging(original, self, former, wanted, port, update):
        if former is not None or wanted is None or not port["device_id"]:
            return original(self, former, wanted, port, update)
        client, server = self._placement_client, port["device_id"]
        name = f"{port['binding:host_id']}:{BRIDGE}"
        (bridge,) = client.list_resource_providers(name=name)["resource_providers"]
        held = client.list_allocations(server)
        asked = {CLASSES[rule.direction]: rule.min_kbps for rule in wanted.rules}
        held["allocations"][bridge["uuid"]] = {"resources": asked}
        return client.update_allocation(server, held)

    replace(plugin.QoSPlugin, "_change_placement_allocation", charging)
