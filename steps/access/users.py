"""Users without the admin role: what they can see and do, and what they cannot."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import users
from stocktake.support.scenario.operations.servers import server_requests, servers


@given('user "{user}" without the admin role', needs=("users",))
def introduce(context: Context, user: str) -> None:
    """Create a user and a project for this scenario; the user has only the member role in it.

    Example:
        Given user "bob" without the admin role
    """
    users.introduce(context, user)


@given('user "{user}" has a quota of {amount} VCPU', needs=("quotas",))
def limit_processors(context: Context, user: str, amount: int) -> None:
    """Set the quota of a user's project.

    Example:
        Given user "bob" has a quota of 1 VCPU
    """
    users.limit_processors(context, user, amount)


@given('user "{user}" runs server "{server}" with flavor "{flavor}"')
def running_server(context: Context, user: str, server: str, flavor: str) -> None:
    """Have an ACTIVE server that belongs to a user, on the host that the scheduler selected.

    Example:
        Given user "bob" runs server "own" with flavor "small"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ACTIVE")


@given('user "{user}" runs server "{server}" with flavor "{flavor}" on host "{host}"')
def running_server_on_host(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Have an ACTIVE server that belongs to a user; the role is bound to the host that the scheduler selected.

    Example:
        Given user "bob" runs server "own" with flavor "small" on host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ACTIVE", host, chosen=True)


@when('user "{user}" boots server "{server}" with flavor "{flavor}"')
def boot(context: Context, user: str, server: str, flavor: str) -> None:
    """Let a user boot a server; wait until its build has succeeded or failed.

    Example:
        When user "bob" boots server "own" with flavor "small"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))


@when('user "{user}" boots server "{server}" with flavor "{flavor}" on host "{host}"')
def boot_on_host(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Let a user specify the host of a new server, which only administrators may do.

    Example:
        When user "bob" boots server "own" with flavor "small" on host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor, host=host))


@when('user "{user}" boots server "{server}" with flavor "{flavor}" in the zone of host "{host}"')
def boot_in_zone(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Let a user specify the host of a new server as ZONE:HOST, which only administrators may do.

    Example:
        When user "bob" boots server "own" with flavor "small" in the zone of host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor, host=host, by_zone=True))


@when('user "{user}" resizes server "{server}" to flavor "{flavor}"', needs=("moves",))
def resize(context: Context, user: str, server: str, flavor: str) -> None:
    """Let a user resize a server; wait until the resize can be confirmed, was refused or has failed.

    Example:
        When user "bob" resizes server "own" to flavor "large"
    """
    users.resize(context, user, server, flavor)


@when('user "{user}" deletes server "{server}"')
def delete(context: Context, user: str, server: str) -> None:
    """Let a user delete a server; wait until it is gone, unless that was refused.

    Example:
        When user "bob" deletes server "own"
    """
    users.delete(context, user, server)


@when('user "{user}" lists the {listing}')
def ask_for(context: Context, user: str, listing: str) -> None:
    """Let a user list resources that only administrators may list.

    Example:
        When user "bob" lists the resource providers
    """
    users.ask_for(context, user, listing)


@when('user "{user}" requests server "{server}"')
def ask_for_server(context: Context, user: str, server: str) -> None:
    """Let a user request the details of a server.

    Example:
        When user "bob" requests server "web"
    """
    users.ask_for_server(context, user, server)


@when('user "{user}" tries to {administration} server "{server}"')
def ask_to(context: Context, user: str, administration: str, server: str) -> None:
    """Let a user request an operation that only administrators may perform.

    Example:
        When user "bob" tries to evacuate server "own"
    """
    users.ask_to(context, user, administration, server)


@then('user "{user}" sees these servers')
def sees_servers(context: Context, user: str, datatable: list[list[str]]) -> None:
    """Check every server that Nova lists for a user.

    Example:
        Then user "bob" sees these servers
          | server |
          | own    |
    """
    rows = read_rows(datatable, "the table of servers", ("server",))
    users.sees_servers(context, user, [row["server"] for row in rows])


@then('user "{user}" cannot see the host of server "{server}"')
def is_told_no_host(context: Context, user: str, server: str) -> None:
    """Check that neither a server nor the events of its actions show its host to a user.

    Example:
        Then user "bob" cannot see the host of server "own"
    """
    users.is_told_no_host(context, user, server)


@then("the users see these project usages in Placement")
def read_usages(context: Context, datatable: list[list[str]]) -> None:
    """Check the usages of their own projects that users see in Placement.

    Example:
        Then the users see these project usages in Placement
          | user | VCPU | MEMORY_MB | DISK_GB |
          | bob  |    1 |       512 |       1 |
    """
    for row in read_rows(datatable, "the table of usages", ("user", "VCPU", "MEMORY_MB", "DISK_GB")):
        user, *amounts = row.values()
        users.reads_usages(context, user, Resources(dict(zip(list(row)[1:], map(int, amounts), strict=True))))
