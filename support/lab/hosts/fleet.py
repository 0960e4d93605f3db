"""The compute hosts inside the lab's Nova process: started, stopped, failed, brought back, and made to run periodic
tasks.
"""

import datetime
import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from nova import context, exception, objects, service, utils
from nova.compute import resource_tracker, rpcapi
from nova.virt import driver as virt_driver
from oslo_config import cfg
from stocktake.support.lab.hosts import failures, kinds
from stocktake.support.lab.hosts.accelerators import AcceleratorAgents
from stocktake.support.lab.hosts.libvirt import profiles
from stocktake.support.lab.hosts.network import NetworkAgents
from stocktake.support.lab.releases import Era
from stocktake.support.lab.services import messaging
from stocktake.support.lab.services.cells import Cells

CONF = cfg.CONF

RESOURCE_PERIODIC = "update_available_resource"
LONGEST_INTERVAL = 60  # seconds between two runs of it, by default


class Refused(Exception):  # noqa: N818 - the answer to a request, not a failure of ours
    """The request cannot be carried out; the message says why and what to do instead."""


class NotOfThisLab(Refused):
    """The lab, or its release, does not have what is asked for; `remedy` says which one has."""

    def __init__(self, reason: str, remedy: str):
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class UnknownHost(Refused):
    """No host of that name is in the lab."""


@dataclass
class Host:
    """A compute host: what it runs on, its service while it is running, the driver of that service, and the timers
    that go on reporting a failed host as up.
    """

    name: str
    driver_name: str
    machine: kinds.Machine
    service: Any = None
    driver: Any = None
    heartbeat: Any = None

    @property
    def state(self) -> str:
        """`up`, `failed` (Nova still reports it as up) or `stopped`."""
        if self.service is not None:
            return "up"
        return "stopped" if self.heartbeat is None else "failed"


class Fleet:
    """All hosts of the lab. Its methods may be called from any thread; hosts start and stop one at a time."""

    def __init__(self, cells: Cells, era: Era, agents: NetworkAgents, accelerators: AcceleratorAgents) -> None:
        self._cells = cells
        self._era = era
        self._agents = agents
        self._accelerators = accelerators
        self._hosts: dict[str, Host] = {}
        self._names: set[str] = set()  # of all hosts so far
        self._lock = threading.RLock()
        virt_driver.load_compute_driver = self._load_driver

    def list(self) -> list[Host]:
        """The hosts in the order they were added.

        What has begun is awaited, so that nobody takes a host that is being started for a stopped one.
        """
        with self._lock:
            return list(self._hosts.values())

    def add(self, driver_name: str, name: str | None = None) -> Host:
        """Start a new host; the next free `hostN` unless it is given a name."""
        with self._lock:
            if name in self._hosts:
                raise Refused(f"host {name!r} already exists; omit the name for a new one")
            name = name or self._free_name()
            if profiles.is_libvirt(driver_name) and not self._era.libvirt_hosts:
                raise NotOfThisLab(
                    "a lab of this release has no hosts with the libvirt driver", "use a lab of the installed release"
                )
            try:
                host = Host(name, driver_name, kinds.machine_of(driver_name, name))
            except ValueError as error:
                raise Refused(str(error)) from error
            self._hosts[host.name] = host
            self._names.add(host.name)
            try:
                self._start(host)
            except BaseException:
                del self._hosts[host.name]
                raise
            return host

    def fail(self, name: str) -> None:
        """Halt the host like a power failure that Nova does not notice: it keeps reporting the host as up until `stop`.

        On a real host that lasts for service_down_time after the last heartbeat; here it lasts as long as the
        scenario needs.
        """
        with self._lock:
            host = self._find(name)
            if host.service is None:
                raise Refused(f"host {name!r} is already {host.state}")
            self._halt(host)

    def stop(self, name: str) -> None:
        """Stop the host's compute service, unless it has failed before; Nova reports it as down at once."""
        with self._lock:
            host = self._find(name)
            if host.state == "stopped":
                raise Refused(f"host {name!r} is already stopped")
            if host.service is not None:
                self._halt(host)
            _end_heartbeat(host)
            with self._cells.at(name):
                _backdate_heartbeat(name)

    def lose_cell(self, number: int) -> None:
        """Let a cell of Nova not answer any more; see `Cells.lose`."""
        try:
            self._cells.lose(number)
        except KeyError as error:
            raise Refused(f"the lab has no cell {number}; choose another number, or another shape") from error

    def drop_messages(self, name: str) -> int:
        """Delete the messages that wait for a host that is not up, and return how many there were."""
        host = self._find(name)
        if host.service is not None:
            raise Refused(f"host {name!r} is up and takes its messages at once; stop it first")
        return messaging.drop(name)

    def bring_back(self, name: str, *, guests_kept: bool, driver: str | None = None, agent_starts: bool = True) -> None:
        """Start a new compute service on a stopped or failed host, with its previous guests or without any.

        With `driver`, the host has the hardware and the options of that one from now on. `agent_starts` tells whether
        its network agent starts as well, or has gone on running.
        """
        with self._lock:
            host = self._find(name)
            if host.service is not None:
                raise Refused(f"host {name!r} is up; stop it first")
            if driver is not None:
                _refit(host, driver)
            if not guests_kept:
                host.machine.lose_guests()
            _end_heartbeat(host)
            self._start(host, agent_starts=agent_starts)

    def remove(self, name: str) -> None:
        """Stop the host, if it is up, and forget it. Its records in Nova are left to API users."""
        with self._lock:
            host = self._find(name)
            if host.state != "stopped":
                self.stop(name)
            messaging.drop(name)
            del self._hosts[name]

    def set_capabilities(self, name: str, changes: Mapping[str, bool]) -> dict[str, bool]:
        """Change capabilities of the host's driver, such as `supports_attach_interface`; its next periodic task reports
        them. Returns the previous values.
        """
        host = self._find(name)
        known = host.driver.capabilities
        for capability, value in changes.items():
            if capability not in known or not isinstance(value, bool):
                raise Refused(
                    f"{capability!r}: {value!r} is not a capability and true or false; choose one of {', '.join(known)}"
                )
        host.driver.capabilities = {**known, **changes}
        return {capability: known[capability] for capability in changes}

    def report_network(self, name: str, **budget: int) -> bool:
        """Let the network agent of a host start anew, with another budget if it is given; see `NetworkAgents.report`.

        Returns whether Placement has what it reports.
        """
        host = self._find(name)
        self._require_network()
        return self._agents.report(name, _node_of(host), starts=True, **budget)

    def stop_network_agent(self, name: str) -> None:
        """Let Neutron report the network agent of a host as down, until it starts anew."""
        self._find(name)
        self._require_network()
        self._agents.stop(name)

    def bring_port_up(self, name: str, port: str) -> None:
        """Let the network agent of a host report the device of a port as up, which Nova is then told."""
        self._find(name)
        self._require_network()
        self._agents.bring_up(name, port)

    def _require_network(self) -> None:
        if not self._agents.exist:
            raise NotOfThisLab("the hosts of this lab have no network agents", "start one with --with=neutron")

    def run_periodic(self, name: str, task: str = RESOURCE_PERIODIC) -> None:
        """Run one of the compute manager's periodic tasks on a host that is up, and wait until it ends.

        The host's cached view of Placement is refreshed, as after a real interval, unless the lab's shape has Nova keep
        it for longer than that.
        """
        host = self._find(name)
        if host.service is None:
            raise Refused(f"host {name!r} is {host.state}; its periodic task cannot run")
        manager = host.service.manager
        tasks = {task_name for task_name, _task in manager._periodic_tasks}
        if task not in tasks:
            raise Refused(f"there is no periodic task {task!r}; choose one of {', '.join(sorted(tasks))}")
        if CONF.compute.resource_provider_association_refresh <= LONGEST_INTERVAL:
            _forget_providers(manager.reportclient)
        with self._cells.at(name), host.machine.acting():
            getattr(manager, task)(context.get_admin_context())

    def _find(self, name: str) -> Host:
        try:
            return self._hosts[name]
        except KeyError:
            raise UnknownHost(f"there is no host {name!r}; there are {', '.join(self._hosts)}") from None

    def _free_name(self) -> str:
        """A name that no host has had, because Nova's records of removed hosts outlive them."""
        names = (f"host{number}" for number in itertools.count(1))
        return next(name for name in names if name not in self._names)

    def _start(self, host: Host, *, agent_starts: bool = True) -> None:
        """Start a service of the host, all of whose threads work for it."""
        with host.machine.acting():
            self._start_acting(host)
            self._agents.report(host.name, _node_of(host), starts=agent_starts)
            self._accelerators.report(host.name)

    def _start_acting(self, host: Host) -> None:
        topics = {"topic_alt": rpcapi.RPC_TOPIC_ALT} if self._era.second_topic else {}
        made = service.Service.create(host=host.name, binary="nova-compute", topic="compute", **topics)
        for claim in getattr(host.driver, "refused_claims", ()):
            setattr(made.manager.rt, claim, _refuse_claim)
        if getattr(host.driver, "live_migrates_in_turn", False):
            self._live_migrate_in_turn(made.manager)
        made.manager._do_build_and_run_instance = failures.until_failed(made.manager._do_build_and_run_instance)
        messaging.reach(host.name)
        made.periodic_tasks = self._cells.bound(host.name, made.periodic_tasks)
        with self._cells.at(host.name):
            made.start()
            _map(host.name, self._cells.of(host.name))
        _beat(made.service_ref)
        host.service = made

    def _live_migrate_in_turn(self, manager: Any) -> None:
        """Give a host a queue of live migrations of its own, one at a time, as Nova has by default
        (`max_concurrent_live_migrations`).
        """
        if self._era.shared_executors:  # Nova's limit applies to the process that all hosts share
            manager._start_recorded_task = _one_live_migration_at_a_time(manager)
        else:
            manager._live_migration_executor = type(manager._live_migration_executor)(max_workers=1)

    def _halt(self, host: Host) -> None:
        """Stop a host's service like a power failure, as far as possible within one process; only its heartbeat
        remains.

        It receives no more messages: casts wait for its return, and calls time out at once. Running operations are not
        awaited; those that wait inside the lab's drivers end without a trace.
        """
        running, host.service = host.service, None
        host.heartbeat = running.tg
        if self._era.shutdown_in_progress:
            running.manager.set_shutdown_in_progress()
        messaging.lose(host.name)
        servers = [running.rpcserver, *([running.rpcserver_alt] if self._era.second_topic else [])]
        for server in servers:
            server.stop()
        host.driver.failed.set()
        running.manager.driver.register_event_listener(None)
        running.manager.instance_events.cancel_all_events()
        for server in servers:
            threading.Thread(target=server.wait, daemon=True).start()  # ends their threads once they are idle

    def _load_driver(self, virtapi: Any, _name: str | None = None) -> Any:
        """Called by the host's compute manager for the driver that all hosts' configuration names."""
        host = self._hosts[virtapi._compute.host]
        host.driver = host.machine.driver(virtapi)
        host.driver.failed = threading.Event()
        return host.driver


def _node_of(host: Host) -> str:
    """The name of a host's compute node, of which each host of a lab has one."""
    return str(host.driver.get_available_nodes()[0])


def _refit(host: Host, driver: str) -> None:
    try:
        host.machine.refit(driver)
    except ValueError as error:
        raise Refused(str(error)) from error
    host.driver_name = driver


def _end_heartbeat(host: Host) -> None:
    if host.heartbeat is not None:
        host.heartbeat.stop(graceful=False)
        host.heartbeat = None


def _one_live_migration_at_a_time(manager: Any) -> Callable[..., Any]:
    """Return a replacement of `_start_recorded_task` with a queue of live migrations of its own."""
    from nova import thread_pool_factory  # noqa: PLC0415 - not every release has it

    queue, start = ThreadPoolExecutor(max_workers=1), manager._start_recorded_task

    def start_in_turn(kind: Any, task: str, server: Any, request: Any, act: Callable[..., Any], *args: Any) -> Any:
        if kind is not thread_pool_factory.ExecutorType.LIVE_MIGRATION:
            return start(kind, task, server, request, act, *args)
        return queue.submit(lambda: (request.update_store(), act(*args)))  # the store sets the request ID in the log

    return start_in_turn


def _refuse_claim(*_args: Any, **_kwargs: Any) -> Any:
    raise exception.ComputeResourcesUnavailable(reason="this host refuses such claims")


def _map(name: str, cell: Any) -> None:
    """Map the host to its cell, as `nova-manage cell_v2 discover_hosts` does."""
    admin = context.get_admin_context()
    if not any(mapping.host == name for mapping in objects.HostMappingList.get_by_cell_id(admin, cell.id)):
        objects.HostMapping(admin, host=name, cell_mapping=cell).create()
    for node in objects.ComputeNodeList.get_all_by_host(admin, name):
        node.mapped = 1
        node.save()


def _beat(service_ref: Any) -> None:
    """Report that the service is up now, without waiting for its timer."""
    service_ref.report_count += 1
    service_ref.save()


def _backdate_heartbeat(name: str) -> None:
    """Let Nova report the service as down at once instead of after service_down_time."""
    admin = context.get_admin_context()
    stopped = objects.Service.get_by_host_and_binary(admin, name, "nova-compute")
    if stopped is not None:
        stopped.last_seen_up -= datetime.timedelta(seconds=2 * CONF.service_down_time)
        stopped.save()


@utils.synchronized(resource_tracker.COMPUTE_RESOURCE_SEMAPHORE, fair=True)
def _forget_providers(reports: Any) -> None:
    """Have every provider read anew, but never amid a claim: all hosts of the process share these reports."""
    reports.clear_provider_cache()
