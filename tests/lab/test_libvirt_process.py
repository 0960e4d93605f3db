"""Several hosts in one process: what threads and pool tasks inherit, and whose options they read."""

import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its dependencies deprecate is not this test's business
    import futurist
    from oslo_config import cfg
    from stocktake.support.lab.hosts.libvirt import process


@dataclass(frozen=True)
class Owner:
    options: dict[process.Option, Any] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process changed for this test only."""
    for owner, name in ((threading.Thread, "start"), (futurist.ThreadPoolExecutor, "submit"), (cfg.ConfigOpts, "_get")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    process.install()


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.StrOpt("host", default="control-plane"), cfg.IntOpt("workers", default=1)])
    conf.register_opt(cfg.StrOpt("cpu_dedicated_set"), group="compute")
    conf([])
    return conf


@pytest.fixture
def pool() -> Iterator[futurist.ThreadPoolExecutor]:
    with futurist.ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


def in_thread(act: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def test_each_host_reads_its_own_options(conf: cfg.ConfigOpts):
    first = Owner({(None, "host"): "first", ("compute", "cpu_dedicated_set"): "0-3"})
    with process.acting_as(first):
        assert (conf.host, conf.compute.cpu_dedicated_set, conf.workers) == ("first", "0-3", 1)
        with process.acting_as(Owner({(None, "host"): "second"})):
            assert (conf.host, conf.compute.cpu_dedicated_set) == ("second", None)
        assert conf.host == "first"

    assert (conf.host, conf.compute.cpu_dedicated_set) == ("control-plane", None)


def test_a_thread_works_for_the_host_that_started_it(conf: cfg.ConfigOpts):
    with process.acting_as(Owner({(None, "host"): "first"})):
        assert in_thread(lambda: conf.host) == "first"
        assert in_thread(lambda: in_thread(lambda: conf.host)) == "first"

    assert in_thread(lambda: conf.host) == "control-plane"


def test_a_thread_of_a_pool_works_for_the_host_of_each_task(conf: cfg.ConfigOpts, pool: futurist.ThreadPoolExecutor):
    with process.acting_as(Owner({(None, "host"): "first"})):
        first = pool.submit(lambda: conf.host)  # the pool's only thread is started here
    nobody = pool.submit(lambda: conf.host)
    with process.acting_as(Owner({(None, "host"): "second"})):
        second = pool.submit(lambda: conf.host)

    assert [task.result() for task in (first, nobody, second)] == ["first", "control-plane", "second"]


def test_whoever_works_for_no_host_is_told_so():
    owner = Owner()
    with process.acting_as(owner):
        assert process.owner() is owner

    with pytest.raises(LookupError, match="thread MainThread works for no libvirt host"):
        process.owner()
