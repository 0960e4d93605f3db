"""What only a lab allows: nova-manage, a scheduler that is held, injected faults in Placement, wrong allocations."""

from http import HTTPStatus

from hamcrest import assert_that, equal_to, greater_than
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.hosts.lab_control import PLACEMENT, HttpControl
from stocktake.support.ownership.kinds.options import HELD_TOPIC, PLACEMENT_FAULT
from stocktake.support.ownership.kinds.servers import ALLOCATION
from stocktake.support.scenario.audit import findings
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import periodics
from stocktake.support.scenario.operations.hosts.guard import check_disruption_of_cloud
from stocktake.support.scenario.operations.hosts.special_hosts import is_special
from stocktake.support.scenario.operations.matchers import says
from stocktake.support.scenario.operations.placement import bare_consumers, providers
from stocktake.support.scenario.operations.servers import accelerators, volumes
from stocktake.support.waiting import eventually

CONFLICTS = {
    "update of one consumer": ("PUT", "^/allocations/[^/]+$"),
    "exchange between consumers": ("POST", "^/allocations$"),
}
"""The two ways in which Nova changes allocations, and the request each is (Placement API reference, "Allocations")."""

OF_CINDER = {
    "create the next attachment": ("POST", "/attachments$"),
    "connect the next volume": ("PUT", "/attachments/[^/]+$"),
    "complete the next attachment": ("POST", "/attachments/[^/]+/action$"),
    "disconnect the next volume": ("DELETE", "/attachments/[^/]+$"),
}
"""What a compute host asks Cinder when it attaches or detaches a volume, and the request it is (Block Storage API
reference, "Attachments")."""

SCHEDULER = "scheduler"
"""The topic of the messages to Nova's scheduler."""

OF_CONSUMER = "consumer generation conflict"
OF_PROVIDER = "another update changed the resource provider"
"""What Placement says about a stale consumer generation, at which Nova gives up, or a stale provider generation, after
which Nova retries."""


def control(context: Context) -> HttpControl:
    """Return the control of a lab. Raises Unverified on any other cloud."""
    found = context.cloud.control
    if not isinstance(found, HttpControl):
        raise Unverified(
            f'cloud "{context.cloud.target.name}" is not a lab; this step needs the embedded lab',
            "run this feature on the embedded lab: --cloud=lab",
        )
    return found


def refuse_next(context: Context, change: str, detail: str = OF_CONSUMER) -> None:
    """Let Placement reject the next change of allocations of one of `CONFLICTS`, from any client.

    Raises Unverified where the cloud is not a lab or others would notice, FeatureError if the scenario is not alone.
    """
    lab = control(context)
    context.check_alone("the next response of Placement")
    check_disruption_of_cloud(context)
    method, path = CONFLICTS[change]
    with context.undoing.after(PLACEMENT_FAULT, change):
        lab.inject_fault(method, path, status=HTTPStatus.CONFLICT, detail=detail)


def refuse_next_of_cinder(context: Context, request: str) -> None:
    """Let Cinder answer the next request of one of `OF_CINDER` that it is not available. Raises as `refuse_next` does,
    and Unverified where the lab has no Cinder."""
    volumes.block_storage(context)
    method, path = OF_CINDER[request]
    _refuse(context, "cinder", f"{request} of Cinder", method, path, HTTPStatus.SERVICE_UNAVAILABLE)


def refuse_next_binding(context: Context) -> None:
    """Let Cyborg forbid the next request to bind accelerators. Raises as `refuse_next` does, and Unverified where the
    lab has no Cyborg."""
    accelerators.accelerator_service(context)
    _refuse(context, "cyborg", "binding of Cyborg", "PATCH", "/accelerator_requests", HTTPStatus.FORBIDDEN)


def _refuse(context: Context, service: str, what: str, method: str, path: str, status: HTTPStatus) -> None:
    lab = control(context)
    context.check_alone(f"the next response of {service.title()}")
    check_disruption_of_cloud(context)
    with context.undoing.after(PLACEMENT_FAULT, what, service=service):
        lab.inject_fault(method, path, status=status, detail="refused on purpose", service=service)


def has_refused(context: Context, service: str = PLACEMENT) -> None:
    """Check that the request to be rejected was sent, so that the scenario proves something."""
    seen = int(control(context).fault(service).get("seen", 0))
    assert_that(seen, greater_than(0), f"how many requests {service.title()} rejected")


def hold_scheduler(context: Context) -> None:
    """Let requests to Nova's scheduler wait. Raises Unverified or FeatureError as `refuse_next` does."""
    lab = control(context)
    context.check_alone("Nova's scheduler")
    check_disruption_of_cloud(context)
    with context.undoing.after(HELD_TOPIC, SCHEDULER, then=lambda: _await_answers(context)):
        lab.hold_topic(SCHEDULER)


def release_scheduler(context: Context) -> None:
    """Let the scheduler handle the requests that wait; return once it and the conductor have handled them."""
    control(context).release_topic(SCHEDULER)
    _await_answers(context)


def _await_answers(context: Context) -> None:
    """Wait until the scheduler and the conductor, which acts on its answers, have no message left."""
    lab = control(context)
    eventually(
        lambda: sum(lab.pending(topic) for topic in (SCHEDULER, "conductor")),
        equal_to(0),
        within=context.cloud.settings.patience_for("boot"),
        what="the scheduler and the conductor to have handled every message",
    )


def expect_leak(context: Context, name: str, *, of_server: bool = False) -> None:
    """Exclude a server's migrations from the audit, and free what they hold when the scenario ends, because Nova does
    not. With `of_server` the server is excluded too; its own allocations are deleted with it.
    """
    context.servers.refresh_migrations()
    if of_server:
        context.owned.known_wrong.add(context.servers.id_of(name))
    for uuid in (uuid for uuid, owner in context.servers.migrations.items() if owner == name):
        context.owned.known_wrong.add(uuid)
        with context.undoing.after(ALLOCATION, uuid, id=uuid):
            pass


def lose_allocations(context: Context, name: str) -> None:
    """Free all that a server holds, behind Nova's back."""
    server_id = context.servers.id_of(name)
    context.owned.known_wrong.add(server_id)
    context.cloud.placement.delete_allocations(server_id)


def leave_orphan(context: Context, name: str, role: str, wanted: Resources) -> None:
    """Let a consumer that is unknown to Nova hold resources on a host."""
    bare_consumers.introduce(context, name)
    context.owned.known_wrong.add(bare_consumers.consumer_id(context, name))
    bare_consumers.take(context, name, context.roles.host(role).provider, wanted)


def audit_says(context: Context, words: str) -> None:
    """Check that the audit reports a finding with these words about what the scenario has made wrong."""
    eventually(
        lambda: [finding.sentence for finding in findings(context, known_wrong=True)],
        says(words),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'the audit to report "{words}"',
        describe="; ".join,
    )


def heal(context: Context, name: str) -> None:
    """Let nova-manage heal the allocations of one server, which the audit then judges like any other.

    Ports are skipped where the lab has no real network service.
    """
    server_id = context.servers.id_of(name)
    ports = [] if context.cloud.networks.offered else ["--skip-port-allocations"]
    options = ["--instance", server_id, *ports, "--verbose"]
    context.answers.tool = control(context).nova_manage("placement", "heal_allocations", *options)
    context.owned.known_wrong.discard(server_id)


def audit(context: Context, role: str, *, delete: bool = False) -> None:
    """Let nova-manage look for orphans on one host, and delete what it finds if `delete`."""
    _audit(context, context.roles.host(role).provider, delete=delete)


def audit_storage(context: Context, name: str, *, delete: bool = False) -> None:
    """Do so on shared storage of the scenario."""
    _audit(context, providers.provider_id(context, name), delete=delete)


def _audit(context: Context, provider: str, *, delete: bool) -> None:
    options = ["--resource_provider", provider, "--verbose", *(["--delete"] if delete else [])]
    context.answers.tool = control(context).nova_manage("placement", "audit", *options)


def has_ended_with(context: Context, status: int) -> None:
    """Check the exit status of the last nova-manage."""
    if context.answers.tool is None:
        raise FeatureError("no step of this scenario has run nova-manage")
    found, output = context.answers.tool
    assert_that(found, equal_to(status), f"the exit status of nova-manage, which says {output.strip()!r}")


def log_says(context: Context, name: str, words: str) -> None:
    """Check that Nova's log has a warning or error with these words for the last request about a server."""
    cloud, server_id = context.cloud, context.servers.id_of(name)
    eventually(
        lambda: control(context).read_log(
            None, [action.request_id for action in cloud.instance_actions.all(server_id)]
        ),
        says(words),
        within=context.cloud.settings.patience_for("accounts"),
        what=f'Nova to log "{words}" for server "{name}"',
        describe=lambda lines: "; ".join(lines[-3:]),
    )


def set_capability(context: Context, role: str, capability: str, *, able: bool) -> None:
    """Change a capability of a special host's virt driver, and run the periodic task that reports it.

    Raises FeatureError for any other host: it would stay changed for the scenarios after this one.
    """
    host = context.roles.host(role)
    if not is_special(context, host):
        raise FeatureError(f'host "{role}" was not added for this scenario: begin with a step that adds a host')
    control(context).set_capabilities(host.service, {capability: able})
    periodics.run(context, role)
