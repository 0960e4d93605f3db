"""How many of its CPUs a flavor and an image together want shared (VCPU) and how many pinned (PCPU).

The rules are those of Nova's API, which refuses contradictions when a server is asked for, and of its scheduler,
which turns what remains into a request to Placement (`nova.virt.hardware`, `nova.scheduler.utils`).
"""

import re
from collections.abc import Mapping
from typing import NoReturn, Protocol

from stocktake.support.errors import FeatureError

HYPERTHREADING = "HW_CPU_HYPERTHREADING"

_POLICIES = ("dedicated", "shared", "mixed")
_THREAD_POLICIES = ("prefer", "isolate", "require")
_EMULATOR_POLICIES = ("share", "isolate")


class HasCPUs(Protocol):
    """What is asked of a flavor here."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def vcpus(self) -> int: ...  # noqa: D102
    @property
    def extra_specs(self) -> Mapping[str, str]: ...  # noqa: D102


def cpu_resources(flavor: HasCPUs, image: Mapping[str, str]) -> dict[str, int]:
    """Return the VCPU and PCPU amounts that CPU policies ask for; empty where none does and the flavor's count holds.

    `image` are the image's properties. Raises FeatureError for what Nova refuses.
    """
    policy = _policy(flavor, image)
    dedicated = _dedicated_cpus(flavor)
    realtime = _realtime_cpus(flavor, image)
    _refuse_contradictions(flavor, image, policy, bool(dedicated), bool(realtime))
    if policy not in ("dedicated", "mixed"):
        return {}
    pinned = flavor.vcpus if policy == "dedicated" else len(dedicated or realtime)
    emulator = 1 if _emulator_policy(flavor) == "isolate" else 0
    amounts = {"PCPU": pinned + emulator}
    if policy == "mixed":
        amounts["VCPU"] = flavor.vcpus - pinned
    return amounts


def wants_dedicated_cpus(flavor: HasCPUs, image: Mapping[str, str]) -> bool:
    """Whether all CPUs are to be pinned by policy: then Nova's scheduler also looks for hosts that have VCPU alone.

    `image` are the image's properties. Raises FeatureError for policies that contradict each other.
    """
    return _policy(flavor, image) == "dedicated"


def _emulator_policy(flavor: HasCPUs) -> str | None:
    """Return hw:emulator_threads_policy. Raises FeatureError for an unknown one."""
    return _one_of(flavor, "hw:emulator_threads_policy", _EMULATOR_POLICIES)


def _thread_policy(flavor: HasCPUs, image: Mapping[str, str]) -> str | None:
    """Return the CPU thread policy of flavor and image. Raises FeatureError where they contradict each other."""
    wanted = _one_of(flavor, "hw:cpu_thread_policy", _THREAD_POLICIES)
    of_image = _image_one_of(flavor, image, "hw_cpu_thread_policy", _THREAD_POLICIES)
    if wanted in (None, "prefer"):
        return wanted or of_image
    if of_image and of_image != wanted:
        _refuse(flavor, f'hw:cpu_thread_policy "{wanted}" contradicts the image\'s "{of_image}"')
    return wanted


def _policy(flavor: HasCPUs, image: Mapping[str, str]) -> str | None:
    wanted = _one_of(flavor, "hw:cpu_policy", _POLICIES)
    of_image = _image_one_of(flavor, image, "hw_cpu_policy", _POLICIES)
    forbidden = {"mixed": ("dedicated",), "shared": ("mixed", "dedicated")}.get(wanted or "", ())
    if of_image in forbidden:
        _refuse(flavor, f'hw:cpu_policy "{wanted}" contradicts the image\'s "{of_image}"')
    return wanted or of_image


def _refuse_contradictions(
    flavor: HasCPUs, image: Mapping[str, str], policy: str | None, dedicated: bool, realtime: bool
) -> None:
    shared, pinned = _named(flavor, "VCPU"), _named(flavor, "PCPU")
    isolated = _emulator_policy(flavor) == "isolate"
    if policy and (shared or pinned):
        _refuse(flavor, "a CPU policy cannot be combined with resources:VCPU or resources:PCPU")
    if shared and pinned:
        _refuse(flavor, "resources:VCPU and resources:PCPU cannot be combined")
    if pinned and pinned != flavor.vcpus + isolated:
        extra = " and one for its emulator threads" if isolated else ""
        _refuse(flavor, f"resources:PCPU is {pinned}, but must be its {flavor.vcpus} vcpus{extra}")
    effective = "dedicated" if pinned else policy
    threads = _effective_thread_policy(flavor, image)
    if effective in ("shared", None):
        if threads or isolated or dedicated or realtime:
            _refuse(flavor, "CPU thread, emulator and realtime policies and dedicated masks need pinned CPUs")
    elif effective == "dedicated" and dedicated:
        _refuse(flavor, 'hw:cpu_dedicated_mask needs hw:cpu_policy "mixed"')
    elif effective == "mixed" and dedicated == realtime:
        _refuse(flavor, 'hw:cpu_policy "mixed" needs either a dedicated or a realtime mask')


def _effective_thread_policy(flavor: HasCPUs, image: Mapping[str, str]) -> str | None:
    policy = _thread_policy(flavor, image)
    pattern = re.compile(f"trait([1-9][0-9]*)?:{HYPERTHREADING}")
    traits = [value for key, value in flavor.extra_specs.items() if pattern.match(key)]
    if f"trait:{HYPERTHREADING}" in image:
        traits.append("required")
    if policy and traits and traits[0]:
        _refuse(flavor, f"a CPU thread policy cannot be combined with the trait {HYPERTHREADING}")
    return {"forbidden": "isolate", "required": "require"}.get(traits[0], policy) if traits else policy


def _named(flavor: HasCPUs, resource_class: str) -> int:
    """Add up what the unsuffixed and the numbered groups name of a class; Nova's API looks at no others."""
    pattern = re.compile(f"resources([1-9][0-9]*)?:{resource_class}")
    return sum(_int(value) for key, value in flavor.extra_specs.items() if pattern.match(key))


def _int(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        return 0


def _dedicated_cpus(flavor: HasCPUs) -> set[int]:
    mask = flavor.extra_specs.get("hw:cpu_dedicated_mask")
    if not mask:
        return set()
    every = set(range(flavor.vcpus))
    dedicated = _cpus(flavor, "hw:cpu_dedicated_mask", mask)
    if not dedicated or not every - dedicated or not dedicated <= every:
        _refuse(flavor, f'hw:cpu_dedicated_mask "{mask}" must name some, and not all, of CPUs 0 to {flavor.vcpus - 1}')
    return dedicated


def _realtime_cpus(flavor: HasCPUs, image: Mapping[str, str]) -> set[int]:
    if not is_true(flavor.extra_specs.get("hw:cpu_realtime")):
        return set()
    every = set(range(flavor.vcpus))
    mask = image.get("hw_cpu_realtime_mask") or flavor.extra_specs.get("hw:cpu_realtime_mask")
    realtime = _cpus(flavor, "hw:cpu_realtime_mask", mask) if mask else every
    if not realtime or not realtime <= every or (realtime == every and not _emulator_policy(flavor)):
        _refuse(flavor, "hw:cpu_realtime needs a mask of some of its CPUs, or an emulator threads policy")
    return realtime


def _cpus(flavor: HasCPUs, key: str, mask: str) -> set[int]:
    """Read "0,2-3" or, counting from all CPUs, "^0,^2-3"."""
    if mask.strip().startswith("^"):
        mask = f"0-{flavor.vcpus - 1},{mask}"
    included: set[int] = set()
    excluded: set[int] = set()
    for part in filter(None, map(str.strip, mask.split(","))):
        first, dash, last = part.removeprefix("^").partition("-")
        try:
            bounds = int(first), int(last if dash else first)
        except ValueError:
            _refuse(flavor, f'{key} "{mask}": "{part}" is neither a CPU nor a range of CPUs')
        if bounds[0] > bounds[1]:
            _refuse(flavor, f'{key} "{mask}": the range "{part}" is empty')
        (excluded if part.startswith("^") else included).update(range(bounds[0], bounds[1] + 1))
    return included - excluded


def is_true(text: str | None) -> bool:
    """Read a boolean as extra specs and image properties write it: what is not clearly yes is no."""
    return (text or "").strip().lower() in ("1", "t", "true", "on", "y", "yes")


def _one_of(flavor: HasCPUs, key: str, allowed: tuple[str, ...]) -> str | None:
    value = flavor.extra_specs.get(key)
    if value and value not in allowed:
        _refuse(flavor, f'{key} "{value}" is none of {", ".join(allowed)}')
    return value or None


def _image_one_of(flavor: HasCPUs, image: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> str | None:
    value = image.get(key)
    if value and value not in allowed:
        _refuse(flavor, f'the image\'s {key} "{value}" is none of {", ".join(allowed)}')
    return value or None


def _refuse(flavor: HasCPUs, why: str) -> NoReturn:
    raise FeatureError(f'flavor "{flavor.name}": {why}')
