"""Where ports are bound: to which host, and to which resource providers, which their servers must hold."""

from dataclasses import dataclass

from stocktake.support.accounting.ledger import CHILD
from stocktake.support.accounting.ports import OF_PORTS
from stocktake.support.api.networks import Port
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.claims import check_names
from stocktake.support.scenario.operations.matchers import Worded
from stocktake.support.scenario.operations.network.ports import port_id
from stocktake.support.scenario.operations.servers.progress import have_ended
from stocktake.support.waiting import eventually


@dataclass(frozen=True)
class Binding:
    """Where a port is bound, in the feature's words: its host, None for none, the providers that its binding names, and
    those on which its server holds something for its ports."""

    host: str | None
    named: frozenset[str]
    held: frozenset[str]

    def __str__(self) -> str:
        if self.host is None:
            return "not bound"
        return f'bound to host "{self.host}" and {_listed(self.named)}, while its server holds {_listed(self.held)}'


def is_bound(context: Context, name: str, host: str) -> None:
    """Check that a port is bound to a host, and that its server holds what its binding names, on that host."""
    check_names(context, [host])

    def fits(binding: Binding) -> bool:
        at_home = all(provider.startswith(f"{host}{CHILD}") for provider in binding.named)
        return binding.host == host and at_home and bool(binding.named) and binding.named <= binding.held

    _claim(context, name, Worded(fits, f'bound to host "{host}" and to what its server holds there', str))


def is_unbound(context: Context, name: str) -> None:
    """Check that a port is bound to no host, and that its binding names no provider."""
    _claim(
        context,
        name,
        Worded(lambda binding: binding.host is None and not binding.named, "not bound, and no provider named", str),
    )


def _claim(context: Context, name: str, matcher: Worded[Binding]) -> None:
    port = port_id(context, name)
    eventually(
        context.anew(lambda: _read(context, context.cloud.networks.port(port))),
        matcher,
        within=context.cloud.patience("accounts"),
        what=f'the binding of port "{name}" to match',
        describe=str,
        settled=lambda: have_ended(context),
    )


def _read(context: Context, port: Port) -> Binding:
    names = context.names.of_providers()
    rows = context.accounts.last().ledger.items()
    held = {provider for (consumer, provider), amounts in rows if consumer == port.server and amounts.only(OF_PORTS)}
    named = {names.get(provider, provider) for provider in port.providers.values()}
    roles = {host.service: role for role, host in context.roles.played.items()}
    host = roles.get(port.host, port.host) or None
    return Binding(host, frozenset(named), frozenset(names.get(provider, provider) for provider in held))


def _listed(providers: frozenset[str]) -> str:
    return " and ".join(sorted(providers)) or "no provider"
