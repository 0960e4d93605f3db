"""Cucumber Messages as dictionaries: a finished recording and its pickle become the messages of one test case.

The protocol is https://github.com/cucumber/messages; the tests read every message back with its Python package.
"""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from stocktake.support.media_types import LEDGER, SVG
from stocktake.support.reporting.ledgers import Ledger
from stocktake.support.reporting.page.pictures import standalone
from stocktake.support.reporting.writing.attachments import Attachment
from stocktake.support.reporting.writing.recorder import HOOKS, entry

PROTOCOL = "34.2.0"
RUN = "run"
SKIPPED = "SKIPPED"
Message = dict[str, Any]

CI_PRODUCTS = (  # name, build number, build URL, revision, branch, remote: as each product's documentation names them
    ("GitHub Actions", "GITHUB_RUN_ID", "", "GITHUB_SHA", "GITHUB_REF_NAME", ""),
    ("GitLab", "CI_PIPELINE_IID", "CI_JOB_URL", "CI_COMMIT_SHA", "CI_COMMIT_REF_NAME", "CI_PROJECT_URL"),
    ("Zuul", "ZUUL_BUILD", "ZUUL_BUILD_URL", "ZUUL_COMMIT", "ZUUL_BRANCH", "ZUUL_PROJECT_URL"),
)


def timestamp(seconds: float) -> Message:
    """Seconds since 1970, UTC."""
    return {"seconds": int(seconds), "nanos": int(seconds % 1 * 1e9)}


def duration(seconds: float) -> Message:
    """A duration; 0 if the clock went backwards."""
    return timestamp(max(0.0, seconds))


def meta() -> Message:
    """The software that wrote the stream, and its environment."""
    try:
        ours = version("stocktake")
    except PackageNotFoundError:
        ours = "0"
    told: Message = {
        "protocolVersion": PROTOCOL,
        "implementation": {"name": "stocktake", "version": ours},
        "runtime": {"name": platform.python_implementation(), "version": platform.python_version()},
        "os": {"name": platform.system()},
        "cpu": {"name": platform.machine()},
    }
    ci = continuous_integration(os.environ)
    return {"meta": told | ({"ci": ci} if ci else {})}


def continuous_integration(environment: Mapping[str, str]) -> Message | None:
    """The CI build this runs in, as its environment variables describe it; None outside of CI."""
    get = environment.get
    for name, number, url, revision, branch, remote in CI_PRODUCTS:
        if not get(number):
            continue
        link, origin = get(url), get(remote)
        if name == "GitHub Actions":
            origin = f"{get('GITHUB_SERVER_URL', 'https://github.com')}/{get('GITHUB_REPOSITORY', '')}"
            link = f"{origin}/actions/runs/{get(number)}"
        found: Message = {"name": name, "buildNumber": get(number)} | ({"url": link} if link else {})
        if get(revision) and origin:
            found["git"] = {"remote": origin, "revision": get(revision)}
            if get(branch):
                found["git"]["branch"] = get(branch)
        return found
    return None


def definition(found: Mapping[str, Any]) -> Message:
    """A step definition."""
    return {
        "stepDefinition": {
            "id": found["id"],
            "pattern": {"source": found["pattern"], "type": found["type"]},
            "sourceReference": {"uri": found["uri"], "location": {"line": found["line"]}},
        }
    }


def hook(name: str) -> Message:
    """What surrounds the steps of every scenario: set-up, audit, checks, clean-up; or the description of the cloud."""
    types = {"set-up": "BEFORE_TEST_CASE", "cloud": "BEFORE_TEST_RUN"}
    return {
        "hook": {
            "id": f"hook:{name}",
            "name": name,
            "type": types.get(name, "AFTER_TEST_CASE"),
            "sourceReference": {"uri": "support/plugin.py", "location": {"line": 1}},
        }
    }


def of_the_run(attachments: list[Message], when: float) -> Iterator[Message]:
    """A hook of the run that holds attachments: Messages have no other place to describe a cloud."""
    started = f"{RUN}/cloud"
    yield {
        "testRunHookStarted": {
            "id": started,
            "testRunStartedId": RUN,
            "hookId": "hook:cloud",
            "timestamp": timestamp(when),
        }
    }
    for each in attachments:
        yield {"attachment": Attachment(**each).message | {"testRunHookStartedId": started}}
    yield {
        "testRunHookFinished": {
            "testRunHookStartedId": started,
            "timestamp": timestamp(when),
            "result": {"duration": duration(0), "status": "PASSED"},
        }
    }


@dataclass(frozen=True)
class Attempt:
    """One attempt to run a scenario in one run of it: which (from 0), and whether another one follows.

    `run` counts how often the scenario was run to its end before; `declared` says that an earlier attempt of this run
    has declared the test case. All attempts share one test case, as Cucumber Messages require.
    """

    run: int = 0
    number: int = 0
    retried: bool = False

    @property
    def declared(self) -> bool:
        """Whether an earlier attempt has declared the test case."""
        return self.number > 0

    @property
    def several(self) -> bool:
        """Whether this is one of several attempts: all of them have the same hooks."""
        return self.retried or self.number > 0


def test_case(recording: Message, pickle: Message, attempt: Attempt) -> Iterator[Message]:
    """All messages of one attempt to run a scenario; steps that were not reached are skipped."""
    case = f"{pickle['id']}/case" + (f"/{attempt.run}" if attempt.run else "")
    started = f"{case}/started" + (f"/{attempt.number}" if attempt.number else "")
    steps = list(test_steps(recording, pickle, case, every_hook=attempt.several))
    if not attempt.declared:
        yield {
            "testCase": {
                "id": case,
                "pickleId": pickle["id"],
                "testRunStartedId": RUN,
                "testSteps": [declared for declared, _ in steps],
            }
        }
    begun: Message = {"id": started, "testCaseId": case, "attempt": attempt.number}
    begun["timestamp"] = timestamp(recording["started"])
    if recording.get("worker"):
        begun["workerId"] = recording["worker"]
    yield {"testCaseStarted": begun}
    now = recording["started"]
    drawn: list[object] = []
    for declared, done in steps:
        now = done["ended"] if done else now
        yield from step_messages(started, declared, done, now, drawn)
    finished = timestamp(recording["finished"])
    yield {"testCaseFinished": {"testCaseStartedId": started, "timestamp": finished, "willBeRetried": attempt.retried}}


def test_steps(
    recording: Message, pickle: Message, case: str, *, every_hook: bool
) -> Iterator[tuple[Message, Message | None]]:
    """Each step as declared, with what was recorded of it: hooks with results surround the steps.

    With `every_hook` the others are declared too, and passed at once.
    """
    hooks = recording["hooks"]

    def surrounding(*names: str) -> Iterator[tuple[Message, Message]]:
        for name in names:
            if name in hooks or every_hook:
                yield (
                    {"id": f"{case}/{name}", "hookId": f"hook:{name}"},
                    hooks.get(name) or entry(recording["finished"]),
                )

    yield from surrounding(*HOOKS[:1])
    done = recording["steps"]
    for number, step in enumerate(pickle["steps"]):
        found = done[number] if number < len(done) else None
        yield declared_step(step, found, case), found
    yield from surrounding(*HOOKS[1:])


def declared_step(step: Message, found: Message | None, case: str) -> Message:
    """A step with its definition and the positions of its arguments."""
    declared = {"id": f"{case}/{step['id']}", "pickleStepId": step["id"]}
    if found is None or not found.get("definition"):
        return declared | {"stepDefinitionIds": [], "stepMatchArgumentsLists": []}
    arguments = [
        {"group": {"start": a["start"], "value": a["value"], "children": []}, "parameterTypeName": a["name"]}
        for a in found["arguments"]
    ]
    lists = [{"stepMatchArguments": arguments}]
    return declared | {"stepDefinitionIds": [found["definition"]], "stepMatchArgumentsLists": lists}


def step_messages(
    started: str, declared: Message, done: Message | None, now: float, drawn: list[object]
) -> Iterator[Message]:
    """The messages of one step, with its evidence; `drawn` ends with the ledger drawn last."""
    of = {"testCaseStartedId": started, "testStepId": declared["id"]}
    begun = done["started"] if done else now
    yield {"testStepStarted": of | {"timestamp": timestamp(begun)}}
    if done is None:
        result: Message = {"duration": duration(0), "status": SKIPPED}
    else:
        for each in done["attachments"]:
            for shown in (Attachment(**each), *picture_of(each, drawn)):
                yield {"attachment": shown.message | of}
        if done["status"] == "UNDEFINED" and "pickleStepId" in declared:
            yield suggestion(declared, done)
        result = {"duration": duration(done["ended"] - begun), "status": done["status"]}
        if done.get("message"):
            result["message"] = done["message"]
        if done.get("exception"):
            result["exception"] = done["exception"]
    yield {"testStepFinished": of | {"testStepResult": result, "timestamp": timestamp(now)}}


def picture_of(attachment: Message, drawn: list[object]) -> Iterator[Attachment]:
    """A ledger's picture for readers that support pictures but not ledgers, unless it is the same as the previous
    one."""
    if attachment["media_type"] != LEDGER:
        return
    ledger = Ledger.read(json.loads(attachment["body"]))
    if drawn[-1:] != [ledger.state]:
        drawn.append(ledger.state)
        yield Attachment.of(SVG, standalone(ledger), f"{attachment['name']}.svg")


def suggestion(declared: Message, done: Message) -> Message:
    """How an undefined step could be defined; its message contains what was probably meant."""
    code = f"# {done['message']}" if done.get("message") else "# no step says this"
    return {
        "suggestion": {
            "id": f"{declared['id']}/suggestion",
            "pickleStepId": declared["pickleStepId"],
            "snippets": [{"language": "python", "code": code}],
        }
    }
