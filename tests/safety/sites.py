"""A lab as a site where Stocktake works: its whole state for comparing, and runs in processes of their own.

Shared by the tests of faults and of safety, and by their scripts.
"""

import fcntl
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hamcrest import empty
from stocktake.support.lab.client import Lab
from stocktake.support.lab.hosts.libvirt.profiles import PRODUCTS, PROFILES, VENDOR
from stocktake.support.waiting import SYSTEM_CLOCK, eventually

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = ("OS_", "PYTEST_")
TIMES = frozenset({"updated_at", "updated", "generation", "resource_provider_generation", "consumer_generation"})
"""What changes whenever somebody works on a host, whoever it is."""
OF_HARDWARE = frozenset(
    {
        "CUSTOM_MAGIC",
        *(f"CUSTOM_PCI_{VENDOR}_{product}" for product in PRODUCTS.values()),
        *(f"CUSTOM_PMEM_NAMESPACE_{label}" for profile in PROFILES.values() for label in profile.pmem),
        *(kind for profile in PROFILES.values() for gpu in profile.gpus if (kind := gpu.resource_class) != "VGPU"),
        *(name for profile in PROFILES.values() for name in (*profile.inventories, *profile.traits)),
    }
)
"""Resource classes and traits that Nova makes because hosts that features add to a lab have this hardware, and keeps
once the host is gone. No run has made them: what a run makes carries its mark."""
NEUTRON = ("network", "port", "policy")
"""What of Neutron's things a run may leave behind."""
REST_SECONDS = 3.0
"""For so long nothing changes at a site that is at rest."""


class NothingRan(SystemExit):
    """A pytest that was to run scenarios ran none, which proves nothing; it ends a script that does not expect it."""


@dataclass
class Run:
    """One pytest run on a cloud: its exit status, what it printed, and the verdict of each scenario."""

    status: int
    output: str
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(self.verdicts.values()))

    @property
    def counts_for_people(self) -> str:
        kinds = Counter("unverified" if "unverified" in verdict else verdict for verdict in self.verdicts.values())
        return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def environment(clouds_yaml: Path | None, **more: str) -> dict[str, str]:
    """This process's environment without what a developer may have set, pointing to a clouds.yaml."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PERSONAL)}
    if clouds_yaml is not None:
        kept["OS_CLIENT_CONFIG_FILE"] = str(clouds_yaml)
    return {**kept, **more}


def command(paths: Sequence[str], *options: str, folder: Path) -> list[str]:
    """How pytest is started on feature files, so that its verdicts can be read in `folder` afterwards."""
    junit = folder / "verdicts.xml"
    plugins = ("-p", "stocktake.steps", "-p", "no:cacheprovider", f"--junitxml={junit}", "-o", "junit_logging=no")
    return [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=short", *plugins, *options, *paths]


def run(
    clouds_yaml: Path | None,
    paths: Sequence[str],
    *options: str,
    folder: Path,
    within: float,
    more: Mapping[str, str] | None = None,
) -> Run:
    """Run features to their end in a process of its own; `within` seconds, with `more` variables in its environment.

    What it prints is kept in `folder`.

    Raises NothingRan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    printed = folder / "output"
    with printed.open("wb") as output:
        done = subprocess.run(
            command(paths, *options, folder=folder),
            cwd=ROOT,
            env=environment(clouds_yaml, **(more or {})),
            stdout=output,
            stderr=output,
            timeout=within,
            check=False,
        )
    return Run(done.returncode, printed.read_text(), verdicts(folder))


def verdicts(folder: Path) -> dict[str, str]:
    """Read passed, failed, error, or unverified with its reason, of each scenario of a run.

    Which of a lab's hosts a reason names is chance, and the same for who compares. Raises NothingRan.
    """
    from xml.etree import ElementTree  # noqa: PLC0415

    found = {}
    written = folder / "verdicts.xml"
    for case in ElementTree.parse(written).iter("testcase") if written.exists() else ():
        children = {child.tag: child.get("message") or "" for child in case}
        verdict = next((kind for kind in ("error", "failure") if kind in children), None)
        if verdict is None:
            verdict = re.sub(r"\bhost[0-9]+\b", "a host", children.get("skipped", "passed"))
        found[f"{case.get('classname')}::{case.get('name')}"] = verdict
    if not found:
        printed = folder / "output"
        said = printed.read_text().strip() if printed.exists() else f"{folder} holds no run"
        raise NothingRan(f"no scenario ran: {said}")
    return found


def verdicts_of(feature: str, done: Run) -> list[str]:
    """The verdicts of one feature file's scenarios, by its name without folder and suffix.

    How pytest calls a file depends on where it lies.
    """
    return [
        verdict
        for name, verdict in done.verdicts.items()
        if re.split(r"[./]", name.partition("::")[0].removesuffix(".feature"))[-1] == feature
    ]


def sweep(clouds_yaml: Path, *options: str, within: float = 300) -> "subprocess.CompletedProcess[str]":
    """Run `stocktake sweep` on the lab."""
    return subprocess.run(
        [sys.executable, "-m", "stocktake.support.cli", "sweep", "--cloud=lab", *options],
        cwd=ROOT,
        env=environment(clouds_yaml),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


@contextmanager
def looking_at(clouds_yaml: Path) -> Any:
    """Let this process's clients find the lab of a clouds.yaml."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OS_")}
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(clouds_yaml)
    try:
        yield
    finally:
        os.environ.pop("OS_CLIENT_CONFIG_FILE", None)
        os.environ.update(before)


class Site:
    """The whole state of one lab, read over its APIs as the administrator."""

    def __init__(self, clouds_yaml: Path):
        from stocktake.support.api.clients import Clients  # noqa: PLC0415 - a script may want to answer --help first
        from stocktake.support.config.target import Target  # noqa: PLC0415

        self.clouds_yaml = clouds_yaml
        with looking_at(clouds_yaml):
            self.clients = Clients.of(Target.load("lab"))
        self.session = self.clients.session

    def get(self, service: str, path: str, microversion: str | None = None) -> Any:
        """Return the body of a GET."""
        return self.session.get(service, path, microversion=microversion)

    def state(self) -> dict[str, Any]:
        """Everything that a run could leave behind or change, as the APIs tell it, update times aside."""
        found: dict[str, Any] = {
            "servers": _by_id(self.get("compute", "/servers/detail?all_tenants=1", "2.90")["servers"]),
            "flavors": _by_id(self.get("compute", "/flavors/detail?is_public=None", "2.61")["flavors"]),
            "aggregates": _by_id(self.get("compute", "/os-aggregates", "2.41")["aggregates"]),
            "services": _by_id(self.get("compute", "/os-services?binary=nova-compute", "2.53")["services"]),
            "images": _by_id(self.get("image", "/images")["images"]),
            "users": _by_id(self.get("identity", "/users")["users"]),
            "projects": _by_id(self.get("identity", "/projects")["projects"]),
            "traits": sorted(set(self.get("placement", "/traits", "1.6")["traits"]) - OF_HARDWARE),
            "resource classes": sorted(set(self.clients.resource_classes.all()) - OF_HARDWARE),
        }
        providers = self.get("placement", "/resource_providers", "1.14")["resource_providers"]
        found["providers"] = {one["name"]: self._provider(one) for one in providers}
        return _without_times(found | self._of_more_services())

    def _of_more_services(self) -> dict[str, Any]:
        """The same of networks, volumes and accelerators, where there are such services."""
        networks, volumes = self.clients.networks, self.clients.volumes
        accelerators, found = self.clients.accelerators, dict[str, Any]()
        if networks.offered:
            found |= {f"{kind} of Neutron": dict(networks.all(kind)) for kind in NEUTRON}
        if volumes.offered:
            found["volumes"] = {one.id: str(one) for one in volumes.all(all_projects=True)}
        if accelerators.offered:
            found["device profiles"] = {one.id: str(one) for one in accelerators.profiles()}
            found["accelerator requests"] = {one.id: str(one) for one in accelerators.requests()}
        return found

    def _provider(self, provider: Mapping[str, Any]) -> dict[str, Any]:
        path = f"/resource_providers/{provider['uuid']}"
        return {
            "uuid": provider["uuid"],
            "parent": provider["parent_provider_uuid"],
            "traits": sorted(self.get("placement", f"{path}/traits", "1.6")["traits"]),
            "aggregates": sorted(self.get("placement", f"{path}/aggregates", "1.19")["aggregates"]),
            "inventories": self.get("placement", f"{path}/inventories")["inventories"],
            "usages": self.get("placement", f"{path}/usages")["usages"],
            "allocations": self.get("placement", f"{path}/allocations")["allocations"],
        }

    def come_to_rest(self) -> None:
        """Wait until Nova has ended what a killed run had asked it for.

        A request that was on its way when its sender died shows only after a while, and a server in BUILD may have
        no task: so nothing may be under way, and nothing may have changed for some seconds.
        """
        before, since = self.state(), SYSTEM_CLOCK.now()

        def unrest() -> list[str]:
            nonlocal before, since
            servers = self.clients.servers.all(all_projects=True)
            busy = [str(server) for server in servers if server.task_state or server.status == "BUILD"]
            now = self.state()
            found, before = busy + differences(before, now), now
            since = SYSTEM_CLOCK.now() if found else since
            return found if found or SYSTEM_CLOCK.now() - since >= REST_SECONDS else ["at rest not long enough"]

        eventually(unrest, empty(), within=120, what="every server to be at rest")

    def servers_ever(self) -> list[str]:
        """The names of all servers there are and were."""
        listed = [*self.clients.servers.all(all_projects=True)]
        listed += self.clients.servers.all(all_projects=True, deleted=True)
        return [name for name, _ in {(server.name, server.id) for server in listed}]

    def duplicates(self) -> list[str]:
        """Names of Stocktake's that more than one server has or had: a request that was carried out twice.

        What bystanders call their servers is their affair.
        """
        from stocktake.support.ownership.mark import Mark  # noqa: PLC0415 - as above

        return sorted(name for name, count in Counter(self.servers_ever()).items() if count > 1 and Mark.of(name))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say what is different between two states, one line each."""
    return list(_differences("", before, after))


def _differences(where: str, before: Any, after: Any) -> Any:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            place = f"{where} {key}".strip()
            if key not in after:
                yield f"{place}: gone"
            elif key not in before:
                yield f"{place}: new: {json.dumps(after[key])[:300]}"
            else:
                yield from _differences(place, before[key], after[key])
    elif before != after:
        yield f"{where}: {json.dumps(before)[:300]} became {json.dumps(after)[:300]}"


def _by_id(listed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(one["id"]): one for one in listed}


def _without_times(value: Any) -> Any:
    """Leave out update times and generations, which count every change of anybody."""
    if isinstance(value, Mapping):
        return {key: _without_times(inner) for key, inner in value.items() if key not in TIMES}
    return [_without_times(inner) for inner in value] if isinstance(value, list) else value


def remembered(lab: Lab) -> list[str]:
    """What journals and leases of the lab still say: journals by their lines, leases by the files that are locked."""
    journals = [line for path in (lab.folder / "state").glob("journals/*") for line in path.read_text().splitlines()]
    return journals + [f"leased: {path.name}" for path in (lab.folder / "state").glob("leases/*") if _is_locked(path)]


def _is_locked(path: Path) -> bool:
    """Whether a process holds a file as tooz does, with a lock of fcntl on its first byte."""
    if not path.is_file():
        return False
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.lockf(file, fcntl.LOCK_UN)
    return False


def told(what: str, items: Sequence[str]) -> int:
    """Print a list and return its length."""
    say(f"  {what}: {len(items) or 'none'}")
    for item in items:
        say(f"    {item}")
    return len(items)


def say(text: str) -> None:
    """Print at once, as runs are long."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
