"""An audit as metrics, for the textfile collector of Prometheus' node_exporter.

All of them are gauges, which OpenMetrics and the older text format of Prometheus, which that collector reads, write
alike. Names follow https://prometheus.io/docs/practices/naming/: a prefix, base units, the unit at the end.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from stocktake.support.accounting.findings import Finding, Reason, Rule
from stocktake.support.inspection.auditing.report import Report

PREFIX = "stocktake_audit"


def render(report: Report) -> str:
    """Write the metrics of an audit; a rule that found nothing has the value 0, so that its series do not break."""
    written: bytes = generate_latest(_Collected(report))
    return written.decode().rstrip("\n")


class _Collected:
    """What prometheus_client takes for a registry."""

    def __init__(self, report: Report):
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, each with its samples."""
        report = self._report
        yield self._by_rule("findings", "Findings that are reported.", report.findings)
        yield self._by_rule("new_findings", "Findings that the earlier audit, if any, had not.", report.counting)
        yield self._by_rule("known_findings", "Findings that the operator has explained.", self._known())
        yield self._excess()
        yield self._not_judged()
        yield self._read()
        yield self._single("requests", "Requests that the audit sent.", report.requests)
        yield self._single("duration_seconds", "How long the audit took.", report.seconds)
        yield self._single("end_timestamp_seconds", "When the audit ended, as Unix time.", report.ended.timestamp())

    def _known(self) -> list[Finding]:
        return [one.finding for one in self._report.known]

    def _by_rule(self, name: str, text: str, findings: Iterable[Finding]) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=("cloud", "rule"))
        counts = Counter(finding.rule for finding in findings)
        for rule in Rule:
            family.add_metric((self._report.cloud, rule.value), counts[rule])
        return family

    def _excess(self) -> Metric:
        text = "What is allocated or used beyond what should be, in the unit of its resource class."
        family = GaugeMetricFamily(f"{PREFIX}_excess_amount", text, labels=("cloud", "rule", "resource_class"))
        totals: Counter[tuple[str, str]] = Counter()
        for finding in self._report.findings:
            for name, amount in (finding.found - finding.expected).items():
                totals[finding.rule.value, name] += max(0, amount)
        for (rule, name), amount in sorted(totals.items()):
            family.add_metric((self._report.cloud, rule, name), amount)
        return family

    def _not_judged(self) -> Metric:
        labels = ("cloud", "reason")
        family = GaugeMetricFamily(f"{PREFIX}_not_judged", "Groups of things that could not be judged.", labels=labels)
        counts = Counter(one.reason for one in self._report.audited.not_judged)
        for reason in Reason:
            family.add_metric((self._report.cloud, reason.value), counts[reason])
        return family

    def _read(self) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}_read_objects", "What was read.", labels=("cloud", "kind"))
        for kind, count in self._report.audited.read.items():
            family.add_metric((self._report.cloud, kind), count)
        return family

    def _single(self, name: str, text: str, value: float) -> Metric:
        unit = "seconds" if name.endswith("_seconds") else ""
        family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=("cloud",), unit=unit)
        family.add_metric((self._report.cloud,), value)
        return family
