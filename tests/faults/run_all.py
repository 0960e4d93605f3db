"""Every feature through a faulty proxy at several rates, compared with a run without: verdicts, leftovers, duplicates.

    python tests/faults/run_all.py [--rates=1,5] [--write-rate=N] [--kind=KIND ... | --each] [--seed=1] [--workers=N]
        [--hosts=N] [--keep=DIR] [--plain=DIR] [PATH ...]

Without --kind, all kinds take turns; --each gives each kind a run of its own. Exit status 1 when a verdict changed,
something is left or was done twice.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "safety"))

import proxy
import sites
from stocktake.support import lab


def main() -> int:
    """Run everything and print one table per rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument("--rates", default="1,5", help="percent of requests, separated by commas (default %(default)s)")
    parser.add_argument("--write-rate", type=float, help="percent of the requests that change something, if different")
    parser.add_argument("--kind", action="append", choices=proxy.KINDS, help="only this kind of fault; may be repeated")
    parser.add_argument("--each", action="store_true", help="a run of its own for each kind")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep verdicts and what the runs printed there")
    parser.add_argument("--plain", type=Path, metavar="DIR", help="compare with this kept run instead of a new one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="pytest -n")
    parser.add_argument("--hosts", type=int, default=3, help="compute hosts of the lab (default %(default)s)")
    parser.add_argument("--within", type=float, default=7200, help="seconds one run may take (default %(default)s)")
    parser.add_argument(
        "--client-timeout", type=int, default=20, help="seconds a client waits for an answer (default %(default)s)"
    )
    options = parser.parse_intermixed_args()
    proxy.CLIENT_TIMEOUT = options.client_timeout
    started = lab.start(hosts=options.hosts, owner=os.getpid())
    try:
        return _compare(started, options)
    finally:
        started.stop()


def _compare(started: lab.Lab, options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if options.plain:
            plain = sites.Run(0, "", sites.verdicts(options.plain))
            sites.say(f"without faults, in {options.plain}: {plain.counts_for_people}")
        else:
            plain, took = _run(started.clouds_yaml, folder / "plain", options)
            sites.say(f"without faults: {plain.counts_for_people}, {took:.0f} s")
        chosen = options.kind or proxy.KINDS
        groups = [[kind] for kind in chosen] if options.each else [chosen]
        rates = [float(text) / 100 for text in options.rates.split(",")]
        wrong = [_with_faults(plain, rate, kinds, started, folder, options) for kinds in groups for rate in rates]
    return 1 if any(wrong) else 0


def _run(clouds_yaml: Path, folder: Path, options: argparse.Namespace) -> tuple[sites.Run, float]:
    """Run all features to be run; return the run and the seconds it took."""
    began = time.monotonic()
    workers = (f"-n{options.workers}",) if options.workers else ()
    done = sites.run(clouds_yaml, options.paths, *workers, folder=folder, within=options.within)
    return done, time.monotonic() - began


def _with_faults(
    plain: sites.Run,
    rate: float,
    kinds: Sequence[str],
    started: lab.Lab,
    folder: Path,
    options: argparse.Namespace,
) -> int:
    """Run at one rate, print what became of it, and return how much is wrong."""
    site = sites.Site(started.clouds_yaml)
    before, seen = site.state(), set(site.duplicates())
    write_rate = None if options.write_rate is None else options.write_rate / 100
    copy = folder / "clouds.yaml"
    faults = {"rate": rate, "write_rate": write_rate, "kinds": kinds, "seed": options.seed}
    name = f"{rate:.1%}" + (f" {kinds[0]}" if len(kinds) == 1 else "")
    with proxy.before(started.clouds_yaml, copy, **faults) as faulty:
        done, took = _run(copy, folder / name.replace(" ", "-"), options)
    sites.say(f"\nat {name}: {done.counts_for_people}, {took:.0f} s")
    requests = faulty.counts.pop("requests")
    hits = ", ".join(f"{kind} {count}" for kind, count in sorted(faulty.counts.items()))
    sites.say(f"  {sum(faulty.counts.values())} of {requests} requests hit: {hits}")
    wrong = _judge(plain, done, sites.differences(before, site.state()), set(site.duplicates()) - seen)
    return wrong + sites.told("remembered", sites.remembered(started))


def _judge(plain: sites.Run, done: sites.Run, left: Sequence[str], doubled: set[str]) -> int:
    """Print what is different, and return how much that is."""
    changed = [
        f"{name}: {plain.verdicts.get(name, 'not run')} became {done.verdicts.get(name, 'not run')}"
        for name in sorted({*plain.verdicts, *done.verdicts})
        if plain.verdicts.get(name) != done.verdicts.get(name)
    ]
    if changed:
        sites.say(done.output)
    return (
        sites.told("verdicts changed", changed) + sites.told("left", left) + sites.told("made twice", sorted(doubled))
    )


if __name__ == "__main__":
    sys.exit(main())
