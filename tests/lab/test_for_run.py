"""The lab of one run: started once whoever needs it first, found by all processes, ended with the run."""

import multiprocessing
import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab import client, for_run, state
from stocktake.support.lab.client import Lab

CONFIG = "OS_CLIENT_CONFIG_FILE"

# Other tests of the same process may have imported Nova, and with it eventlet, which warns of every fork.
pytestmark = pytest.mark.filterwarnings("ignore:Using fork:DeprecationWarning")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No lab is remembered here, and no clouds.yaml named."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv(CONFIG, raising=False)


@pytest.fixture
def starts(tmp_path, monkeypatch):
    """Stands in for starting labs: what each was started with, in this process or another."""
    log = tmp_path / "starts"
    log.touch()

    def start(hosts, owner, *, progress, shape, environment):
        number = len(log.read_text().splitlines()) + 1
        with log.open("a") as file:
            file.write(f"{hosts} {owner}{f' {shape.driver}' if shape else ''}\n")
        folder = tmp_path / f"lab-{number}"
        folder.mkdir()
        if progress:
            progress({"service": "nova"})
        return Lab(folder, folder / "clouds.yaml", 4_000_000 + number)  # beyond every process id

    monkeypatch.setattr(client, "start", start)
    return lambda: log.read_text().splitlines()


@pytest.fixture
def stopped(monkeypatch):
    """The supervisors of the labs that were stopped."""
    seen = []
    monkeypatch.setattr(Lab, "stop", lambda self: seen.append(self.supervisor))
    return seen


class TestAtHand:
    def test_is_a_lab_of_the_run(self, starts):
        with for_run.at_hand("run-1", 42, hosts=4):
            assert Path(os.environ[CONFIG]).parent.name == "lab-1"
        assert CONFIG not in os.environ
        assert starts() == ["4 42"]

    def test_may_have_libvirt_hosts(self, starts):
        with for_run.at_hand("run-1", 42, hosts=4, additions="libvirt:numa"):
            assert starts() == ["4 42 libvirt:numa"]

    def test_is_the_lab_that_somebody_started_before(self, starts, stopped, tmp_path, monkeypatch):
        running = Lab(tmp_path, tmp_path / "clouds.yaml", 1)
        monkeypatch.setattr(client, "running", lambda: running)
        with for_run.at_hand("run-1", 42, hosts=3):
            assert os.environ[CONFIG] == str(running.clouds_yaml)
        for_run.end_lab_of_run("run-1")
        assert (starts(), stopped) == ([], [])

    @pytest.mark.parametrize(("services", "begun"), [(("neutron", "cinder"), []), (("cinder",), ["3 42 LabDriver"])])
    def test_is_the_running_one_only_if_it_has_the_services(self, starts, tmp_path, monkeypatch, services, begun):
        running = Lab(tmp_path, tmp_path / "clouds.yaml", 1)
        record = state.Record("lab", str(tmp_path), 1, 0, 3, keep=False, services=services)
        monkeypatch.setattr(client, "running", lambda: running)
        monkeypatch.setattr(state, "recall", lambda: record)
        with for_run.at_hand("run-1", 42, hosts=3, additions="neutron"):
            assert starts() == begun

    def test_is_what_the_environment_names(self, starts, monkeypatch):
        monkeypatch.setenv(CONFIG, "/etc/clouds.yaml")
        with for_run.at_hand("run-1", 42, hosts=3):
            assert os.environ[CONFIG] == "/etc/clouds.yaml"
        assert os.environ[CONFIG] == "/etc/clouds.yaml"
        assert starts() == []

    def test_leaves_the_environment_as_it_was_after_a_failure(self, starts):
        with pytest.raises(RuntimeError), for_run.at_hand("run-1", 42, hosts=3):
            raise RuntimeError
        assert CONFIG not in os.environ

    def test_tells_what_happens_meanwhile(self, starts):
        news = []
        with for_run.at_hand("run-1", 42, hosts=3, progress=news.append):
            assert news == [{"service": "nova"}]


class TestTheLabOfARun:
    def test_is_started_once(self, starts):
        first, second = (for_run.lab_of_run("run-1", 42, 3) for _ in range(2))
        assert first == second
        assert len(starts()) == 1

    def test_is_its_own(self, starts):
        assert for_run.lab_of_run("run-1", 42, 3) != for_run.lab_of_run("run-2", 43, 3)
        assert starts() == ["3 42", "3 43"]

    def test_is_started_once_by_processes_that_need_it_at_the_same_time(self, starts):
        with ExitStack() as stack:
            pool = stack.enter_context(multiprocessing.get_context("fork").Pool(4))
            labs = pool.starmap(for_run.lab_of_run, [("run-1", 42, 3)] * 8)
        assert len(set(labs)) == 1
        assert len(starts()) == 1

    def test_that_did_not_come_up_is_tried_again_by_the_next_one(self, starts, monkeypatch):
        start = client.start

        def fail(*_arguments, **_options):
            raise LabError("the lab did not come up: port taken")

        monkeypatch.setattr(client, "start", fail)
        with pytest.raises(LabError, match="port taken"):
            for_run.lab_of_run("run-1", 42, 3)
        monkeypatch.setattr(client, "start", start)
        for_run.lab_of_run("run-1", 42, 3)
        assert len(starts()) == 1

    def test_ends_with_the_run(self, starts, stopped):
        lab = for_run.lab_of_run("run-1", 42, 3)
        for_run.end_lab_of_run("run-1")
        assert stopped == [lab.supervisor]
        assert list((state.runtime_folder() / "runs").iterdir()) == []

    def test_ends_alone(self, starts, stopped):
        for_run.lab_of_run("run-1", 42, 3)
        other = for_run.lab_of_run("run-2", 43, 3)
        for_run.end_lab_of_run("run-1")
        assert other.supervisor not in stopped
        assert for_run.lab_of_run("run-2", 43, 3) == other

    def test_that_nobody_needed_ends_without_a_word(self, stopped):
        for_run.end_lab_of_run("run-1")
        assert stopped == []

    def test_is_noted_where_nobody_else_can_read(self, starts):
        for_run.lab_of_run("run-1", 42, 3)
        assert (state.runtime_folder() / "runs").stat().st_mode & 0o077 == 0


def run_that_dies(run):
    for_run.lab_of_run(run, os.getpid(), 3)


def test_a_lab_ends_when_its_run_is_killed(hollow, processes, all_gone, monkeypatch, tmp_path):
    """With real supervisors, whose services are hollow: a process that starts a lab, and is gone without a word."""
    process = multiprocessing.get_context("fork").Process(target=run_that_dies, args=("run-1",))
    process.start()
    process.join()
    assert process.exitcode == 0
    all_gone(hollow)


def test_a_lab_is_stopped_at_once_when_its_run_ends(hollow, processes, tmp_path):
    for_run.lab_of_run("run-1", os.getpid(), 3)
    assert processes(hollow) != []
    for_run.end_lab_of_run("run-1")
    assert processes(hollow) == []
