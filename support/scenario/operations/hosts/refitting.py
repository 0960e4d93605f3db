"""Hosts that return with other devices or options than they had: a card taken out, virtual GPUs disabled."""

from stocktake.support.errors import FeatureError
from stocktake.support.hosts.lab_control import HttpControl
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.operations.hosts.special_hosts import DRIVERS, is_special


def return_as(context: Context, role: str, behaviour: str) -> None:
    """Start the compute service of a libvirt host that the scenario added and stopped again, with its guests, on the
    devices and the options of another behaviour; wait until Nova reports it as up.

    Raises FeatureError for any other host.
    """
    host, control = context.roles.host(role), context.cloud.control
    if not (is_special(context, host) and isinstance(control, HttpControl)):
        raise FeatureError(f'host "{role}" was not added for this scenario: begin with a step that adds a host')
    if host.service not in context.owned.stopped:
        raise FeatureError(f'host "{role}" is up: begin with a step that stops it')
    control.return_host_as(host.service, DRIVERS[behaviour])
    context.cloud.services.force_down(context.cloud.services.get(host.service).id, down=False)
    hosts.await_service(context, host, up=True)
    context.undoing.undone(context.owned.stopped.pop(host.service))
    context.trees.changing.add(host.provider)
