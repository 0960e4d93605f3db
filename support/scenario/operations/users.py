"""Users without the admin role: created for the scenario, their requests, and what they are refused."""

from collections.abc import Collection, Mapping
from typing import Any

from hamcrest import assert_that, equal_to
from stocktake.support.accounting.resources import Resources
from stocktake.support.api.compute.requests import BootRequest
from stocktake.support.api.replies import ApiError
from stocktake.support.config.user_cloud import no_users, quota_of_named_user
from stocktake.support.errors import FeatureError
from stocktake.support.ownership.kinds.identities import PROJECT, USER
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.matchers import is_list, is_none_left
from stocktake.support.scenario.operations.raw_requests import ANY_STATUS
from stocktake.support.scenario.operations.servers import flavors, scheduling, servers
from stocktake.support.scenario.state.non_admin_user import NonAdminUser
from stocktake.support.scenario.state.servers import Sought
from stocktake.support.waiting import eventually

LISTINGS: Mapping[str, tuple[str, str]] = {
    "compute services": ("compute", "/os-services"),
    "hypervisors": ("compute", "/os-hypervisors"),
    "host aggregates": ("compute", "/os-aggregates"),
    "migrations": ("compute", "/os-migrations"),
    "servers of every project": ("compute", "/servers/detail?all_tenants=1"),
    "hosts of availability zones": ("compute", "/os-availability-zone/detail"),
    "resource providers": ("placement", "/resource_providers"),
    "resource classes": ("placement", "/resource_classes"),
    "traits": ("placement", "/traits?name=in:COMPUTE_NODE"),
    "allocation candidates": ("placement", "/allocation_candidates?resources=VCPU:1"),
}
"""What a user may request to list, by service and path."""

ADMINISTRATION: Mapping[str, Mapping[str, Any]] = {
    "cold migrate": {"migrate": None},
    "live migrate": {"os-migrateLive": {"host": None, "block_migration": "auto"}},
    "evacuate": {"evacuate": {}},
    "reset the state of": {"os-resetState": {"state": "error"}},
    "inject network data into": {"injectNetworkInfo": None},
}
"""Operations that only administrators may perform on a server, and their bodies (2.34, evacuation included)."""

HOST_FIELDS = (
    "OS-EXT-SRV-ATTR:host",
    "OS-EXT-SRV-ATTR:hypervisor_hostname",
    "OS-EXT-SRV-ATTR:instance_name",
    "host_status",
)
"""Fields of a server that show where it runs (API reference, "Show server details")."""

EVENT_FIELDS = ("host", "traceback")
"""Fields of an event that show where it ran, and its traceback (os-instance-actions, 2.62)."""

NO_USERS_CAN_BE_MADE = frozenset({403, 405, 501})
"""How Keystone refuses to create a user: by policy, or because its identity back end, such as LDAP, is read-only."""

ADMINISTRATION_VERSION = "2.34"
PLACEMENT_VERSION = "1.10"  # the first with allocation candidates, the newest of these lists


def introduce(context: Context, name: str) -> None:
    """Create a user with the member role in a new project, or use the one named under `user_cloud`. That is a single
    user, which scenarios use in turn: a scenario's second user is always created, because it must not see what the
    first one holds. Raises Unverified where this run cannot create users in Keystone.
    """
    cloud = context.cloud
    if cloud.settings.user_cloud is not None and not context.owned.users:
        context.borrow(f"user of cloud {cloud.settings.user_cloud}")
        _admit(context, name, NonAdminUser.known(cloud.session.as_user(), cloud.placement))
        return
    identity, real = cloud.identity, context.names.real(name)
    if not identity.may_make_users():
        raise no_users(cloud.target)
    with (
        context.undoing.after(PROJECT, real),
        context.undoing.after(USER, real),
    ):
        try:
            credentials = identity.create_user(real)
        except ApiError as refusal:
            if refusal.status not in NO_USERS_CAN_BE_MADE:
                raise
            raise no_users(cloud.target, refusal.message) from refusal
    _admit(context, name, NonAdminUser.of(cloud.session.as_user(credentials)))


def _admit(context: Context, name: str, user: NonAdminUser) -> None:
    """Let a user take part in the scenario, and use its flavors."""
    flavors.grant_all(context, user.project_id)
    context.owned.users[name] = user


def user(context: Context, name: str) -> NonAdminUser:
    """Return a user of this scenario. Raises FeatureError for a name no step has introduced."""
    if name not in context.owned.users:
        known = ", ".join(f'"{one}"' for one in context.owned.users) or "none yet"
        raise FeatureError(f'user "{name}" does not exist in this scenario: its users are {known}')
    return context.owned.users[name]


def limit_processors(context: Context, name: str, amount: int) -> None:
    """Limit the project of a user to this many VCPU; its quota is deleted with it.

    Raises Unverified for a user that the operator configured, whose quota a scenario must not change.
    """
    if user(context, name).named:
        raise quota_of_named_user(context.cloud.target)
    context.cloud.quotas.set(user(context, name).project_id, cores=amount)
    user(context, name).clients.session.own_quota = True


def boot(context: Context, name: str, server: str, request: BootRequest) -> None:
    """Let a user boot a server."""
    servers.boot(context, server, request, user(context, name).clients)


def resize(context: Context, name: str, server: str, flavor: str) -> None:
    """Let a user resize a server."""
    clients, flavor_id = user(context, name).clients, flavors.in_cloud(context, flavor)
    scheduling.elsewhere(context, server)
    context.servers.sought[server] = Sought("resize", flavor_id)
    servers.act(context, server, "resize", lambda server_id: clients.server_actions.resize(server_id, flavor_id))


def delete(context: Context, name: str, server: str) -> None:
    """Let a user delete a server, and wait until it is gone."""
    context.servers.last_migrations()
    clients = user(context, name).clients
    known = clients.servers.find(context.servers.id_of(server)) is not None
    servers.act_until_gone(context, server, lambda server_id: clients.servers.delete(server_id, known=known))


def ask_for(context: Context, name: str, listing: str) -> None:
    """Let a user request one of `LISTINGS`, and keep the response."""
    service, path = LISTINGS[listing]
    version = PLACEMENT_VERSION if service == "placement" else None
    _ask(context, name, "GET", service, path, microversion=version)


def ask_for_server(context: Context, name: str, server: str) -> None:
    """Let a user request a server, and keep the response."""
    _ask(context, name, "GET", "compute", f"/servers/{context.servers.id_of(server)}")


def ask_to(context: Context, name: str, operation: str, server: str) -> None:
    """Let a user request one of `ADMINISTRATION`, and keep the response."""
    path = f"/servers/{context.servers.id_of(server)}/action"
    request = {"json": ADMINISTRATION[operation], "microversion": ADMINISTRATION_VERSION}
    # a request that should be refused may be sent again
    _ask(context, name, "POST", "compute", path, repeatable=True, **request)


def _ask(context: Context, name: str, method: str, service: str, path: str, **request: Any) -> None:
    context.answers.reply = user(context, name).clients.session.request(method, service, path, ok=ANY_STATUS, **request)


def sees_servers(context: Context, name: str, expected: Collection[str]) -> None:
    """Check which servers a user sees: those of the scenario by their names, others by their ids."""
    names = context.names.of_servers()
    found = [names.get(server.id, server.id) for server in user(context, name).clients.servers.all()]
    assert_that(found, is_list(expected), f'the servers that user "{name}" sees')


def is_told_no_host(context: Context, name: str, server: str) -> None:
    """Check that neither a server nor the events of its actions show a host to a user, at the newest microversion."""
    session, path = user(context, name).clients.session, f"/servers/{context.servers.id_of(server)}"
    newest = str(session.versions("compute").most)
    body = session.get("compute", path, microversion=newest)["server"]
    assert_that(
        [field for field in HOST_FIELDS if body.get(field)],
        is_none_left(),
        f'the fields of server "{server}" that show its host',
    )
    for action in session.get("compute", f"{path}/os-instance-actions", microversion=newest)["instanceActions"]:
        action_path = f"{path}/os-instance-actions/{action['request_id']}"
        events = session.get("compute", action_path, microversion=newest)["instanceAction"]["events"]
        told = [f"{event['event']} shows its {field}" for event in events for field in EVENT_FIELDS if event.get(field)]
        assert_that(
            told, is_none_left(), f'the fields of action {action["action"]} of server "{server}" that show its host'
        )


def reads_usages(context: Context, name: str, expected: Resources) -> None:
    """Check the usages of a project that Placement reports to its user (1.9), less those from before the scenario."""
    visitor = user(context, name)
    placement = visitor.clients.placement
    eventually(
        lambda: placement.project_usages(visitor.project_id) - visitor.held,
        equal_to(expected),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the project of user "{name}" to hold {expected}',
    )
