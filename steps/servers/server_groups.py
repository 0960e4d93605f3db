"""Server groups: servers that Nova keeps together on one host, or apart."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.servers import server_groups, server_requests, servers


@given('server group "{group}" with policy {policy}')
def create_group(context: Context, group: str, policy: str) -> None:
    """Create a server group with a policy, until the scenario ends.

    Example:
        Given server group "apart" with policy anti-affinity
    """
    server_groups.create(context, group, policy)


@given('server "{server}" of group "{group}" runs flavor "{flavor}" on host "{host}"')
def running_member(context: Context, server: str, group: str, flavor: str, host: str) -> None:
    """Have a server ACTIVE on a host that was booted in a server group.

    Example:
        Given server "web" of group "apart" runs flavor "small" on host "alpha"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, group=group))
    servers.require(context, server, "ACTIVE", host)


@when('server "{server}" of group "{group}" is booted with flavor "{flavor}"')
def boot_member(context: Context, server: str, group: str, flavor: str) -> None:
    """Boot a server in a server group; wait until its build has succeeded or failed.

    Example:
        When server "db" of group "apart" is booted with flavor "small"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, group=group))


@when('server "{server}" of group "{group}" is booted with flavor "{flavor}" on host "{host}"')
def boot_member_on_host(context: Context, server: str, group: str, flavor: str, host: str) -> None:
    """Boot a server in a server group on a specified host; wait until its build has succeeded or failed.

    Example:
        When server "db" of group "apart" is booted with flavor "small" on host "alpha"
    """
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, group=group))
