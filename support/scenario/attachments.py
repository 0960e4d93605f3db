"""What a report shows beside a step: the accounts as last read, the requests sent, the servers' history, the cloud.

Plain values in the shapes of stocktake.support.reporting.writing.attachments; nothing here depends on how they are
drawn.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from stocktake.support.api.replies import Exchange
from stocktake.support.errors import StocktakeError
from stocktake.support.scenario.cloud import Cloud
from stocktake.support.scenario.context import Context

PACKAGES = ("stocktake", "pytest-bdd")
SERVICES = ("nova", "openstack-placement", "keystone", "glance")


def ledger(context: Context, title: str) -> dict[str, Any] | None:
    """Return the accounts as last read, under the feature's names; None before the first reading."""
    account = context.accounts.latest
    if account is None or not context.roles.hosts:
        return None
    names = context.names.of_providers()
    inventories = context.trees.inventories()
    own = context.accounts.own(account.ledger).named(context.names.of_consumers(account.ledger), names)
    usages = account.usages.named(names)
    return {
        "title": title,
        "providers": [
            {
                "name": name,
                "capacity": {kind: held.capacity for kind, held in inventories.get(provider, {}).items()},
            }
            for provider, name in names.items()
        ],
        "rows": own.as_json(),
        "usages": usages.as_json(),
        "changes": (account.usages - context.accounts.baseline.usages).named(names).as_json(),
    }


def exchanges(context: Context, after: Exchange | None) -> list[Exchange]:
    """Return the requests that the scenario and its users sent after that one, oldest first.

    When that request is no longer kept, all requests that the sessions keep are returned.
    """
    new: list[Exchange] = []
    for session in context.sessions:
        for exchange in reversed(session.exchanges):
            if exchange is after or (after is not None and exchange.time < after.time):
                break
            new.append(exchange)
    return sorted(new, key=lambda exchange: exchange.time)


def history(context: Context) -> list[dict[str, Any]]:
    """Return what the servers looked like over time, hosts named by their roles."""
    return [
        {
            "seconds": round(seen.seconds, 3),
            "server": seen.server,
            "status": seen.status or "gone",
            "task_state": seen.task_state,
            "host": context.roles.role_of(seen.host) if seen.host else None,
        }
        for seen in context.servers.history
    ]


def describe(cloud: Cloud, release: str | None = None) -> dict[str, Any]:
    """Describe the cloud of a run: its name, its APIs' microversions, its hosts, and the packages in use.

    A lab of another release is called by it, and has packages of its own.
    """
    microversions = {}
    for service in ("compute", "placement"):
        try:
            offered = cloud.session.versions(service)
        except StocktakeError:
            continue
        microversions[service] = [str(offered.least), str(offered.most)]
    return {
        "name": release or cloud.target.name,
        "microversions": microversions,
        "hosts": list(cloud.candidates()),
        "packages": {
            name: found for name in (PACKAGES if release else (*PACKAGES, *SERVICES)) if (found := _installed(name))
        },
    }


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
