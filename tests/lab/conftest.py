"""Labs for tests: hollow ones, whose services do as they are told, and a real one with what tests make on it."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from hamcrest import empty, equal_to, is_
from stocktake.support import lab
from stocktake.support.lab.client import Lab
from stocktake.support.waiting import eventually

from tests.lab.lab_cloud import SECONDS, Cloud

# Loaded by the supervisor when Python starts, as any defect planted for a test would be: services that obey
# HOLLOW_<SERVICE> ("crash", "hang", "late crash" or nothing), and no OpenStack at all.
HOLLOW = """
import os, sys, time, urllib.request

if "stocktake.support.lab.supervisor" in sys.orig_argv:
    from stocktake.support.lab import readiness
    from stocktake.support.lab.services import serving, shared

    def run_service(name, plan, listeners, report):
        order = os.environ.get(f"HOLLOW_{name.upper()}", "")
        print(f"{name} obeys: {order}")
        hosts = [host for host in ("127.0.0.1", "localhost", "elsewhere") if not urllib.request.proxy_bypass(host)]
        print(f"{name} asks the proxy for: {', '.join(hosts)}")
        for number in range(30):
            print(f"line {number}")
        report.say("importing")
        if order == "crash":
            raise RuntimeError(f"{name} was told to crash")
        if order == "hang":
            time.sleep(600)
        report.say(serving.LISTENING)
        if order == "late crash":
            while not os.path.exists(os.environ["HOLLOW_SIGNAL"]):
                time.sleep(0.01)
            os._exit(7)
        time.sleep(600)

    def ask(self, service):
        if os.environ.get(f"HOLLOW_{service.upper()}") == "wrong":
            raise readiness.NotReady("GET / answered 500: hollow")

    shared.load_basics = shared.load_more = lambda *_era: None
    serving.run_service = run_service
    readiness.Check.possible = lambda self, service: True
    readiness.Check.ask = ask
    readiness.LAB_SECONDS = float(os.environ.get("HOLLOW_PATIENCE", "120"))
"""


@pytest.fixture
def hollow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Has every lab of this test start hollow; returns the folder that has all the folders of labs."""
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "sitecustomize.py").write_text(HOLLOW)
    monkeypatch.setenv("PYTHONPATH", str(planted))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("HOLLOW_SIGNAL", str(tmp_path / "signal"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return temporary


@pytest.fixture
def started() -> Iterator[list[Lab]]:
    """Labs to be stopped when the test is over, however it ends."""
    labs: list[Lab] = []
    yield labs
    for each in labs:
        each.stop()


@pytest.fixture
def processes() -> Callable[[Path], list[int]]:
    """Tells the living processes of the labs in a folder."""
    return _processes


@pytest.fixture
def all_gone() -> Callable[[Path], None]:
    """Waits until no process and no folder of a lab is left in a folder of labs."""

    def wait(temporary: Path) -> None:
        eventually(lambda: _processes(temporary), is_(empty()), within=60, what="the end of the lab's processes")
        eventually(lambda: list(temporary.iterdir()), is_(empty()), within=60, what="the end of the lab's folder")

    return wait


def _processes(temporary: Path) -> list[int]:
    beginning = f"--folder={temporary}"
    living = psutil.process_iter(["cmdline"])  # a dead process that nobody has waited for has no command line
    return [each.pid for each in living if any(word.startswith(beginning) for word in each.info["cmdline"] or ())]


@pytest.fixture(scope="session")
def real_lab() -> Iterator[Lab]:
    """A real lab with three hosts, for all tests that need one."""
    a_lab = lab.start(hosts=3, owner=os.getpid())
    yield a_lab
    a_lab.stop()


@pytest.fixture(scope="session")
def cloud(real_lab: Lab) -> Cloud:
    return Cloud(real_lab)


@pytest.fixture(scope="session")
def flavors(cloud: Cloud) -> tuple[str, str]:
    def create(name: str, vcpus: int, ram: int, disk: int) -> str:
        flavor = {"name": f"{name}-{uuid.uuid4()}", "vcpus": vcpus, "ram": ram, "disk": disk}
        return str(cloud.compute("POST", "/flavors", {"flavor": flavor}).json()["flavor"]["id"])

    return create("small", 1, 512, 1), create("large", 2, 1024, 2)


@pytest.fixture
def boot(cloud: Cloud, flavors: tuple[str, str]) -> Iterator[Callable[..., str]]:
    made: list[str] = []

    def make(**options: object) -> str:
        (image,) = cloud.images(name=cloud.settings["image"])
        wanted = {"name": "web", "imageRef": image["id"], "flavorRef": flavors[0], "networks": "none", **options}
        answer = cloud.compute("POST", "/servers", {"server": wanted})
        assert answer.status_code == 202, answer.text
        made.append(answer.json()["server"]["id"])
        return made[-1]

    yield make
    for server in made:
        cloud.compute("DELETE", f"/servers/{server}")
        eventually(
            lambda server=server: cloud.compute("GET", f"/servers/{server}").status_code,
            equal_to(404),
            within=SECONDS,
            what="the server's end",
        )
        cloud.await_books(server)


@pytest.fixture
def add_host(cloud: Cloud) -> Iterator[Callable[[str], str]]:
    made: list[str] = []

    def add(driver: str) -> str:
        made.append(cloud.told("POST", "/hosts", {"driver": driver})["host"])
        return made[-1]

    yield add
    for host in made:
        cloud.told("DELETE", f"/hosts/{host}")
        cloud.compute("DELETE", f"/os-services/{cloud.services()[host]['id']}")
