"""Every feature on a lab that is not a run's own: shared, with bystanders, without settings, older, behind a gateway.

    python tests/safety/run_all.py together|bystanders|gaps|old|gateway [--workers=N] [--gap=NAME ...] [--age=NAME ...]
        [--keep=DIR] [PATH ...]

together: two pytest processes at the same time. All must pass, no lease may outlive them, and none of their artefacts
may hold a secret.
bystanders: another user's servers, flavor, trait and aggregate on every host. After the run and a sweep of everything
that carries a mark they must be as they were.
gaps: settings missing or wrong, one run for each. Nothing may fail or be disrupted; reasons say what to set, and the
doctor must have said so of just these files.
old: APIs that know fewer microversions, as old clouds do. Nothing may fail, what is unverified names the microversion
it needs, and no request may ask for more than is offered.
gateway: HTTPS of a private authority, prefixes below one port, a region and an interface of their own, an application
credential. All must pass, and none of their artefacts may hold a secret.

Exit status 1 when something is not so.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

import gateway
import neighbours
import proxy
import secrecy
import sites
import yaml
from ages import OLD
from gaps import GAPS, configured
from stocktake.support import lab

REASONS_SHOWN = 20
ASKED_BY_INTENT = " at 2.9999"  # a scenario of `access/api.feature` requests what no service offers


def main() -> int:
    """Start a lab, do what is asked, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=TRIALS)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument("--workers", type=int, default=2, help="pytest -n of each run (default %(default)s)")
    parser.add_argument("--gap", action="append", choices=sorted(GAPS), help="only this gap; may be repeated")
    parser.add_argument("--age", action="append", choices=sorted(OLD), help="only this age; may be repeated")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what the runs left for people to read there")
    parser.add_argument("--within", type=float, default=7200, help="seconds one run may take (default %(default)s)")
    options = parser.parse_intermixed_args()
    started = lab.start(hosts=3, owner=os.getpid())
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            return 1 if TRIALS[options.what](started, folder, options) else 0
    finally:
        started.stop()


def together(started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    """Run everything twice at the same time; return how much is wrong."""
    site = sites.Site(started.clouds_yaml)
    before, began = site.state(), time.monotonic()
    runs = {name: _begin(started, folder / name, options) for name in ("one", "other")}
    statuses = {name: run.wait(timeout=options.within) for name, run in runs.items()}
    sites.say(f"two runs with {options.workers} workers each on 3 hosts: {time.monotonic() - began:.0f} s")
    wrong = 0
    for name, status in statuses.items():
        done = sites.Run(status, (folder / name / "output").read_text(), sites.verdicts(folder / name))
        sites.say(f"{name}: {done.counts_for_people}")
        wrong += sites.told("not passed", _bad(done))
    shutil.copytree(started.folder / "state", folder / "state", dirs_exist_ok=True)
    wrong += sites.told("remembered", sites.remembered(started))
    wrong += sites.told("left", sites.differences(before, site.state())) + sites.told("made twice", site.duplicates())
    return wrong + sites.told("secrets in", secrecy.exposed(folder, secrecy.secrets_of(started.clouds_yaml)))


def _begin(started: lab.Lab, folder: Path, options: argparse.Namespace) -> "subprocess.Popen[bytes]":
    folder.mkdir(parents=True, exist_ok=True)
    reports = (
        f"--messages={folder}/run.ndjson",
        f"--living-doc={folder}/page",
        f"--summary={folder}/summary.md",
        "-vv",
    )
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            sites.command(options.paths, f"-n{options.workers}", *reports, "-vv", folder=folder),
            cwd=sites.ROOT,
            env=sites.environment(started.clouds_yaml),
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def bystanders(started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    """Run everything beside other people's things; return how much is wrong."""
    site = sites.Site(started.clouds_yaml)
    others = neighbours.Bystanders(site)
    others.settle(hosts=3)
    before = site.state()
    done = _run(started.clouds_yaml, folder / "bystanders", options)
    wrong = sites.told("failed", _bad(done)) + sites.told(
        "different after the run", sites.differences(before, site.state())
    )
    swept = sites.sweep(started.clouds_yaml, "--marked", "--older-than=0")
    sites.say(f"sweep: {swept.stdout.strip()} (status {swept.returncode})")
    return wrong + swept.returncode + sites.told("different after the sweep", sites.differences(before, site.state()))


def gaps(started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    """Run everything on a lab that lacks settings, once for each gap; return how much is wrong."""
    return sum(_gap(name, started, folder, options) for name in options.gap or GAPS)


def _gap(name: str, started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    site, path = sites.Site(started.clouds_yaml), folder / name.replace(" ", "-")
    path.mkdir(parents=True, exist_ok=True)
    changed, remedy = GAPS[name]
    before, disrupted = site.state(), list[str]()
    plain = configured(started.clouds_yaml, changed, path / "plain.yaml")
    disrupts = _disruption(before["services"], plain, control_is_set="control" not in changed)

    def note(method: str, asked: str, body: bytes) -> None:
        if disrupts(method, asked, body):
            disrupted.append(f"{method} {asked}: {body.decode()}")

    with proxy.before(plain, path / "clouds.yaml", rate=0.0) as watching:
        watching.seen = note
        done = _run(path / "clouds.yaml", path, options)
    reasons = Counter(verdict for verdict in done.verdicts.values() if verdict.startswith("unverified"))
    sites.say(f"{name}: {len(reasons)} different reasons, such as")
    for reason, count in reasons.most_common(REASONS_SHOWN):
        sites.say(f"    {count} x {reason}")
    wrong = sites.told("failed", _bad(done)) + sites.told("disrupted", disrupted)
    wrong += sites.told("host stopped without a way back", [mark.name for mark in path.glob("ran")])
    wrong += sites.told("left", sites.differences(before, site.state()))
    wrong += sites.told("no reason says", [remedy] if not any(remedy in reason for reason in reasons) else [])
    return wrong + sites.told("judged wrongly by the doctor", _misjudged(plain, done))


def old(started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    """Run everything on a lab whose APIs are as old as those of some releases; return how much is wrong."""
    return sum(_of_age(name, started, folder, options) for name in options.age or OLD)


def _of_age(name: str, started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    site, path = sites.Site(started.clouds_yaml), folder / name
    path.mkdir(parents=True, exist_ok=True)
    before = site.state()
    with proxy.before(started.clouds_yaml, path / "clouds.yaml", rate=0.0, ceilings=OLD[name]) as older:
        done = _run(path / "clouds.yaml", path, options)
        wrong = sites.told("judged wrongly by the doctor", _misjudged(path / "clouds.yaml", done))
    wrong += sites.told("failed", _bad(done)) + sites.told("left", sites.differences(before, site.state()))
    asked = [request for request in older.beyond if not request.endswith(ASKED_BY_INTENT)]
    wrong += sites.told("asked for more than is offered", asked)
    for reason, count in Counter(v for v in done.verdicts.values() if v.startswith("unverified")).most_common():
        sites.say(f"    {count} x {reason}")
    return wrong


def through_gateway(started: lab.Lab, folder: Path, options: argparse.Namespace) -> int:
    """Run everything on a lab reached as production clouds are; return how much is wrong."""
    site = sites.Site(started.clouds_yaml)
    before, path = site.state(), folder / "gateway"
    with tempfile.TemporaryDirectory() as private, gateway.before(site, Path(private)) as clouds_yaml:
        done = _run(clouds_yaml, path, options, f"--cloud={gateway.CLOUD}", f"--messages={path}/run.ndjson")
        secrets = [*secrecy.secrets_of(started.clouds_yaml), gateway.secret_in(clouds_yaml)]
    wrong = sites.told("not passed", _bad(done)) + sites.told("left", sites.differences(before, site.state()))
    return wrong + sites.told("secrets in", secrecy.exposed(folder, secrets))


def _disruption(
    services: Mapping[str, Any], clouds_yaml: Path, *, control_is_set: bool
) -> Callable[[str, str, bytes], bool]:
    """How to tell a request that disrupts what these settings do not allow.

    Services of hosts that a scenario brings along are its own. Those of allowed hosts may be disabled, and forced down
    if the host can be stopped.
    """
    settings = yaml.safe_load(clouds_yaml.read_text())["clouds"]["lab"]["stocktake"]
    allowed = set(settings.get("hosts") or ()) if settings.get("allow_disruptive") else set()
    hosts = {f"/os-services/{service}": found["host"] for service, found in services.items()}

    def disrupts(method: str, path: str, body: bytes) -> bool:
        host = next((host for end, host in hosts.items() if path.endswith(end)), None)
        if method != "PUT" or host is None:
            return False
        return host not in allowed or (not control_is_set and bool(json.loads(body).get("forced_down")))

    return disrupts


def _misjudged(clouds_yaml: Path, done: sites.Run) -> list[str]:
    """Feature files that the doctor calls verifiable and were not wholly verified, or the other way round."""
    from stocktake.support.api.clients import Clients  # noqa: PLC0415 - start-up time
    from stocktake.support.config.target import Target  # noqa: PLC0415
    from stocktake.support.inspection.doctor import Examination, judge  # noqa: PLC0415
    from stocktake.support.inspection.needs import needs_of  # noqa: PLC0415

    with sites.looking_at(clouds_yaml):
        clients = Clients.of(Target.load("lab"))
    capabilities = Examination(clients).capabilities()
    offered = {service: clients.session.versions(service) for service in ("compute", "placement")}
    wrong = []
    for path in sorted((sites.ROOT / "features").rglob("*.feature")):
        found = sites.verdicts_of(path.stem, done)
        unverified = [verdict for verdict in found if verdict.startswith("unverified")]
        obstacles = judge(path.stem, needs_of(path.read_text()), capabilities, offered).obstacles
        if found and bool(obstacles) != bool(unverified):
            wrong.append(f"{path.stem}: the doctor says {obstacles or 'yes'}, and {len(unverified)} were unverified")
    return wrong


def _run(clouds_yaml: Path, folder: Path, options: argparse.Namespace, *more: str) -> sites.Run:
    began = time.monotonic()
    done = sites.run(clouds_yaml, options.paths, f"-n{options.workers}", *more, folder=folder, within=options.within)
    sites.say(f"\n{folder.name}: {done.counts_for_people}, {time.monotonic() - began:.0f} s")
    return done


def _bad(done: sites.Run) -> list[str]:
    bad = [f"{name}: {verdict}" for name, verdict in done.verdicts.items() if verdict in ("failure", "error")]
    if bad:
        sites.say(done.output)
    return bad


TRIALS = {"together": together, "bystanders": bystanders, "gaps": gaps, "old": old, "gateway": through_gateway}

if __name__ == "__main__":
    sys.exit(main())
