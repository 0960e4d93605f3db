"""Every feature on labs in the shapes that real clouds have, beside neighbours who never stop working.

    python tests/clouds/run_all.py [--shape=NAME ...] [--workers=2] [--every=5] [--keep=DIR] [PATH ...]

For each shape: the counts of verdicts, why scenarios were not verified and whether the doctor had said so, the
neighbours' log, and what the run and a sweep left different. NAME may join shapes by `+`. Exit status 1 when a scenario
failed, a reason was not foreseen, a neighbour was harmed, or something is left.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "safety"))

import foreign
import shapes
import trial


def main() -> int:
    """Try each shape and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["features"], help="features (default: all)")
    parser.add_argument(
        "--shape", action="append", help=f"only this one: {', '.join((*shapes.SHAPES, *shapes.COMPOSED))}"
    )
    parser.add_argument("--workers", type=int, default=2, help="pytest -n of each run (default %(default)s)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what the runs left for people to read there")
    parser.add_argument(
        "--every", type=float, default=5, help="seconds between a neighbour's servers (default %(default)s)"
    )
    parser.add_argument("--within", type=float, default=7200, help="seconds one run may take (default %(default)s)")
    options = parser.parse_intermixed_args()
    names = options.shape or [*shapes.SHAPES, *shapes.COMPOSED]
    try:
        chosen = {name: shapes.shape(name) for name in names}
    except KeyError as error:
        parser.error(f"--shape: there is no shape {error}")
    with tempfile.TemporaryDirectory() as temporary:
        wrong = {name: _try(name, shape, options.keep or Path(temporary), options) for name, shape in chosen.items()}
    trial.say(
        "\nwrong in all: " + (", ".join(f"{name} {count}" for name, count in wrong.items() if count) or "nothing")
    )
    return 1 if any(wrong.values()) else 0


def _try(name: str, shape: shapes.CloudShape, keep: Path, options: argparse.Namespace) -> int:
    folder = keep / name
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with foreign.started(shape) as cloud:
        result = trial.attempt(
            cloud, options.paths, folder, workers=options.workers, within=options.within, every=options.every
        )
        if options.keep:
            shutil.copytree(cloud.lab.folder / "logs", folder / "logs", dirs_exist_ok=True)
    report = result.report(name, time.monotonic() - began)
    (folder / "report.txt").write_text(report + "\n")
    trial.say(report)
    return result.wrong


if __name__ == "__main__":
    sys.exit(main())
