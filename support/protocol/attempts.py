"""One attempt to run a scenario, phase by phase as pytest does, except that it may be parked before its last check."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest.runner import check_interactive_exception, get_reraise_exceptions, show_test_item
from stocktake.support.errors import Crowded, Unverified
from stocktake.support.protocol import ending

if TYPE_CHECKING:
    from stocktake.support.accounting.resources import Resources
    from stocktake.support.scenario.lifecycle import Lifecycle

Phase = Literal["setup", "call", "teardown"]


class Attempt:
    """An attempt to run a scenario; its phases have been run when it is made.

    What the scenario's module and session have set up stays for `nextitem` or, without one, for scenarios that are
    parked, until `tear_down_session`. `failure` is what the last check of a parked scenario raised, `neighbours` are
    the scenarios that ran while it was parked.
    """

    def __init__(self, item: pytest.Item, nextitem: pytest.Item | None, *, may_park: bool = True):
        self.item = item
        self.failure: BaseException | None = None
        self.neighbours: list[str] = []
        self._phases: dict[Phase, pytest.CallInfo[None]] = {}
        self._reports: dict[Phase, pytest.TestReport] = {}
        item.stash[ending.MAY_PARK] = may_park
        for key in (ending.LIFECYCLE, ending.STEP, ending.CHECKS):
            if key in item.stash:
                del item.stash[key]
        self._run(nextitem or item.parent)
        self.was_parked = self.is_parked

    @property
    def lifecycle(self) -> "Lifecycle":
        """The scenario's lifecycle. Raises KeyError if it has none."""
        return self.item.stash[ending.LIFECYCLE]

    @property
    def is_parked(self) -> bool:
        """Whether the scenario's last check is still to come."""
        lifecycle = self.item.stash.get(ending.LIFECYCLE, None)
        return lifecycle is not None and lifecycle.is_parked

    @property
    def is_crowded(self) -> bool:
        """Whether the scenario could not run beside those that are parked, and is to run again without them."""
        errors = [call.excinfo.value for call in self._phases.values() if call.excinfo]
        if any(isinstance(error, Crowded) for error in errors):
            return True
        lifecycle = self.item.stash.get(ending.LIFECYCLE, None)
        unverified = any(isinstance(error, Unverified) for error in errors)
        return unverified and lifecycle is not None and lifecycle.may_lack_room

    @property
    def wrong_figures(self) -> Mapping[str, "Resources"]:
        """By how much Nova's own figures were wrong, by provider uuid, if that is why the scenario has failed."""
        from stocktake.support.scenario.stability import FiguresDisagree  # noqa: PLC0415 - start-up time

        call = self._phases.get("call")
        error = call.excinfo.value if call and call.excinfo else None
        return error.difference if isinstance(error, FiguresDisagree) else {}

    def check(self, figures_within: float | None) -> None:
        """Carry out the last check of a parked scenario; `figures_within` as `Lifecycle.check_parked` has it."""
        lifecycle = self.lifecycle
        carry_out = partial(lifecycle.check_parked, figures_within=figures_within)
        self._continue(lambda: ending.check(self.item, lifecycle, carry_out))
        excinfo = self._phases["call"].excinfo
        self.failure = excinfo.value if excinfo else None
        if self.failure is not None and self.neighbours:
            lifecycle.explanation.append(("scenarios that ran while this one was parked", "\n".join(self.neighbours)))

    def close(self) -> None:
        """Undo a parked scenario."""
        self._continue(lambda: ending.undo(self.lifecycle, self.failure))

    def withdraw_failure(self) -> None:
        """Let a scenario pass whose check has failed because of another one."""
        self.failure = self._phases["call"].excinfo = None
        self.lifecycle.withdraw_failure()

    def repeat(self) -> "Attempt":
        """Run the scenario once more, without parking it."""
        self.item.session._setupstate.teardown_exact(self.item)
        return Attempt(self.item, None, may_park=False)

    def reports(self) -> list[pytest.TestReport]:
        """Return the reports of all phases; those that are not yet made are made now."""
        if self.was_parked and "call" not in self._reports:
            ending.attach_checks(self.item, self.lifecycle)
        return [self._reports.get(phase) or self._report(phase) for phase in self._phases]

    def tear_down_session(self) -> list[pytest.TestReport]:
        """End what modules and session have set up; return a report if that fails."""
        session = self.item.session
        self._phases["teardown"] = call = self._called("teardown", lambda: session._setupstate.teardown_exact(None))
        return [self._report("teardown")] if call.excinfo else []

    def _run(self, stay: Any) -> None:
        item: Any = self.item
        has_request = hasattr(item, "_request")
        if has_request and not item._request:
            item._initrequest()
        try:
            self._run_phase("setup")
            if not self._phases["setup"].excinfo and self._shows_setup():
                self._run_phase("call")
            self._run_phase("teardown", nextitem=stay)
        finally:
            if has_request:
                item._request, item.funcargs = False, None

    def _shows_setup(self) -> bool:
        """Show fixtures for --setup-show, and return whether the steps are to be run, which --setup-only leaves out."""
        only = self.item.config.getoption("setuponly", False)
        if self.item.config.getoption("setupshow", False):
            show_test_item(self.item, add_space=not only)
        return not only

    def _run_phase(self, phase: Phase, **arguments: Any) -> None:
        """Run a phase and make its report, unless the scenario is parked, or will be run again."""
        hook = getattr(self.item.ihook, f"pytest_runtest_{phase}")
        self._phases[phase] = self._called(phase, lambda: hook(item=self.item, **arguments))
        if not self.is_parked and not self.is_crowded:
            self._report(phase)

    def _called(self, phase: Phase, act: Callable[[], None]) -> pytest.CallInfo[None]:
        return pytest.CallInfo.from_call(act, when=phase, reraise=get_reraise_exceptions(self.item.config))

    def _continue(self, act: Callable[[], None]) -> None:
        """Do something that belongs to the scenario's call: what it raises replaces an earlier result, and it takes
        time."""
        before, call = self._phases["call"], self._called("call", act)
        call.start, call.duration = before.start, before.duration + call.duration
        call.excinfo = call.excinfo or before.excinfo
        self._phases["call"] = call

    def _report(self, phase: Phase) -> pytest.TestReport:
        call = self._phases[phase]
        report: pytest.TestReport = self.item.ihook.pytest_runtest_makereport(item=self.item, call=call)
        self._reports[phase] = report
        if check_interactive_exception(call, report):
            self.item.ihook.pytest_exception_interact(node=self.item, call=call, report=report)
        return report
