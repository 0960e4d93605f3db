"""A project on a cloud whose periodic task can only be awaited; scenarios are named by their tags, such as @bug-1."""

import yaml

from tests.doubles.sessions import cloud_entry
from tests.plugin_project import Project

INTERVAL = 0.3  # seconds

STAND_INS = '''

from types import SimpleNamespace

from stocktake.support.errors import Crowded
from stocktake.support.accounting.resources import Resources
from stocktake.support.scenario.stability import FiguresDisagree
from stocktake.support.waiting import SYSTEM_CLOCK, TookTooLong

PARKED = []
LEASES = SimpleNamespace(others_wait=lambda: "OTHERS_WAIT" in os.environ)


def named_in(variable, name):
    return name in os.environ.get(variable, "").split()


class Company:
    parked = PARKED

    @contextmanager
    def vouching(self):
        note("vouching")
        yield
        note("vouched")

    @property
    def is_full(self):
        return len(PARKED) >= int(os.environ.get("ROOM", 20))


def miscounted(by):
    facts = {"what": "", "waited": 0.0, "readings": 1, "last": None, "history": []}
    return FiguresDisagree(TookTooLong("the figures are wrong", **facts), {"p": Resources(VCPU=by)})


class Parking(Stage):
    """Notes what is done with each scenario; environment variables name those that fail."""

    may_lack_room = property(lambda self: bool(PARKED) and named_in("LACKS_ROOM", self.name))
    has_moved = property(lambda self: named_in("MOVES", self.name))
    is_parked = property(lambda self: self in PARKED)

    def __init__(self, cloud, roles, *, tags=(), needs=()):
        super().__init__(cloud, roles, tags=tags, needs=needs)
        self.name = next((tag for tag in tags if tag.startswith("bug-")), "a scenario")
        self.context = SimpleNamespace(cloud=SimpleNamespace(company=Company(), leases=LEASES))
        self.stopped = named_in("DISRUPTIVE", self.name)

    def open(self):
        if self.stopped and PARKED:
            raise Crowded("it must be alone")
        note("runs", self.name, os.environ.get("PYTEST_XDIST_WORKER"), len(PARKED))

    def audit(self, *, always):
        if self.may_lack_room and always:
            raise Unverified("there is no room", "make some")
        if named_in("FAILS", self.name) and always:
            raise AssertionError("a step has failed")
        if named_in("INTERRUPTED", self.name):
            raise KeyboardInterrupt

    def park(self):
        if self.stopped:
            return False
        self.parked_at = SYSTEM_CLOCK.now()
        PARKED.append(self)
        return True

    def check_parked(self, *, figures_within):
        note("checked", self.name, figures_within, SYSTEM_CLOCK.now() - self.parked_at >= INTERVAL)
        self.checks = [Check("periodic", "checked")]
        if named_in("CHANGES", self.name):
            raise AssertionError("the allocations have changed")
        if named_in("MISCOUNTS", self.name):
            raise miscounted(int(os.environ.get("BY", "1")))

    def check_periodic(self):
        note("alone", self.name)
        if named_in("CHANGES_ALONE", self.name):
            raise AssertionError("the allocations have changed, alone")
        if named_in("MISCOUNTS_ALONE", self.name):
            raise miscounted(1)

    def withdraw_failure(self):
        note("withdrawn", self.name)
        self.checks = [Check("periodic", "checked")]

    def abandon_check(self):
        self.checks.append(Check("periodic", "unverified", "the run has ended"))

    def close(self):
        if self in PARKED:
            PARKED.remove(self)
        if not self.closed:
            note("undone", self.name)
        self.closed = True
        if named_in("UNCLEAN", self.name) and not getattr(self, "told", False):
            self.told = True
            raise AssertionError("something is left")


stocktake.support.scenario.lifecycle.Lifecycle = Parking
'''

SCENARIO = """
    @bug-{number}
    Scenario: Number {number} goes well
      Given something is there
      When something is done
"""


class WaitingProject(Project):
    """A project with that many scenarios, in two files if `files` is 2."""

    def __init__(self, folder, scenarios=3):
        super().__init__(folder)
        with (folder / "conftest.py").open("a") as conftest:
            conftest.write(STAND_INS.replace("INTERVAL", str(INTERVAL)))
        self.scenarios(scenarios)
        entry = cloud_entry("http://keystone.example", stocktake={"periodic_interval": INTERVAL})
        (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"staging": entry}}))

    def scenarios(self, count):
        told = "".join(SCENARIO.format(number=number) for number in range(1, count + 1))
        self.feature(f"Feature: Something\n  Rule: Things hold\n{told}")

    def run(self, *arguments, **environment):
        clouds = str(self.folder / "clouds.yaml")
        return super().run("--cloud=staging", *arguments, OS_CLIENT_CONFIG_FILE=clouds, **environment)

    @property
    def order(self):
        """What was done with each scenario, in order: `runs 1`, `checked 2`."""
        done = [(call[0], call[1]) for call in self.calls if call[0] in ("runs", "checked", "alone", "undone")]
        return [f"{what} {name.removeprefix('bug-')}" for what, name in done]
