"""What an audit reports: its findings, less those that are known or not asked for, and what is new among them."""

from dataclasses import dataclass
from datetime import datetime

from stocktake.support.accounting.findings import Audited, Finding, Rule
from stocktake.support.inspection.auditing.earlier import Earlier, id_of
from stocktake.support.inspection.auditing.known import Known


@dataclass(frozen=True)
class Report:
    """One audit of one cloud.

    `ended` is when (with its zone), `seconds` how long it took, `requests` how many it sent. `findings` are those that
    are reported, `known` those that the operator has explained. `only` are the rules that were asked for (empty: all),
    `notes` sentences about entries that explain nothing any more. With an `earlier` audit, only what is new counts.
    """

    cloud: str
    ended: datetime
    seconds: float
    requests: int
    audited: Audited
    findings: tuple[Finding, ...]
    known: tuple[Known, ...] = ()
    only: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    earlier: Earlier | None = None

    @property
    def counting(self) -> tuple[Finding, ...]:
        """The findings that count: all that are reported, or those that the earlier audit had not."""
        return tuple(finding for finding in self.findings if self.is_new(finding))

    @property
    def gone(self) -> tuple[str, ...]:
        """The sentences of findings that the earlier audit had, and this one has not, not even as known ones."""
        if self.earlier is None:
            return ()
        still = {id_of(one) for one in (*self.findings, *(known.finding for known in self.known))}
        asked = {rule.value for rule in self.only or Rule}
        found = self.earlier.findings.items()
        return tuple(one.sentence for name, one in found if name not in still and one.rule in asked)

    def is_new(self, finding: Finding) -> bool:
        """Tell whether the earlier audit had not that finding; without an earlier one, every finding is new."""
        return self.earlier is None or id_of(finding) not in self.earlier.findings

    @property
    def subject(self) -> str:
        """What was audited, in words."""
        return f"{self.audited.read['providers']} resource providers, {self.audited.read['servers']} servers"


def counted(number: int, what: str) -> str:
    """Return a number of things in words: `1 finding`, `2 findings`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
