"""Every feature through a faulty proxy at several rates, compared with a run without: verdicts, leftovers, duplicates.

    python tests/faults/run_all.py [--rates=1,5] [--write-rate=N] [--kind=KIND ...] [--seed=1] [--workers=N] [PATH ...]

Without --kind, all kinds take turns. Exit status 1 when a verdict changed, something is left or was done twice.
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

from support import lab


def main() -> int:
    """Run everything and print one table per rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument("--rates", default="1,5", help="percent of requests, separated by commas (default %(default)s)")
    parser.add_argument("--write-rate", type=float, help="percent of the requests that change something, if different")
    parser.add_argument("--kind", action="append", choices=proxy.KINDS, help="only this kind of fault; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="pytest -n")
    parser.add_argument("--within", type=float, default=7200, help="seconds one run may take (default %(default)s)")
    options = parser.parse_args()
    started = lab.start(hosts=3, owner=os.getpid())
    try:
        return _compare(started, options)
    finally:
        started.stop()


def _compare(started: lab.Lab, options: argparse.Namespace) -> int:
    site = sites.Site(started.clouds_yaml)
    workers = (f"-n{options.workers}",) if options.workers else ()
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        began = time.monotonic()
        plain = sites.run(started.clouds_yaml, options.paths, *workers, folder=folder / "plain", within=options.within)
        say(f"without faults: {plain.counts_for_people}, {time.monotonic() - began:.0f} s")
        for rate in (float(text) / 100 for text in options.rates.split(",")):
            before, seen = site.state(), set(site.duplicates())
            faults = {"rate": rate, "kinds": options.kind or proxy.KINDS, "seed": options.seed}
            faults["write_rate"] = None if options.write_rate is None else options.write_rate / 100
            copy, began = folder / "clouds.yaml", time.monotonic()
            with proxy.before(started.clouds_yaml, copy, **faults) as faulty:
                done = sites.run(copy, options.paths, *workers, folder=folder / str(rate), within=options.within)
            say(f"\nat {rate:.1%}: {done.counts_for_people}, {time.monotonic() - began:.0f} s")
            requests = faulty.counts.pop("requests")
            hits = ", ".join(f"{kind} {count}" for kind, count in sorted(faulty.counts.items()))
            say(f"  {sum(faulty.counts.values())} of {requests} requests hit: {hits}")
            wrong += _judge(plain, done, sites.differences(before, site.state()), set(site.duplicates()) - seen)
            wrong += told("remembered", sites.remembered(started))
    return 1 if wrong else 0


def _judge(plain: sites.Run, done: sites.Run, left: Sequence[str], doubled: set[str]) -> int:
    """Print what is different, and return how much that is."""
    changed = [
        f"{name}: {plain.verdicts.get(name, 'not run')} became {done.verdicts.get(name, 'not run')}"
        for name in sorted({*plain.verdicts, *done.verdicts})
        if plain.verdicts.get(name) != done.verdicts.get(name)
    ]
    if changed:
        say(done.output)
    return told("verdicts changed", changed) + told("left", left) + told("made twice", sorted(doubled))


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


if __name__ == "__main__":
    sys.exit(main())
