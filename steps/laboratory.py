"""The laboratory: allocations made wrong on purpose, Placement conflicts, a scheduler that is held, nova-manage."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import laboratory


@given("Placement rejects the next {conflict} with a consumer generation conflict", needs=("disruption", "lab"))
def refuse_next(context: Context, conflict: str) -> None:
    """Let the lab's Placement reject the next such request with a consumer generation conflict.

    It may affect any request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Placement rejects the next update of one consumer with a consumer generation conflict
    """
    laboratory.refuse_next(context, conflict)


@given("Placement rejects the next {conflict} with a provider generation conflict", needs=("disruption", "lab"))
def refuse_next_of_provider(context: Context, conflict: str) -> None:
    """Let the lab's Placement reject the next such request with a provider generation conflict.

    It may affect any request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Placement rejects the next update of one consumer with a provider generation conflict
    """
    laboratory.refuse_next(context, conflict, laboratory.OF_PROVIDER)


@then("Placement has rejected the request")
def has_refused(context: Context) -> None:
    """Check that the request to be rejected was sent.

    Example:
        Then Placement has rejected the request
    """
    laboratory.has_refused(context)


@given("Cinder refuses to {connection}", needs=("disruption", "lab", "block_storage"))
def refuse_next_of_cinder(context: Context, connection: str) -> None:
    """Let the lab's Cinder answer the next such request of a compute host with 503.

    It may affect any request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Cinder refuses to connect the next volume
    """
    laboratory.refuse_next_of_cinder(context, connection)


@then("Cinder has refused the request")
def cinder_has_refused(context: Context) -> None:
    """Check that the request to be refused was sent.

    Example:
        Then Cinder has refused the request
    """
    laboratory.has_refused(context, "cinder")


@given("the scheduler is held", needs=("lab",))
def hold_scheduler(context: Context) -> None:
    """Let all requests to Nova's scheduler wait.

    It affects every request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given the scheduler is held
    """
    laboratory.hold_scheduler(context)


@when("the scheduler continues", needs=("lab",))
def release_scheduler(context: Context) -> None:
    """Let the scheduler handle the requests that wait; wait until the conductor has handled its answers.

    Example:
        When the scheduler continues
    """
    laboratory.release_scheduler(context)


@given('Nova is known to leak the allocations of the migration of server "{server}"')
def expect_leak(context: Context, server: str) -> None:
    """Exclude this migration from the audit, because its allocations leak; free it when the scenario ends.

    Example:
        Given Nova is known to leak the allocations of the migration of server "web"
    """
    laboratory.expect_leak(context, server)


@given('Nova is known to leak the allocations of server "{server}" and its migration')
def expect_leak_of_both(context: Context, server: str) -> None:
    """Exclude a server and its migration from the audit, because their allocations leak.

    Example:
        Given Nova is known to leak the allocations of server "web" and its migration
    """
    laboratory.expect_leak(context, server, of_server=True)


@given('server "{server}" has lost its allocations')
def lose_allocations(context: Context, server: str) -> None:
    """Delete the allocations of a server in Placement without Nova's knowledge.

    Example:
        Given server "web" has lost its allocations
    """
    laboratory.lose_allocations(context, server)


@given('orphaned consumer "{consumer}" holds {amount} {resource} on host "{host}"')
def leave_orphan(context: Context, consumer: str, amount: int, resource: str, host: str) -> None:
    """Let a consumer that is neither a server nor a migration hold resources on a host.

    Example:
        Given orphaned consumer "ghost" holds 2 VCPU on host "alpha"
    """
    laboratory.leave_orphan(context, consumer, host, Resources({resource: amount}))


@when('nova-manage heals the allocations of server "{server}"', needs=("lab",))
def heal(context: Context, server: str) -> None:
    """Run nova-manage placement heal_allocations for one server.

    Example:
        When nova-manage heals the allocations of server "web"
    """
    laboratory.heal(context, server)


@when('nova-manage audits host "{host}"', needs=("lab",))
def audit(context: Context, host: str) -> None:
    """Run nova-manage placement audit for the resource provider of one host.

    Example:
        When nova-manage audits host "alpha"
    """
    laboratory.audit(context, host)


@when('nova-manage deletes the orphaned allocations on host "{host}"', needs=("lab",))
def audit_and_delete(context: Context, host: str) -> None:
    """Run nova-manage placement audit with --delete for the resource provider of one host.

    Example:
        When nova-manage deletes the orphaned allocations on host "alpha"
    """
    laboratory.audit(context, host, delete=True)


@when('nova-manage audits shared storage "{storage}"', needs=("lab",))
def audit_storage(context: Context, storage: str) -> None:
    """Run nova-manage placement audit for the resource provider of shared storage.

    Example:
        When nova-manage audits shared storage "nfs"
    """
    laboratory.audit_storage(context, storage)


@when('nova-manage deletes the orphaned allocations on shared storage "{storage}"', needs=("lab",))
def audit_storage_and_delete(context: Context, storage: str) -> None:
    """Run nova-manage placement audit with --delete for the resource provider of shared storage.

    Example:
        When nova-manage deletes the orphaned allocations on shared storage "nfs"
    """
    laboratory.audit_storage(context, storage, delete=True)


@then("nova-manage exits with status {count}", needs=("lab",))
def has_ended_with(context: Context, count: int) -> None:
    """Check the exit status of nova-manage.

    Example:
        Then nova-manage exits with status 3
    """
    laboratory.has_ended_with(context, count)


@given('the audit has reported "{reason}"')
@then('the audit reports "{reason}"')
def audit_says(context: Context, reason: str) -> None:
    """Check that Stocktake's own audit reports what the scenario made wrong on purpose.

    Example:
        Then the audit reports "holds nothing on host"
    """
    laboratory.audit_says(context, reason)


@then('Nova has logged "{reason}" for server "{server}"', needs=("lab",))
def log_says(context: Context, reason: str, server: str) -> None:
    """Check that Nova logged these words for the requests made for a server.

    Example:
        Then Nova has logged "is leaked" for server "web"
    """
    laboratory.log_says(context, server, reason)


@given('the virt driver of host "{host}" has lost capability {capability}', needs=("lab",))
@when('the virt driver of host "{host}" loses capability {capability}', needs=("lab",))
def lose_capability(context: Context, host: str, capability: str) -> None:
    """Remove a capability from the virt driver of a host added for the scenario; run its periodic task.

    Example:
        When the virt driver of host "special" loses capability supports_multiattach
    """
    laboratory.set_capability(context, host, capability, able=False)


@when('the virt driver of host "{host}" regains capability {capability}', needs=("lab",))
def regain_capability(context: Context, host: str, capability: str) -> None:
    """Restore a capability of the virt driver of a host added for the scenario; run its periodic task.

    Example:
        When the virt driver of host "special" regains capability supports_multiattach
    """
    laboratory.set_capability(context, host, capability, able=True)
