"""README's distributed run: one pytest whose workers are on two machines, reached by ssh, with etcd between them.

    python tests/safety/distributed.py [--workers=1] [OPTION OF PYTEST ...]

The machines are two OpenSSH servers on loopback, each with a home of its own, and so with its own clouds.yaml, leases
and journals. The command is the one in README.md, with as many workers as given. Exit status 1 when a scenario failed,
a machine ran none, or something is left.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hosts"))

import sites
from coordinated import configured
from coordinators import Etcd, free_port
from hamcrest import is_
from stocktake.support import lab
from stocktake.support.waiting import eventually

MACHINES = ("ci-1", "ci-2")
COMMAND = re.compile(r"^    (pytest .*-d --tx .*)$", re.MULTILINE)
SSHD = "/usr/sbin/sshd"
PRIVILEGES = Path("/run/sshd")  # what root's sshd needs, and the system makes only when it starts one itself
WITHIN = 1800.0


class Machine:
    """An OpenSSH server on loopback that logs this user into a home of its own."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.home = folder / name
        self.port = free_port()
        self._keys = folder / "keys"
        self.home.mkdir()

    @property
    def state(self) -> Path:
        """Where Stocktake keeps its journals there."""
        return self.home / ".local" / "state" / "stocktake"

    def ssh_config(self) -> str:
        """How ssh finds it by its name."""
        options = {
            "HostName": "127.0.0.1",
            "Port": self.port,
            "IdentityFile": self._keys / "user",
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self._keys / "known",
            "StrictHostKeyChecking": "accept-new",
            "LogLevel": "ERROR",
        }
        return "\n".join([f"Host {self.name}", *(f"  {key} {value}" for key, value in options.items())]) + "\n"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it accept connections during the block."""
        options = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": self._keys / "host",
            "AuthorizedKeysFile": self._keys / "user.pub",
            "StrictModes": "no",
            "UsePAM": "no",
            "PidFile": "none",
            "SetEnv": f"HOME={self.home}",
            "ForceCommand": 'cd "$HOME" && exec sh -c "$SSH_ORIGINAL_COMMAND"',
        }
        config = self.home / "sshd_config"
        config.write_text("".join(f"{key} {value}\n" for key, value in options.items()))
        with (self.home / "log").open("w") as log:
            server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stdout=log, stderr=log)
        try:
            eventually(
                self._home_over_ssh,
                is_(str(self.home)),
                within=20,
                what=f"{self.name} to answer over ssh",
            )
            yield
        finally:
            server.terminate()
            server.wait()

    def _home_over_ssh(self) -> str:
        ask = ["ssh", "-F", str(self.home.parent / "config"), self.name, "pwd"]
        return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def machines(folder: Path) -> Iterator[list[Machine]]:
    """Start the machines; an `ssh` in `folder/bin` knows them by name."""
    if os.geteuid() == 0:
        PRIVILEGES.mkdir(mode=0o755, exist_ok=True)
    (folder / "keys").mkdir()
    for key in ("user", "host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "keys" / key], check=True)
    found = [Machine(name, folder) for name in MACHINES]
    (folder / "config").write_text("".join(machine.ssh_config() for machine in found))
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder / "config"} "$@"\n')
    wrapper.chmod(0o700)
    with ExitStack() as stack:
        for machine in found:
            stack.enter_context(machine.running())
        yield found


def main() -> int:
    """Run README's command on a lab, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1, help="workers on each machine (default %(default)s)")
    options, more = parser.parse_known_args()
    started = lab.start(hosts=4, owner=os.getpid())
    try:
        with tempfile.TemporaryDirectory() as temporary:
            wrong = distribute(started, Path(temporary), *more, workers=options.workers, unavailable=sys.exit)
    finally:
        started.stop()
    return 1 if sites.told("wrong", wrong) else 0


def distribute(
    started: lab.Lab, folder: Path, *more: str, workers: int = 1, unavailable: Callable[[str], object]
) -> list[str]:
    """Run README's command on a lab with so many workers on each machine, and return what is wrong.

    `more` are further options of pytest; `unavailable` is called with what is not installed.
    """
    if not Path(SSHD).exists():
        unavailable(f"{SSHD} is not installed")
    before = sites.Site(started.clouds_yaml).state()
    with Etcd(folder / "etcd", unavailable).running() as etcd, machines(folder) as found:
        for home in (folder, *(machine.home for machine in found)):
            _know_cloud(home, started, etcd)
        status = _run(folder, workers, more)
        wrong = [f"pytest ended with status {status}"] if status else []
        wrong += [f"{one.name} ran nothing" for one in found if not (one.state / "journals").exists()]
        wrong += [f"left on {one.name}: {path.read_text()}" for one in found for path in one.state.glob("journals/*")]
    return wrong + sites.differences(before, sites.Site(started.clouds_yaml).state())


def _know_cloud(home: Path, started: lab.Lab, etcd: Etcd) -> None:
    """Let a home have the lab in its clouds.yaml, as README's example calls it, with etcd for leases."""
    folder = home / ".config" / "openstack"
    folder.mkdir(parents=True)
    configured(started.clouds_yaml, folder / "clouds.yaml", name="staging", coordinator=etcd.url, state=None)


def _run(folder: Path, workers: int, more: Sequence[str]) -> int:
    """Run the command as somebody does who copies it, and return its status."""
    (written,) = COMMAND.findall((sites.ROOT / "README.md").read_text())
    command = f"{written.replace('4*', f'{workers}*')} {shlex.join(more)}"
    sites.say(command)
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = sites.environment(None, PATH=path, HOME=str(folder), VENV=sys.executable)
    done = subprocess.run(["bash", "-c", command], cwd=sites.ROOT, env=environment, timeout=WITHIN, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
