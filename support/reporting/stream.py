"""Reads a stream of Cucumber Messages into a Run: Stocktake's own, or any other that follows the protocol."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stocktake.support.errors import ConfigurationError
from stocktake.support.media_types import CHECKS, CLOUD, HISTORY, LEDGER, SVG
from stocktake.support.reporting.features import read_feature
from stocktake.support.reporting.ledgers import Ledger, claimed_by
from stocktake.support.reporting.model import Check, Done, Evidence, Moment, Result, Run, Scenario
from stocktake.support.reporting.outcomes import KNOWN, UNVERIFIED, outcome_of, reason_and_remedy

NO_CLOUD = "a cloud without a name"
SKIPPED, PENDING = "SKIPPED", "PENDING"
LEDGER_MARK, PICTURE_MARK = (f'"mediaType":"{media_type}"' for media_type in (LEDGER, SVG))  # as the Writer spells it
Message = Mapping[str, Any]


def read_run(path: Path) -> Run:
    """Read the stream at `path`.

    An incomplete last line is ignored, because the run was killed. ConfigurationError when the file does not exist or
    is not a stream of Cucumber Messages.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return StreamReader().read(parsed(path, lines))
    except OSError as error:
        raise ConfigurationError(f"{path}: the message stream cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: this is not a message stream: it is not UTF-8 text") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"{path}: a message does not have the form of a Cucumber Message ({what})") from None


def parsed(path: Path, lines: Iterable[str]) -> Iterator[Message]:
    """The messages of the lines of an NDJSON file."""
    broken: ConfigurationError | None = None
    of_ledger = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (of_ledger and PICTURE_MARK in line):
            continue  # a picture that follows its ledger is never shown and, because it is large, not even parsed
        of_ledger = LEDGER_MARK in line
        if broken:
            raise broken
        try:
            message = json.loads(line)
        except ValueError:
            broken = ConfigurationError(
                f"{path}:{number}: this line is not JSON; give files written by --messages=FILE.ndjson"
            )
            if number == 1:
                raise broken from None
            continue
        if not isinstance(message, dict):
            raise ConfigurationError(f"{path}:{number}: this line is not a Cucumber Message, which is a JSON object")
        yield message


class StreamReader:
    """Collects messages by the ids that connect them."""

    def __init__(self) -> None:
        self.run = Run("")
        self._documents: dict[str, Message] = {}
        self._pickles: dict[str, list[Message]] = {}
        self._hooks: dict[str, str] = {}
        self._cases: dict[str, Message] = {}
        self._started: dict[str, Message] = {}
        self._finished: dict[str, Message] = {}
        self._results: dict[tuple[str, str], Message] = {}
        self._attached: dict[tuple[str, str], list[Message]] = {}

    def read(self, messages: Iterable[Message]) -> Run:
        """The run that `messages` describe."""
        for message in messages:
            for kind, body in message.items():
                take = getattr(self, f"_take_{kind}", None)
                if take:
                    take(body)
        scenarios: dict[str, Scenario] = {}
        for uri, tree in self._documents.items():
            if "feature" in tree:
                self.run.features[uri], found = read_feature(tree, self._pickles.get(uri, ()))
                scenarios.update(found)
        before: dict[str, tuple[str, ...]] = {}  # failures of earlier attempts at a test case
        for started in self._started.values():
            case = self._cases.get(started["testCaseId"])
            scenario = scenarios.get(case["pickleId"]) if case else None
            if case and scenario:
                earlier = before.get(started["testCaseId"], ())
                self.run.results[scenario.key] = result = self._result(started, case, scenario, earlier)
                before[started["testCaseId"]] = (*earlier, result.message)
        self.run.cloud = str(self.run.description.get("name") or NO_CLOUD)
        return self.run

    def _take_meta(self, body: Message) -> None:
        self.run.meta = dict(body)

    def _take_gherkinDocument(self, body: Message) -> None:  # noqa: N802 - named by the protocol
        self._documents[body["uri"]] = body

    def _take_pickle(self, body: Message) -> None:
        self._pickles.setdefault(body["uri"], []).append(body)

    def _take_parseError(self, body: Message) -> None:  # noqa: N802
        source = body["source"]
        line = (source.get("location") or {}).get("line", 1)
        self.run.unreadable.append((source.get("uri", ""), line, body["message"]))

    def _take_hook(self, body: Message) -> None:
        self._hooks[body["id"]] = body.get("name") or "hook"

    def _take_testRunStarted(self, body: Message) -> None:  # noqa: N802
        self.run.started = seconds(body["timestamp"])

    def _take_testRunFinished(self, body: Message) -> None:  # noqa: N802
        self.run.finished = seconds(body["timestamp"])

    def _take_testCase(self, body: Message) -> None:  # noqa: N802
        self._cases[body["id"]] = body

    def _take_testCaseStarted(self, body: Message) -> None:  # noqa: N802
        self._started[body["id"]] = body

    def _take_testCaseFinished(self, body: Message) -> None:  # noqa: N802
        self._finished[body["testCaseStartedId"]] = body

    def _take_testStepFinished(self, body: Message) -> None:  # noqa: N802
        self._results[body["testCaseStartedId"], body["testStepId"]] = body["testStepResult"]

    def _take_attachment(self, body: Message) -> None:
        if "testStepId" in body:
            self._attached.setdefault((body["testCaseStartedId"], body["testStepId"]), []).append(body)
        elif body["mediaType"] == CLOUD:
            self.run.description.update(json.loads(body["body"]))

    def _result(self, started: Message, case: Message, scenario: Scenario, earlier: tuple[str, ...]) -> Result:
        steps: list[Done] = []
        hooks: list[Done] = []
        for step in case["testSteps"]:
            done = self._done(started["id"], step)
            (steps if "pickleStepId" in step else hooks).append(done)
        for done, written in zip(steps, (*scenario.background, *scenario.steps), strict=False):
            if done.status == "FAILED" and done.evidence.ledgers:
                done.evidence.ledgers[-1] = claimed_by(done.evidence.ledgers[-1], written.text, written.table)
        everything = (*steps, *hooks)
        end = self._finished.get(started["id"])
        begin = seconds(started["timestamp"])
        finished = seconds(end["timestamp"]) if end else begin
        outcome = outcome_of(each.status for each in everything) if end else outcome_of(["FAILED"])
        telling = {UNVERIFIED: SKIPPED, KNOWN: PENDING}.get(outcome)
        reasons = [each.message for each in (*hooks, *steps) if each.status == telling and each.message]
        reason, remedy = reason_and_remedy(reasons[0]) if reasons else ("", "")
        bad = [each.message for each in everything if each.status not in ("PASSED", SKIPPED, PENDING) and each.message]
        return Result(
            outcome=outcome,
            seconds=finished - begin,
            done=tuple(steps),
            hooks=tuple(each for each in hooks if each.status != "PASSED" or has_any(each.evidence)),
            reason=reason or ("no reason was given" if outcome == UNVERIFIED else ""),
            remedy=remedy,
            message=bad[0] if bad else "" if end else "the run was interrupted during this scenario",
            finished=finished,
            earlier=earlier,
        )

    def _done(self, started: str, step: Message) -> Done:
        result = self._results.get((started, step["id"])) or {"status": "UNKNOWN", "duration": {}}
        exception = result.get("exception") or {}
        return Done(
            status=result["status"],
            seconds=seconds(result["duration"]),
            message=result.get("message") or exception.get("message") or "",
            trace=exception.get("stackTrace") or "",
            hook=self._hooks.get(step.get("hookId", ""), ""),
            arguments=tuple(spans(step)),
            evidence=evidence(self._attached.get((started, step["id"]), ())),
        )


def seconds(time: Message) -> float:
    """Seconds of a timestamp or a duration."""
    return float(time.get("seconds", 0)) + float(time.get("nanos", 0)) / 1e9


def spans(step: Message) -> Iterator[tuple[int, int]]:
    """The positions of a step's arguments in its text."""
    for each in (step.get("stepMatchArgumentsLists") or [{}])[:1]:
        for argument in each.get("stepMatchArguments", ()):
            group = argument["group"]
            if group.get("start") is not None and group.get("value"):
                yield group["start"], group["start"] + len(group["value"])


def has_any(evidence: Evidence) -> bool:
    """Whether anything was attached."""
    return bool(evidence.ledgers or evidence.history or evidence.texts or evidence.images or evidence.checks)


def evidence(attachments: Iterable[Message]) -> Evidence:
    """Attachments by how they can be shown; a ledger's own picture is omitted, because the page draws a better one."""
    found = Evidence()
    drawn: set[str] = set()
    for each in attachments:
        media_type, name = each["mediaType"], each.get("fileName") or "attachment"
        if media_type in (LEDGER, HISTORY, CHECKS) and structured(each, found):
            drawn.add(f"{name}.svg")
        elif media_type == SVG and name in drawn:
            continue
        elif media_type.startswith("image/") and each["contentEncoding"] == "BASE64":
            found.images.append((name, f"data:{media_type};base64,{each['body']}"))
        else:
            found.texts.append((name, text_of(each)))
    return found


def structured(attachment: Message, found: Evidence) -> bool:
    """Add a ledger, a history or the checks; False for one of another shape, which is shown as text."""
    try:
        data = json.loads(text_of(attachment))
        if attachment["mediaType"] == LEDGER:
            found.ledgers.append(Ledger.read(data))
        elif attachment["mediaType"] == CHECKS:
            found.checks += [
                Check(str(c["name"]), str(c["outcome"]), str(c.get("reason") or "")) for c in data["checks"]
            ]
        else:
            found.history += [read_moment(each) for each in data]
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


def read_moment(data: Message) -> Moment:
    """One line of a server's history."""
    told = (data.get(name) for name in ("status", "task_state", "host"))
    return Moment(float(data["seconds"]), str(data["server"]), *(str(each or "") for each in told))


def text_of(attachment: Message) -> str:
    """The body as text; for binary bodies, their size."""
    body: str = attachment["body"]
    if attachment["contentEncoding"] != "BASE64":
        return body
    data = base64.b64decode(body)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{len(data)} bytes of {attachment['mediaType']}"
