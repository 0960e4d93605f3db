"""Accelerators of servers: device profiles, which flavors name, and what Cyborg has bound for whom."""

from stocktake.support.accounting.accelerators import Row, draw, requests_equal
from stocktake.support.api.accelerators import Accelerators
from stocktake.support.errors import FeatureError, Unverified
from stocktake.support.ownership.kinds.device_profiles import DEVICE_PROFILE
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.claims import check_names, claim

CLASS = "FPGA"
"""The resource class by which features call accelerators; a cloud's own may be another, which `accelerator:` names."""


def accelerator_service(context: Context) -> Accelerators:
    """Return the client of the accelerator service. Raises Unverified where the cloud has none."""
    if not context.cloud.accelerators.offered:
        raise Unverified(
            f'cloud "{context.cloud.target.name}" has no accelerator service in its catalog',
            "run this feature on a cloud with Cyborg, or on a lab that was started --with=cyborg",
        )
    return context.cloud.accelerators


def create_profile(context: Context, name: str, amount: int) -> None:
    """Create a device profile that asks for so many accelerators of one device.

    Raises Unverified where the cloud has no accelerator service, or the scenario's hosts have no accelerators.
    """
    service, owned = accelerator_service(context), context.owned
    if name in owned.device_profiles:
        raise FeatureError(f'device profile "{name}" already exists in this scenario: give each its own name')
    real_class = context.cloud.settings.accelerator
    _check_hosts_have(context, real_class)
    if real_class != CLASS:
        owned.custom_names[CLASS] = real_class
    real = context.names.real(name)
    with context.undoing.after(DEVICE_PROFILE, real) as entry:
        made = service.create_profile(real, [{f"resources:{real_class}": str(amount)}])
    context.undoing.identify(entry, made.id)
    owned.device_profiles[name] = made


def _check_hosts_have(context: Context, resource_class: str) -> None:
    inventories = context.trees.inventories()
    for root, tree in context.trees.all().items():
        if tree and not any(resource_class in inventories[provider.uuid] for provider in tree[1:]):
            host = next(host.service for host in context.roles.hosts if host.provider == root)
            raise Unverified(
                f'host "{host}" has no accelerators of class {resource_class}',
                f'list hosts that have as "hosts:", or name their resource class as "accelerator:", under "stocktake:" '
                f"of the cloud in {context.cloud.settings.file}",
            )


def requests_are(context: Context, expected: tuple[Row, ...]) -> None:
    """Check all accelerator requests of the scenario's device profiles; hosts are named by their roles."""
    accelerator_service(context)
    check_names(context, {row.host for row in expected if row.host})
    for row in expected:
        if row.server:
            context.servers.id_of(row.server)
    claim(
        context,
        lambda: _rows(context),
        requests_equal(expected),
        what="the accelerator requests to match",
        describe=draw,
    )


def _rows(context: Context) -> list[Row]:
    called = context.names.of_servers()
    roles = {host.node: role for role, host in context.roles.played.items()}
    return [
        Row(
            called.get(request.server, f"unknown server {request.server}") if request.server else "",
            roles.get(request.host, request.host) if request.host else "",
            request.state,
        )
        for request in context.accelerators.all()
    ]
