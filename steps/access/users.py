"""Users without the admin role: what they may see and do, and what is not theirs to know."""

from stocktake.support.accounting.resources import Resources
from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import users
from stocktake.support.scenario.operations.servers import server_requests, servers


@given('user "{user}" without the admin role', needs=("users",))
def introduce(context: Context, user: str) -> None:
    """Make a user and a project for this scenario, with the member role in it and no other.

    Example:
        Given user "bob" without the admin role
    """
    users.introduce(context, user)


@given('user "{user}" may use {amount} VCPU', needs=("quotas",))
def limit_processors(context: Context, user: str, amount: int) -> None:
    """Set the quota of a user's project.

    Example:
        Given user "bob" may use 1 VCPU
    """
    users.limit_processors(context, user, amount)


@given('user "{user}" runs server "{server}" of flavor "{flavor}"')
def running_server(context: Context, user: str, server: str, flavor: str) -> None:
    """Have a server of a user ACTIVE, on the host that the scheduler chose.

    Example:
        Given user "bob" runs server "own" of flavor "small"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ACTIVE")


@given('user "{user}" runs server "{server}" of flavor "{flavor}" on host "{host}"')
def running_server_on_host(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Have a server of a user ACTIVE; the role names the host that the scheduler chose, as users choose none.

    Example:
        Given user "bob" runs server "own" of flavor "small" on host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))
    servers.require(context, server, "ACTIVE", host, chosen=True)


@when('user "{user}" boots server "{server}" from flavor "{flavor}"')
def boot(context: Context, user: str, server: str, flavor: str) -> None:
    """Let a user boot a server; wait until its build has ended, well or badly.

    Example:
        When user "bob" boots server "own" from flavor "small"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor))


@when('user "{user}" boots server "{server}" from flavor "{flavor}" on host "{host}"')
def boot_on_host(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Let a user name the host of a new server, which only administrators may.

    Example:
        When user "bob" boots server "own" from flavor "small" on host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor, host=host))


@when('user "{user}" boots server "{server}" from flavor "{flavor}" in the zone of host "{host}"')
def boot_in_zone(context: Context, user: str, server: str, flavor: str, host: str) -> None:
    """Let a user name the host of a new server as ZONE:HOST, which only administrators may.

    Example:
        When user "bob" boots server "own" from flavor "small" in the zone of host "alpha"
    """
    users.boot(context, user, server, server_requests.boot(context, server, flavor, host=host, by_zone=True))


@when('user "{user}" resizes server "{server}" to flavor "{flavor}"')
def resize(context: Context, user: str, server: str, flavor: str) -> None:
    """Let a user resize a server; wait until the resize awaits a decision, or was refused or failed.

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


@when('user "{user}" asks for the {listing}')
def ask_for(context: Context, user: str, listing: str) -> None:
    """Let a user ask for a list that administrators have.

    Example:
        When user "bob" asks for the resource providers
    """
    users.ask_for(context, user, listing)


@when('user "{user}" asks for server "{server}"')
def ask_for_server(context: Context, user: str, server: str) -> None:
    """Let a user ask for the details of a server.

    Example:
        When user "bob" asks for server "web"
    """
    users.ask_for_server(context, user, server)


@when('user "{user}" asks to {administration} server "{server}"')
def ask_to(context: Context, user: str, administration: str, server: str) -> None:
    """Let a user ask for something that only administrators may do to a server.

    Example:
        When user "bob" asks to evacuate server "own"
    """
    users.ask_to(context, user, administration, server)


@then('user "{user}" is shown these servers')
def sees_servers(context: Context, user: str, datatable: list[list[str]]) -> None:
    """Claim every server that Nova lists for a user.

    Example:
        Then user "bob" is shown these servers
          | server |
          | own    |
    """
    rows = read_rows(datatable, "the table of servers", ("server",))
    users.sees_servers(context, user, [row["server"] for row in rows])


@then('user "{user}" is told no host of server "{server}"')
def is_told_no_host(context: Context, user: str, server: str) -> None:
    """Claim that neither a server nor the events of its actions tell a user on which host it is.

    Example:
        Then user "bob" is told no host of server "own"
    """
    users.is_told_no_host(context, user, server)


@then("the users read these usages of their projects in Placement")
def read_usages(context: Context, datatable: list[list[str]]) -> None:
    """Claim what Placement tells users that their own projects hold.

    Example:
        Then the users read these usages of their projects in Placement
          | user | VCPU | MEMORY_MB | DISK_GB |
          | bob  |    1 |       512 |       1 |
    """
    for row in read_rows(datatable, "the table of usages", ("user", "VCPU", "MEMORY_MB", "DISK_GB")):
        user, *amounts = row.values()
        users.reads_usages(context, user, Resources(dict(zip(list(row)[1:], map(int, amounts), strict=True))))
