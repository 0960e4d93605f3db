"""Two pytest processes with two workers each on one lab of three hosts."""

import os
import subprocess
import time

import sites


def test_two_runs_share_a_lab_and_no_lease_outlives_them(shared_lab, site, features, tmp_path):
    before = site.state()
    (feature,) = features("quiet")
    folders = [tmp_path / "one", tmp_path / "other"]
    began = time.monotonic()
    runs = []
    for folder in folders:
        folder.mkdir()
        with (folder / "output").open("w") as output:
            runs.append(
                subprocess.Popen(
                    sites.command([feature], "-n2", folder=folder),
                    cwd=sites.ROOT,
                    env=sites.environment(shared_lab.clouds_yaml),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            )
    try:
        statuses = [run.wait(timeout=580) for run in runs]
    finally:
        for run in runs:
            if run.poll() is None:
                os.killpg(run.pid, 9)
    took = time.monotonic() - began
    assert statuses == [0, 0], "\n".join((folder / "output").read_text() for folder in folders)
    for folder in folders:
        assert list(sites.verdicts(folder).values()) == ["passed"] * 4
    print(f"two runs of 4 scenarios with 2 workers each on 3 hosts: {took:.1f} s")  # noqa: T201 - shown by -rP
    assert sites.remembered(shared_lab) == []
    assert sites.differences(before, site.state()) == []
    assert site.duplicates() == []
