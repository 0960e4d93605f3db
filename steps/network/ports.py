"""Ports: what servers are connected by, and the bandwidth and packet rate that these guarantee."""

from stocktake.support.accounting.tables import read_ports
from stocktake.support.gherkin.phrases import given, then, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.network import bindings, ports
from stocktake.support.scenario.operations.refusals import check_spoken
from stocktake.support.scenario.operations.servers import server_requests, servers


@given("these ports", needs=("ports",))
def create_ports(context: Context, datatable: list[list[str]]) -> None:
    """Create ports in a network of the scenario, each with a QoS policy that guarantees these amounts.

    Example:
        Given these ports
          | port | NET_BW_EGR_KILOBIT_PER_SEC |
          | gold |                       1000 |
    """
    ports.create(context, read_ports(datatable))


@given('server "{server}" runs flavor "{flavor}" with port "{port}" on host "{host}"', needs=("ports", "compute 2.72"))
def running_server(context: Context, server: str, flavor: str, port: str, host: str) -> None:
    """Have a server ACTIVE on a host that was booted with a port.

    Example:
        Given server "web" runs flavor "small" with port "gold" on host "alpha"
    """
    request = server_requests.boot(context, server, flavor, host=host, port_id=ports.port_id(context, port))
    servers.boot(context, server, request)
    servers.require(context, server, "ACTIVE", host)


@when('server "{server}" is booted with flavor "{flavor}" and port "{port}"', needs=("ports", "compute 2.72"))
def boot(context: Context, server: str, flavor: str, port: str) -> None:
    """Boot a server with a port; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small" and port "gold"
    """
    request = server_requests.boot(context, server, flavor, port_id=ports.port_id(context, port))
    servers.boot(context, server, request)


@when(
    'server "{server}" is booted with flavor "{flavor}" and port "{port}" on host "{host}"',
    needs=("ports", "compute 2.72"),
)
def boot_on_host(context: Context, server: str, flavor: str, port: str, host: str) -> None:
    """Boot a server with a port on a specified host; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "small" and port "gold" on host "alpha"
    """
    request = server_requests.boot(context, server, flavor, host=host, port_id=ports.port_id(context, port))
    servers.boot(context, server, request)


@when('port "{port}" is attached to server "{server}"')
def attach(context: Context, port: str, server: str) -> None:
    """Attach a port to a server; wait until that has succeeded or failed.

    Example:
        When port "gold" is attached to server "web"
    """
    ports.attach(context, port, server)


@given('port "{port}" has been attached to server "{server}"')
def attached_port(context: Context, port: str, server: str) -> None:
    """Have a port attached to a server; fails if that is refused.

    Example:
        Given port "gold" has been attached to server "web"
    """
    ports.attach(context, port, server)
    check_spoken(context)


@when('port "{port}" is detached from server "{server}"')
def detach(context: Context, port: str, server: str) -> None:
    """Detach a port from a server; wait until that has succeeded or failed.

    Example:
        When port "gold" is detached from server "web"
    """
    ports.detach(context, port, server)


@given('port "{port}" has been detached from server "{server}"')
def detached_port(context: Context, port: str, server: str) -> None:
    """Have a port detached from a server; fails if that is refused.

    Example:
        Given port "gold" has been detached from server "web"
    """
    ports.detach(context, port, server)
    check_spoken(context)


@when('port "{port}" is changed to guarantee {amount} {resource}')
def change(context: Context, port: str, amount: int, resource: str) -> None:
    """Let a port guarantee another amount of a resource class, by another QoS policy.

    Example:
        When port "gold" is changed to guarantee 5000 NET_BW_EGR_KILOBIT_PER_SEC
    """
    ports.change(context, port, resource, amount)


@given('port "{port}" has been changed to guarantee {amount} {resource}')
def changed_port(context: Context, port: str, amount: int, resource: str) -> None:
    """Have a port guarantee another amount of a resource class, by another QoS policy; fails if that is refused.

    Example:
        Given port "gold" has been changed to guarantee 5000 NET_BW_EGR_KILOBIT_PER_SEC
    """
    ports.change(context, port, resource, amount)
    check_spoken(context)


@when('port "{port}" is deleted')
def delete(context: Context, port: str) -> None:
    """Delete a port in Neutron; wait until Nova has taken it from its server.

    Example:
        When port "gold" is deleted
    """
    ports.delete(context, port)


@then('port "{port}" is bound to host "{host}"')
def is_bound(context: Context, port: str, host: str) -> None:
    """Check that a port is bound to a host, and that its server holds what the binding names, all of it there.

    Example:
        Then port "gold" is bound to host "alpha"
    """
    bindings.is_bound(context, port, host)


@then('port "{port}" is not bound')
def is_unbound(context: Context, port: str) -> None:
    """Check that a port is bound to no host, and that its binding names no resource provider.

    Example:
        Then port "gold" is not bound
    """
    bindings.is_unbound(context, port)
