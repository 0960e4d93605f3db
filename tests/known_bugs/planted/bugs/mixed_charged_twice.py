"""A server with a mixed CPU policy is charged for its dedicated CPUs as shared ones as well."""

from planting import into, replace


@into("nova.scheduler.utils")
def change(utils):
    def twice(original, self, flavor, image):
        original(self, flavor, image)
        resources = self.get_request_group(None).resources
        if "VCPU" in resources and "PCPU" in resources:
            resources["VCPU"] += resources["PCPU"]

    replace(utils.ResourceRequest, "_translate_pinning_policies", twice)
