"""Availability zones of a scenario: host aggregates with a zone, which Placement knows too."""

from support.cloud.books import Books
from support.cloud.operations import hosts, servers
from support.cloud.operations.wording import holds
from support.errors import FeatureError
from support.waiting import eventually


def create(books: Books, zone: str, role: str) -> None:
    """Put a host into an aggregate that makes a zone of its own, until the scenario ends.

    A host is in one zone at a time, and changes it only while it has no servers. Raises Unverified where hosts may not
    be disrupted.
    """
    if zone in books.aggregates:
        raise FeatureError(f'zone "{zone}" exists in this scenario already: give each zone its own name')
    compute, host, real = books.cloud.compute, books.roles.host(role), books.real_name(zone)
    hosts.check_disruption(books, host)

    def delete() -> None:
        for aggregate in compute.aggregates():
            if aggregate.name == real:
                for member in aggregate.hosts:
                    compute.remove_from_aggregate(aggregate.id, member)
                compute.delete_aggregate(aggregate.id)

    with books.undoing.after("aggregate", real, delete):
        made = compute.create_aggregate(real, zone=real)
        compute.add_to_aggregate(made.id, host.service)
    books.aggregates[zone] = str(made.uuid)


def leave(books: Books, zone: str, role: str) -> None:
    """Take a host out of the aggregate of a zone. Raises ApiError while servers of the zone run there: Nova refuses."""
    compute, wanted = books.cloud.compute, _known(books, zone)
    for aggregate in compute.aggregates():
        if aggregate.uuid == wanted:
            compute.remove_from_aggregate(aggregate.id, books.roles.host(role).service)


def boot(books: Books, name: str, flavor: str, zone: str) -> None:
    """Boot a server in a zone of the scenario, where the scheduler likes within it."""
    _known(books, zone)
    servers.boot(books, name, flavor, zone=books.real_name(zone))


def boot_nowhere(books: Books, name: str, flavor: str) -> None:
    """Ask for a server in a zone that does not exist."""
    servers.boot(books, name, flavor, zone=books.real_name("nowhere"))


def provider_is_in(books: Books, role: str, zone: str, *, there: bool) -> None:
    """Claim that a host's resource provider is in Placement's aggregate of a zone, or that it is not."""
    aggregate, provider = _known(books, zone), books.roles.host(role).provider
    names = {uuid: f'aggregate of zone "{known}"' for known, uuid in books.aggregates.items()}
    eventually(
        lambda: [names.get(one, one) for one in books.cloud.placement.provider_aggregates(provider)],
        holds(names[aggregate], f"the {names[aggregate]}", there=there),
        within=books.cloud.settings.patience_for("accounts"),
        what=f'the resource provider of host "{role}" to {"" if there else "not "}be in the aggregate of zone "{zone}"',
    )


def _known(books: Books, zone: str) -> str:
    """Return the uuid of a zone's aggregate. Raises FeatureError for a name no step has introduced."""
    if zone not in books.aggregates:
        known = ", ".join(f'"{one}"' for one in books.aggregates) or "none yet"
        raise FeatureError(f'zone "{zone}" does not exist in this scenario: its zones are {known}')
    return books.aggregates[zone]
