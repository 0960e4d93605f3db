"""The laboratory: accounts made wrong by intent, conflicts at Placement, and the operator's tools for both."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import laboratory


@given("Placement refuses the next {conflict}, because somebody else got ahead", needs=("lab",))
def refuse_next(context: Context, conflict: str) -> None:
    """Let a lab's Placement answer the next such request with a conflict of the consumer's generation.

    It may meet anybody's request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Placement refuses the next change of one consumer, because somebody else got ahead
    """
    laboratory.refuse_next(context, conflict)


@given("Placement refuses the next {conflict}, because the provider changed", needs=("lab",))
def refuse_next_of_provider(context: Context, conflict: str) -> None:
    """Let a lab's Placement answer the next such request with a conflict of the provider's generation.

    It may meet anybody's request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Placement refuses the next change of one consumer, because the provider changed
    """
    laboratory.refuse_next(context, conflict, laboratory.OF_PROVIDER)


@then("Placement has refused it")
def has_refused(context: Context) -> None:
    """Claim that the change to be refused was asked for.

    Example:
        Then Placement has refused it
    """
    laboratory.has_refused(context)


@given('Nova is known to leak what the migration of server "{server}" holds')
def expect_leak(context: Context, server: str) -> None:
    """Say that this migration will be wrong: the audit leaves it out, and it is freed when the scenario ends.

    Example:
        Given Nova is known to leak what the migration of server "web" holds
    """
    laboratory.expect_leak(context, server)


@given('Nova is known to leak what server "{server}" and its migration hold')
def expect_leak_of_both(context: Context, server: str) -> None:
    """Say that a server and its migration will be charged where they were: the audit leaves them out.

    Example:
        Given Nova is known to leak what server "web" and its migration hold
    """
    laboratory.expect_leak(context, server, of_server=True)


@given('server "{server}" has lost its allocations')
def lose_allocations(context: Context, server: str) -> None:
    """Free all that a server holds over Placement's API, behind Nova's back.

    Example:
        Given server "web" has lost its allocations
    """
    laboratory.lose_allocations(context, server)


@given('an orphan "{consumer}" holds {amount} {resource} of host "{host}"')
def leave_orphan(context: Context, consumer: str, amount: int, resource: str, host: str) -> None:
    """Let a consumer that is neither a server nor a migration hold something of a host.

    Example:
        Given an orphan "ghost" holds 2 VCPU of host "alpha"
    """
    laboratory.leave_orphan(context, consumer, host, Resources({resource: amount}))


@when('nova-manage heals the allocations of server "{server}"', needs=("lab",))
def heal(context: Context, server: str) -> None:
    """Run nova-manage placement heal_allocations for one server.

    Example:
        When nova-manage heals the allocations of server "web"
    """
    laboratory.heal(context, server)


@when('nova-manage looks for orphans on host "{host}"', needs=("lab",))
def audit(context: Context, host: str) -> None:
    """Run nova-manage placement audit for the resource provider of one host.

    Example:
        When nova-manage looks for orphans on host "alpha"
    """
    laboratory.audit(context, host)


@when('nova-manage deletes the orphans on host "{host}"', needs=("lab",))
def audit_and_delete(context: Context, host: str) -> None:
    """Run nova-manage placement audit with --delete for the resource provider of one host.

    Example:
        When nova-manage deletes the orphans on host "alpha"
    """
    laboratory.audit(context, host, delete=True)


@then("nova-manage ends with status {count}", needs=("lab",))
def has_ended_with(context: Context, count: int) -> None:
    """Claim the exit status of nova-manage.

    Example:
        Then nova-manage ends with status 3
    """
    laboratory.has_ended_with(context, count)


@given('the audit has said "{reason}"')
@then('the audit says "{reason}"')
def audit_says(context: Context, reason: str) -> None:
    """Claim that Stocktake's own audit finds what the scenario made wrong by intent.

    Example:
        Then the audit says "holds nothing on host"
    """
    laboratory.audit_says(context, reason)


@then('the log of Nova says "{reason}" of server "{server}"', needs=("lab",))
def log_says(context: Context, reason: str, server: str) -> None:
    """Claim that Nova warned of something while it did what was asked of a server.

    Example:
        Then the log of Nova says "is leaked" of server "web"
    """
    laboratory.log_says(context, server, reason)


@given('the virt driver of host "{host}" has lost capability {capability}', needs=("lab",))
@when('the virt driver of host "{host}" loses capability {capability}', needs=("lab",))
def lose_capability(context: Context, host: str, capability: str) -> None:
    """Let the virt driver of a host that was added for the scenario be unable to do something; run its periodic.

    Example:
        When the virt driver of host "special" loses capability supports_multiattach
    """
    laboratory.set_capability(context, host, capability, able=False)


@when('the virt driver of host "{host}" regains capability {capability}', needs=("lab",))
def regain_capability(context: Context, host: str, capability: str) -> None:
    """Let the virt driver of a host that was added for the scenario be able to do something again; run its periodic.

    Example:
        When the virt driver of host "special" regains capability supports_multiattach
    """
    laboratory.set_capability(context, host, capability, able=True)
