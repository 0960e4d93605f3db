"""A host is stopped only where it can be brought back, and is brought back whatever became of stopping it."""

from types import SimpleNamespace

import pytest
from stocktake.support.errors import CloudError, NotDone, Unverified
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.roles import ComputeHost, Roles
from stocktake.support.ownership.mark import Mark
from stocktake.support.ownership.undo import Undoing
from stocktake.support.scenario.operations.hosts import hosts
from stocktake.support.scenario.state.consumer_owners import ConsumerOwners

HOST = ComputeHost("host1", "node1", "provider-1")


class Nova:
    """One compute service, which Nova calls up until it is forced down, as long as its heartbeat is not missed."""

    def __init__(self) -> None:
        self.up = self.enabled = True
        self.broken = False

    def get(self, host: str) -> SimpleNamespace:
        return SimpleNamespace(id="service-1", host=host, up=self.up, enabled=self.enabled, forced_down=not self.up)

    def all(self, host: str) -> list[SimpleNamespace]:
        return [self.get(host)]

    def disable(self, service_id: str, *, reason: str) -> None:
        self.enabled = False

    def enable(self, service_id: str) -> None:
        self.enabled = True

    def force_down(self, service_id: str, *, down: bool = True) -> None:
        if self.broken and down:
            raise CloudError("the compute API did not answer")
        self.up = not down


class Notes:
    """A journal that remembers nothing."""

    def belongs_to(self, cloud_id: object) -> None:
        pass

    def note(self, kind: str, name: str, **details: object) -> SimpleNamespace:
        return SimpleNamespace(kind=kind, name=name, details=details)

    def strike(self, entry: object) -> None:
        pass


@pytest.fixture
def context(tmp_path):
    """The books of a scenario on a cloud whose commands write down that they ran."""
    commands = {name: f"sh -c 'echo {name} {{host}} >> {tmp_path}/ran'" for name in ("stop_host", "return_host")}
    settings = SimpleNamespace(allow_disruptive=True, hosts=("host1",), patience_for=lambda operation: 5.0)
    cloud = SimpleNamespace(
        services=Nova(),
        migrations=SimpleNamespace(all=lambda host, type: []),
        traits=SimpleNamespace(remove=lambda provider, trait: None),
        placement=SimpleNamespace(provider_allocations=lambda provider: {}),
        settings=settings,
        patience=settings.patience_for,
        mark=Mark.new(),
        foreign_servers=lambda host: [],
        consumer_owners=ConsumerOwners(),
    )
    made = SimpleNamespace(
        cloud=cloud,
        number=1,
        roles=Roles([HOST]),
        undoing=Undoing(Notes(), cloud),
        owned=SimpleNamespace(stopped={}, bare_consumers={}),
        servers=SimpleNamespace(ids={}, consumers=tuple),
        names=SimpleNamespace(real=lambda name: f"{cloud.mark}-{name}"),
    )

    def control(**changed):
        kept = {name: command for name, command in {**commands, **changed}.items() if command}
        cloud.control = CommandControl(kept, cloud="staging")

    control()
    made.control = control
    made.ran = lambda: (tmp_path / "ran").read_text().split("\n")[:-1] if (tmp_path / "ran").exists() else []
    return made


def test_host_is_stopped_and_brought_back(context):
    hosts.stop(context, "alpha")
    assert not context.cloud.services.up
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.cloud.services.up
    assert context.ran() == ["stop_host host1", "return_host host1"]


def test_host_that_returned_in_the_scenario_is_left_alone_after_it(context):
    hosts.stop(context, "alpha")
    hosts.return_with_guests(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.ran() == ["stop_host host1", "return_host host1"]


@pytest.mark.parametrize("missing", ["stop_host", "return_host"])
def test_host_that_could_not_be_brought_back_is_not_stopped(context, missing):
    context.control(**{missing: None})
    with pytest.raises(Unverified, match=f'set "{missing}" under'):
        hosts.stop(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.ran() == []


def test_host_is_brought_back_even_if_nova_was_never_told_that_it_is_down(context):
    context.cloud.services.broken = True
    with pytest.raises(CloudError, match="did not answer"):
        hosts.stop(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.ran() == ["stop_host host1", "return_host host1"]


def test_host_is_brought_back_after_a_command_that_may_have_stopped_it(context):
    context.control(stop_host="false")
    with pytest.raises(Unverified, match='ended with status 1: it printed nothing; correct "stop_host" under'):
        hosts.stop(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.ran() == ["return_host host1"]


def test_host_is_not_stopped_when_the_program_to_bring_it_back_is_not_there(context):
    context.control(return_host="no-such-command {host}")
    with pytest.raises(Unverified, match=r'program "no-such-command" not found.*correct "return_host" under'):
        hosts.stop(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
    assert context.ran() == []


def test_nothing_is_to_be_undone_after_a_command_that_could_not_be_started(context):
    context.control(
        stop_host={"command": "no-such-command {host}", "shell": True},
        return_host={"command": "no-such-command either", "shell": True},
    )
    with pytest.raises(NotDone, match='correct "stop_host" under'):
        hosts.stop(context, "alpha")
    assert context.undoing.undo_all() == []
    assert context.cloud.services.enabled
