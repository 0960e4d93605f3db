"""A host that returns frees what its evacuated servers hold on storage that only this host shares."""

from planting import into, replace


def aggregates(client, provider):
    return set(client.get(f"/resource_providers/{provider}/aggregates", version="1.19").json()["aggregates"])


@into("nova.scheduler.client.report")
def change(report):
    def with_storage(original, client, context, consumer, root):
        original(client, context, consumer, root)
        left, held = aggregates(client, root), client.get_allocs_for_consumer(context, consumer)
        others = {uuid: aggregates(client, uuid) for uuid in held["allocations"]}
        hosts = [groups for uuid, groups in others.items() if "MEMORY_MB" in held["allocations"][uuid]["resources"]]
        still_used = set().union(*hosts)
        kept = {
            uuid: on for uuid, on in held["allocations"].items() if not others[uuid] & left or others[uuid] & still_used
        }
        return client._put_allocations(context, consumer, {**held, "allocations": kept})

    replace(
        report.SchedulerReportClient,
        "remove_provider_tree_from_instance_allocation",
        with_storage,
        by="_destroy_evacuated_instances",
    )
