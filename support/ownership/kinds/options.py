"""Temporary changes of a lab: Nova's options, faults in services, and messages that are held."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from stocktake.support.hosts.control import ControlledCloud
from stocktake.support.hosts.lab_control import PLACEMENT, HttpControl
from stocktake.support.ownership.journal import Entry
from stocktake.support.ownership.kinds.kind import Kind, Leftover


def _find_option(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Find an option to restore; the inventories that follow from it are restored, too, as its run would have done."""
    for leftover in _option(cloud, entry):
        yield replace(leftover, finish=partial(_let_nova_report, cloud))


def _let_nova_report(cloud: ControlledCloud) -> None:
    """Let Nova report its inventories to Placement again, which its periodic task does, if that can be run."""
    if cloud.control.missing("run_periodic") is None:
        cloud.control.run_periodic()


def _option(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    """Find an option to restore, unless it has been set to something else since."""
    was, group = entry.details["was"], entry.details.get("group", "DEFAULT")
    if "set" in entry.details and not _same(cloud.control.option(entry.name, group), entry.details["set"]):
        return
    yield Leftover("restore option", entry.name, lambda: cloud.control.configure(entry.name, was, group))


def _same(one: Any, other: Any) -> bool:
    """Return whether two values of an option are equal; Nova reads `"3"` as 3 where the option is a number."""
    return one == other or str(one) == str(other)


def _find_fault(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if isinstance(cloud.control, HttpControl) and cloud.control.fault(_service(entry)).get("times"):
        yield from _fault(cloud, entry)


def _fault(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    if isinstance(cloud.control, HttpControl):
        yield Leftover("remove injected fault", entry.name, partial(cloud.control.remove_fault, _service(entry)))


def _service(entry: Entry) -> str:
    return str(entry.details.get("service", PLACEMENT))


def _find_held(cloud: ControlledCloud, entry: Entry) -> Iterable[Leftover]:
    control = cloud.control
    if isinstance(control, HttpControl):
        yield Leftover("release messages", entry.name, lambda: control.release_topic(entry.name))


OPTION = Kind("option", _find_option, known=_option, on_hosts=True)
"""One of Nova's options by `name`; `group`; `was`: its value before; `set`: what it was set to."""

PLACEMENT_FAULT = Kind("placement-fault", _find_fault, known=_fault, on_hosts=True)
"""A fault injected into a service of a lab, Placement unless another is given as `service`; `name` is for messages."""

HELD_TOPIC = Kind("held-topic", _find_held, on_hosts=True)
"""A topic of a lab's messages by `name`, such as `scheduler`, whose messages wait."""
