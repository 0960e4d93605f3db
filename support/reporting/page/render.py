"""Living documentation: one HTML file that opens from disk, created from message streams, from features, or from both.

    publish([Path("lab.ndjson"), Path("staging.ndjson")], output=Path("doc"), compare=Path("last-week.ndjson"))

Streams about the same cloud (shards, repetitions) are merged, and the latest result of a scenario counts; streams
about several clouds form the matrix. The page loads nothing, sets no style attribute and runs only its own script:
its Content-Security-Policy names the hashes of both.
"""

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from stocktake.support.errors import ConfigurationError
from stocktake.support.reporting import comparison
from stocktake.support.reporting.comparison import KINDS, Comparison, compare
from stocktake.support.reporting.features import features_at
from stocktake.support.reporting.model import Run
from stocktake.support.reporting.page import pictures
from stocktake.support.reporting.page.showing import FOR_TEMPLATES, Packing
from stocktake.support.reporting.page.views import Report
from stocktake.support.reporting.stream import read_run
from stocktake.support.reporting.summary import markdown

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "index.html"


def publish(
    streams: Sequence[Path],
    *,
    output: Path | None = None,
    summary: Path | None = None,
    compare: Path | None = None,
    features: Sequence[Path] = (),
    catalogue: Sequence[Mapping[str, Any]] | None = None,
    clouds: Sequence[str] = (),
) -> Report:
    """Write `output`/index.html and the Markdown file `summary`, whichever is given; returns their report.

    `features` adds files or folders whose scenarios are shown as not yet verified if no stream contains them;
    `catalogue` is the vocabulary as `gherkin.catalogue.catalogue` gives it. `clouds` names the cloud of each stream, in
    place of what it says itself; each cloud is then compared with the one before it. Raises ConfigurationError for
    files that cannot be read or written.
    """
    report, since = gather(streams, compare=compare, features=features, clouds=clouds)
    changes = comparison.in_turn(report.runs) if clouds else [since] if since else []
    if output is not None:
        write(output / PAGE, html(report, changes, catalogue))
    if summary is not None:
        write(summary, markdown(report, changes))
    return report


def gather(
    streams: Sequence[Path], *, compare: Path | None = None, features: Sequence[Path] = (), clouds: Sequence[str] = ()
) -> tuple[Report, Comparison | None]:
    """Read everything: runs by cloud, features beside them, and the older run to compare with."""
    runs: dict[str, Run] = {}
    for path, name in itertools.zip_longest(streams, clouds):
        run = read_run(path)
        run.cloud = name or run.cloud
        if run.cloud in runs:
            runs[run.cloud].merge(run)
        else:
            runs[run.cloud] = run
    report = Report(list(runs.values()), features_at(features) if features else None)
    return report, compared(report, read_run(compare)) if compare else None


def compared(report: Report, old: Run) -> Comparison:
    """The older run compared with the run about the same cloud, or else with the first one."""
    if not report.runs:
        raise ConfigurationError("--compare needs a run to compare with: give at least one message stream")
    return compare(old, next((run for run in report.runs if run.cloud == old.cloud), report.runs[0]))


def html(report: Report, changes: Sequence[Comparison], catalogue: Sequence[Mapping[str, Any]] | None) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(FOR_TEMPLATES, kinds=KINDS)
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html").render(
        report=report,
        pack=Packing(inline=report.opened),
        changes=changes,
        catalogue=catalogue or (),
        script=Markup(script),  # noqa: S704 - this and the next two are files and constants of ours
        style=Markup(style),  # noqa: S704
        hatch=Markup(pictures.HATCH),  # noqa: S704
        script_hash=digest(script),
        style_hash=digest(style),
    )


def digest(text: str) -> str:
    """The hash by which a Content-Security-Policy identifies a script or a style sheet."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def write(path: Path, text: str) -> None:
    """Write a file and the folders above it; ConfigurationError when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: the report cannot be written there: {error.strerror}") from None
