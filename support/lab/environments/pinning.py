"""Makes the list of a release's packages: what the package index had a month after the release, resolved by uv.

    python -m stocktake.support.lab.environments.pinning 2025.1 --day=2025-05-01 \\
        nova==31.3.1 keystone==27.1.0 glance==30.2.0 openstack-placement==13.0.1

The four services may be younger than the day, so that they are of the newest point release. For a release that is older
than the Python, `--compiled=DAY` lets packages be younger that are compiled for each Python.
"""

import argparse
import datetime
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stocktake.support.errors import LabError
from stocktake.support.lab.environments.building import PINS

SERVICES = ("nova", "keystone", "glance", "openstack-placement")
OF_LABS = ("waitress", "fixtures", "PyHamcrest", "platformdirs")
"""What `stocktake.support.lab` imports beside the services."""

COMPILED = (
    *("bcrypt", "cffi", "coverage", "cryptography", "debtcollector", "decorator", "eventlet", "greenlet", "lxml"),
    *("MarkupSafe", "msgpack", "netifaces", "numpy", "ovs", "pandas", "psutil", "PyNaCl", "pyOpenSSL", "pyrsistent"),
    *("PyYAML", "scrypt", "simplejson", "websockify", "wrapt", "xattr", "yappi"),
)
"""Packages of which a release for a newer Python is a newer version, and those that must match one of them."""


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2025-05-01") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pinning", description="make the list of a release's packages, with uv")
    parser.add_argument("release", help="as support/releases.py names it, such as 2025.1")
    parser.add_argument("requirements", nargs="+", metavar="PACKAGE", help="the four services, nova==31.3.1 and so on")
    parser.add_argument("--day", type=_day, required=True, help="about a month after the release")
    parser.add_argument("--compiled", type=_day, metavar="DAY", help="of compiled packages, if the Python is younger")
    parser.add_argument("--python", default="{}.{}".format(*sys.version_info), help="default %(default)s")
    return parser


def command(options: argparse.Namespace, uv: str, today: datetime.date) -> list[str]:
    """Return uv's command, which reads requirements and prints the list. Raises LabError if a service is missing."""
    names = {line.partition("==")[0].lower() for line in options.requirements}
    missing = [name for name in SERVICES if name not in names]
    if missing:
        raise LabError(f"no version of {', '.join(missing)} is given; write it as nova==31.3.1")
    younger = dict.fromkeys(SERVICES, today)
    younger |= dict.fromkeys(COMPILED, options.compiled) if options.compiled else {}
    return [
        *(uv, "pip", "compile", "-", "--no-header", "--no-annotate", "--no-config", "--quiet"),
        *(f"--python-version={options.python}", f"--exclude-newer={options.day}"),
        *(f"--exclude-newer-package={name}={day}" for name, day in younger.items()),
    ]


def main(arguments: Sequence[str] | None = None, pins: Path = PINS) -> int:
    """Write the list into `pins`; return the exit status."""
    options = _parser().parse_args(arguments)
    uv = shutil.which("uv")
    if uv is None:
        sys.stderr.write("uv is not on the PATH; install it, for instance with: pip install uv\n")
        return 2
    try:
        words = command(options, uv, datetime.date.today())
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lines = "\n".join([*options.requirements, *OF_LABS])
    done = subprocess.run(words, input=lines, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return done.returncode
    path = pins / f"{options.release.lower()}-py{options.python}.txt"
    path.write_text(done.stdout)
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
