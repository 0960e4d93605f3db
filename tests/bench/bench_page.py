"""How long the living documentation of many scenarios takes, how large it is, and how quickly it answers.

    python tests/bench/bench_page.py [SCENARIOS]        default 1,000; the goals are under 5 s and under 5 MB

The stream is made of recordings as a real cloud gives them: six steps, two tables, four ledgers of two hosts, 112
requests and six states of a server per scenario; one scenario in 20 fails, one in 10 is unverified.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stocktake.support.media_types import EXCHANGE, HISTORY, LEDGER
from stocktake.support.reporting.page.render import publish
from stocktake.support.reporting.writing import envelopes
from stocktake.support.reporting.writing.attachments import Attachment
from stocktake.support.reporting.writing.documents import Document

SEARCHES = ("f", "flow 17", "@two-hosts and not @lab", "nothing of the kind", "")
ANSWERED = """async (query) => {
  const box = document.querySelector("input[type=search]"), found = document.getElementById("found");
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
  });
  observer.observe({entryTypes: ["longtask"]});
  found.value = "…";
  const began = performance.now();
  box.value = query;
  box.dispatchEvent(new Event("input", {bubbles: true}));
  while (found.value === "…") await new Promise(requestAnimationFrame);
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  const seconds = (performance.now() - began) / 1000;
  observer.disconnect();
  return [seconds, longest / 1000];
}"""

PER_FILE, PER_RULE = 20, 4
READINGS = 27  # in each of four steps
CAPACITY = {"VCPU": 64, "MEMORY_MB": 262144, "DISK_GB": 2000}
SMALL, LARGE = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}, {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 2}
STEPS = """
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And the hypervisors agree with it
"""
STATES = ("BUILD", "ACTIVE", "RESIZE", "RESIZE", "VERIFY_RESIZE", "VERIFY_RESIZE")


def feature(number: int, scenarios: int) -> str:
    """The text of one feature file."""
    lines = [f"Feature: Flow {number} charges what it says", "  Whoever runs it pays for it, once.", ""]
    for n in range(scenarios):
        if n % PER_RULE == 0:
            lines += [f"  Rule: Rule {n // PER_RULE} of flow {number} holds on every host", ""]
        lines += [f"    @two-hosts\n    Scenario: Case {n} of flow {number} is charged where it runs{STEPS}"]
    return "\n".join(lines) + "\n"


def ledger(*rows: tuple[str, str, dict[str, int]], expected: bool = False) -> dict[str, Any]:
    """A ledger attachment's content."""
    listed = [{"consumer": who, "provider": where, "resources": held} for who, where, held in rows]
    data: dict[str, Any] = {
        "title": "allocations",
        "providers": [{"name": host, "capacity": CAPACITY} for host in ("alpha", "beta")],
        "rows": listed,
        "usages": {"alpha": {"VCPU": 9, "MEMORY_MB": 9216, "DISK_GB": 40}, "beta": {"VCPU": 4, "MEMORY_MB": 4096}},
    }
    return data | ({"expected": {"rows": listed[:1]}} if expected else {})


def requests(n: int, step: int) -> str:
    """The requests of a step: one that acts and many that read, with ids that no compression can guess."""
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, f"{n} {step} {each}") for each in range(READINGS + 2)]
    lines = [f"compute POST /servers/{ids[0]}/action at 2.74 -> 202 in 0.04 s req-{n:08x}-{ids[1]}"]
    for each in ids[2:]:
        lines += [f"placement GET /resource_providers/{ids[0]}/allocations at 1.0 -> 200 in 0.02 s req-{each}"]
    return "\n".join(lines)


def recording(n: int) -> dict[str, Any]:
    """What a worker would have recorded of scenario `n`."""
    began = 1_790_000_000.0 + n * 4
    before, after = ("server web", "alpha", SMALL), ("migration of web", "alpha", SMALL)
    failed, unverified = n % 20 == 7, n % 10 == 3
    moved = ledger(after, ("server web", "beta", LARGE))
    ledgers = [ledger(before), moved, moved, ledger(after, ("server web", "beta", LARGE), expected=failed)]
    steps = []
    for step in range(6):
        attachments = []
        if step < 4:
            attachments += [
                Attachment.of(LEDGER, json.dumps(ledgers[step]), "allocations"),
                Attachment.of(EXCHANGE, requests(n, step), "exchange"),
            ]
        if step == 1:
            states = [
                {"seconds": s * 0.6, "server": "web", "status": status, "task_state": None, "host": "alpha"}
                for s, status in enumerate(STATES)
            ]
            attachments.append(Attachment.of(HISTORY, json.dumps(states), "history"))
        steps.append(
            {
                "status": "PASSED",
                "started": began + step * 0.6,
                "ended": began + step * 0.6 + 0.5,
                "message": None,
                "attachments": [asdict(each) for each in attachments],
                "definition": None,
                "arguments": [],
            }
        )
        if failed and step == 3:
            steps[-1] |= {"status": "FAILED", "message": "Expected: allocations of\n  ...\n but: placement says\n  ..."}
            break
        if unverified and step == 1:
            steps[-1] |= {"status": "SKIPPED", "message": "unverified: no way to stop a host; set control: stop_host"}
            break
    return {"steps": steps, "hooks": {}, "definitions": {}, "started": began, "finished": began + 3.6}


def stream(scenarios: int) -> Iterator[dict[str, Any]]:
    """The messages of a run of so many scenarios."""
    yield envelopes.meta()
    yield {"testRunStarted": {"id": envelopes.RUN, "timestamp": envelopes.timestamp(1_790_000_000)}}
    n = 0
    for number in range(-(-scenarios // PER_FILE)):
        document = Document(f"features/flow_{number:03}.feature", feature(number, min(PER_FILE, scenarios - n)))
        yield from document.envelopes
        for pickle in document.pickles:
            yield from envelopes.test_case(recording(n), pickle, envelopes.Attempt())
            n += 1
    finished = {"timestamp": envelopes.timestamp(1_790_000_000 + n * 4), "success": False}
    yield {"testRunFinished": finished}


def write_stream(path: Path, scenarios: int) -> Path:
    """The same as a file."""
    with path.open("w") as file:
        file.writelines(json.dumps(message, separators=(",", ":")) + "\n" for message in stream(scenarios))
    return path


def browse(page: Path) -> str:
    """Open the page in Chromium and search it: how long that takes, and the longest standstill meanwhile."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - part of the extra dev
    except ImportError:
        return "no browser: playwright is not installed"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        return "no browser: chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.perf_counter()
        tab.goto(page.as_uri())
        loaded = time.perf_counter() - began
        answers = [tab.evaluate(ANSWERED, query) for query in SEARCHES]
        browser.close()
    seconds = ", ".join(f"{answer:.2f}" for answer, _ in answers)
    return f"loaded in {loaded:.2f} s, searches in {seconds} s, standstill {max(s for _, s in answers):.2f} s at most"


def main() -> None:
    """Measure once and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenarios", nargs="?", type=int, default=1000)
    scenarios = parser.parse_args().scenarios
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        path = write_stream(Path(folder) / "run.ndjson", scenarios)
        written = time.perf_counter()
        publish([path], output=Path(folder))
        done = time.perf_counter()
        seen = browse(Path(folder) / "index.html")
        sizes = path.stat().st_size / 1e6, (Path(folder) / "index.html").stat().st_size / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{scenarios} scenarios: stream {sizes[0]:.1f} MB in {written - begin:.2f} s "
        f"({(written - begin) / scenarios * 1000:.2f} ms each), "
        f"page {sizes[1]:.2f} MB in {done - written:.2f} s, {memory:.0f} MB of memory at most\nin Chromium: {seen}\n"
    )


if __name__ == "__main__":
    main()
