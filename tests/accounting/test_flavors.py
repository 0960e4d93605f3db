"""Flavor to resources, held against Nova's own scheduler code, and by examples a reader can check."""

import logging
import warnings
from collections import Counter
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stocktake.support.accounting.flavors import Flavor
from stocktake.support.accounting.resources import Resources
from stocktake.support.errors import FeatureError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Nova's dependencies warn while they are imported
    from nova import exception, objects
    from nova.scheduler import manager
    from nova.scheduler.utils import ResourceRequest
    from nova.virt import hardware
    from oslo_messaging import ExpectedException

    objects.register_all()

IMAGE_ID = "6e9cf72b-0a3e-4d3a-9b0e-9f0f6d0f2a11"
CLASSES = ["VCPU", "PCPU", "MEMORY_MB", "DISK_GB", "VGPU", "MEM_ENCRYPTION_CONTEXT", "CUSTOM_GOLD"]
LABELS = ["SMALL", "big-one", "6GB"]
TRAITS = ["HW_CPU_X86_AVX2", "CUSTOM_FAST", "HW_CPU_HYPERTHREADING", "STORAGE_DISK_SSD"]


def rarely(usual: st.SearchStrategy, unusual: st.SearchStrategy) -> st.SearchStrategy:
    return st.integers(0, 9).flatmap(lambda n: unusual if n == 9 else usual)


suffixes = st.sampled_from(["", "", "1", "2", "17", "_NET", "a-B"])
amounts = rarely(
    st.sampled_from(["0", "1", "2", "3", "16"]), st.sampled_from(["-1", "two", "1.5", "", " 4", "+5", "1_0"])
)
resource_specs = st.dictionaries(
    st.tuples(
        suffixes, rarely(st.sampled_from(CLASSES), st.sampled_from(["VCPUS", "gold", "CUSTOM_PMEM_NAMESPACE_6GB"]))
    ).map(lambda pair: f"resources{pair[0]}:{pair[1]}"),
    amounts,
    max_size=4,
)
trait_specs = st.dictionaries(
    st.tuples(suffixes, st.sampled_from(TRAITS)).map(lambda pair: f"trait{pair[0]}:{pair[1]}"),
    rarely(st.sampled_from(["required", "forbidden"]), st.just("perhaps")),
    max_size=2,
)
masks = st.sampled_from(["0", "^0", "0-1", "1-2,^1", "^1-2", " ^0, ^1", "0-9", "3-1", "x", "^0-3", ",1,"])
isolate = st.fixed_dictionaries(
    {}, optional={"hw:emulator_threads_policy": rarely(st.sampled_from(["isolate", "share"]), st.just("own"))}
)
threads = st.fixed_dictionaries(
    {}, optional={"hw:cpu_thread_policy": st.sampled_from(["prefer", "isolate", "require"])}
)
cpu_specs = st.one_of(
    st.just({}),
    st.sampled_from([{"hw:cpu_policy": "shared"}, {"hw:cpu_policy": ""}, {"hw:cpu_policy": "pinned"}]),
    st.tuples(st.just({"hw:cpu_policy": "dedicated"}), isolate, threads),
    st.tuples(masks.map(lambda mask: {"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": mask}), isolate, threads),
    st.tuples(
        st.sampled_from([{"hw:cpu_policy": "mixed"}, {"hw:cpu_policy": "dedicated"}, {}]),
        masks.map(lambda mask: {"hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": mask}),
        isolate,
    ),
    st.tuples(masks.map(lambda mask: {"hw:cpu_dedicated_mask": mask}), isolate),
    isolate,
)
merged_cpu_specs = cpu_specs.map(
    lambda specs: {k: v for part in specs for k, v in part.items()} if isinstance(specs, tuple) else specs
)
other_specs = st.fixed_dictionaries(
    {},
    optional={
        "hw:pmem": st.lists(st.sampled_from([*LABELS, ""]), max_size=4).map(",".join),
        "hw:mem_encryption": st.sampled_from(["true", "True", "1", "no", "maybe"]),
        "hw:mem_encryption_model": rarely(
            st.sampled_from(["amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx"]), st.sampled_from(["sev", ""])
        ),
        "hw:tpm_version": st.sampled_from(["1.2", "2.0"]),
        "hw:tpm_model": st.just("tpm-tis"),
        "os:secure_boot": st.sampled_from(["required", "optional"]),
        "hw:maxphysaddr_mode": st.sampled_from(["passthrough", "emulate"]),
        "hw:pci_numa_affinity_policy": st.sampled_from(["socket", "legacy"]),
        "group_policy": st.sampled_from(["none", "isolate"]),
        "quota:vif_outbound_average": st.just("100"),
    },
)
images = st.fixed_dictionaries(
    {},
    optional={
        "hw_cpu_policy": st.sampled_from(["dedicated", "shared", "mixed"]),
        "hw_cpu_thread_policy": st.sampled_from(["prefer", "isolate", "require"]),
        "hw_cpu_realtime_mask": st.sampled_from(["^0", "1"]),
        "hw_mem_encryption": st.sampled_from(["true", "false"]),
        "hw_mem_encryption_model": st.sampled_from(["amd-sev", "amd-sev-es", "intel-tdx"]),
        "hw_machine_type": st.sampled_from(["q35", "pc-q35-8.0", "pc"]),
        "hw_firmware_stateless": st.sampled_from(["true", "false"]),
        "hw_video_model": st.sampled_from(["none", "vga"]),
        "trait:HW_CPU_HYPERTHREADING": st.just("required"),
        "trait:CUSTOM_FAST": st.just("required"),
    },
)
# Most images are plain and boot by UEFI, so most of what is generated is accepted.
plain_images = st.just({"hw_firmware_type": "uefi"})
odd_images = st.tuples(images, st.sampled_from([{}, {"hw_firmware_type": "uefi"}])).map(lambda two: two[0] | two[1])


@st.composite
def flavors(draw: st.DrawFn) -> Flavor:
    # Explicit CPU amounts and CPU policies exclude each other, so usually only one kind is drawn.
    specs = draw(
        st.one_of(resource_specs, resource_specs, merged_cpu_specs, st.tuples(resource_specs, merged_cpu_specs))
    )
    specs = specs[0] | specs[1] if isinstance(specs, tuple) else specs
    return Flavor(
        name="generated",
        vcpus=draw(st.integers(1, 6)),
        ram=draw(st.integers(1, 4096)),
        disk=draw(st.sampled_from([0, 0, 1, 20])),
        ephemeral=draw(st.sampled_from([0, 0, 5])),
        swap=draw(st.sampled_from([0, 1, 1023, 1024, 1025, 4096])),
        extra_specs=specs | draw(trait_specs) | draw(other_specs),
    )


def nova_spec(flavor: Flavor, image: dict[str, str], *, volume_backed: bool) -> objects.RequestSpec:
    """Return what Nova's scheduler is asked for, after the API's checks of a new server."""
    theirs = objects.Flavor(
        name=flavor.name,
        vcpus=flavor.vcpus,
        memory_mb=flavor.ram,
        root_gb=flavor.disk,
        ephemeral_gb=flavor.ephemeral,
        swap=flavor.swap,
        extra_specs=dict(flavor.extra_specs),
    )
    meta = objects.ImageMeta.from_dict({"id": IMAGE_ID, "name": "image", "properties": image})
    hardware.get_mem_encryption_constraint(theirs, meta)
    hardware.numa_get_constraints(theirs, meta)
    return objects.RequestSpec(flavor=theirs, is_bfv=volume_backed, image=meta)


def nova_queries(spec: objects.RequestSpec) -> tuple[Resources, ...]:
    """Return what Nova's scheduler asks Placement for, query by query, until it gives up as none finds a host."""
    asked = []

    def find_nothing(_: object, request: ResourceRequest) -> tuple[list, dict, str]:
        asked.append(Resources(request.merged_resources()))
        return [], {}, "1.36"

    placement = SimpleNamespace(get_allocation_candidates=find_nothing)
    scheduler = SimpleNamespace(placement_client=placement, host_manager=None, _sentinel=object())
    with mock.patch.object(manager.request_filter, "process_reqspec"), pytest.raises(ExpectedException) as nothing:
        manager.SchedulerManager.select_destinations(scheduler, None, spec_obj=spec)
    assert nothing.value.exc_info[0] is exception.NoValidHost
    return tuple(asked)


def verdicts(flavor: Flavor, image: dict[str, str], *, volume_backed: bool) -> tuple[object, object]:
    """Return ours and Nova's: alternatives and queries, or "refused"."""
    try:
        theirs: object = nova_queries(nova_spec(flavor, image, volume_backed=volume_backed))
    except exception.NovaException:
        theirs = "refused"
    try:
        ours: object = flavor.alternatives(volume_backed=volume_backed, image_properties=image)
    except FeatureError:
        ours = "refused"
    return ours, theirs


def forms(flavor: Flavor) -> set[str]:
    """Tell which forms of extra spec a flavor has."""
    found = set()
    for key, value in flavor.extra_specs.items():
        head, _, name = key.partition(":")
        if head.startswith("resources"):
            found.add("resources" + ("<suffix>" if head != "resources" else "") + ("=0" if value == "0" else ""))
        elif head.startswith("trait"):
            found.add("trait")
        elif name in ("cpu_policy", "emulator_threads_policy"):
            found.add(f"{name}={value}")
        else:
            found.add(name)
    return found


@pytest.fixture(autouse=True)
def _quiet_nova() -> None:
    logging.getLogger("nova").setLevel(logging.CRITICAL)


def test_agrees_with_novas_scheduler_on_generated_flavors() -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(flavors(), rarely(plain_images, odd_images), st.booleans())
    def agree(flavor: Flavor, image: dict[str, str], volume_backed: bool) -> None:
        ours, theirs = verdicts(flavor, image, volume_backed=volume_backed)
        assert ours == theirs
        seen["refused" if theirs == "refused" else "accepted"] += 1
        if theirs != "refused":
            seen.update(forms(flavor))

    agree()
    assert seen["accepted"] >= 500
    assert seen["refused"] >= 100
    every_form = [
        "resources",
        "resources=0",
        "resources<suffix>",
        "resources<suffix>=0",
        "trait",
        "cpu_policy=dedicated",
    ]
    every_form += ["cpu_policy=mixed", "cpu_policy=shared", "cpu_dedicated_mask", "emulator_threads_policy=isolate"]
    every_form += ["mem_encryption", "pmem", "cpu_realtime"]
    assert {form: seen[form] for form in every_form if seen[form] < 10} == {}


def test_agrees_with_nova_on_images_that_ask_for_something() -> None:
    refused = Counter()

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(flavors(), odd_images)
    def agree(flavor: Flavor, image: dict[str, str]) -> None:
        ours, theirs = verdicts(flavor, image, volume_backed=False)
        assert ours == theirs
        refused[theirs == "refused"] += 1

    agree()
    assert min(refused.values()) > 30


SMALL = {"vcpus": 2, "ram": 512, "disk": 10}


@pytest.mark.parametrize(
    ("sizes", "specs", "expected"),
    [
        ({}, {}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 10}),
        ({"ephemeral": 5}, {}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 15}),
        ({"swap": 1}, {}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 11}),
        ({"swap": 1025}, {}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 12}),
        ({"disk": 0}, {}, {"VCPU": 2, "MEMORY_MB": 512}),
        ({}, {"resources:VCPU": "0"}, {"MEMORY_MB": 512, "DISK_GB": 10}),
        ({}, {"resources:DISK_GB": "3"}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 3}),
        ({}, {"resources1:VCPU": "1", "resources2:VCPU": "3"}, {"VCPU": 4, "MEMORY_MB": 512, "DISK_GB": 10}),
        ({}, {"resources:PCPU": "2"}, {"PCPU": 2, "MEMORY_MB": 512, "DISK_GB": 10}),
        ({}, {"hw:cpu_policy": "dedicated"}, {"PCPU": 2, "MEMORY_MB": 512, "DISK_GB": 10}),
        (
            {"vcpus": 4},
            {"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "^0", "hw:emulator_threads_policy": "isolate"},
            {"VCPU": 1, "PCPU": 4, "MEMORY_MB": 512, "DISK_GB": 10},
        ),
        ({}, {"hw:mem_encryption": "true"}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 10, "MEM_ENCRYPTION_CONTEXT": 1}),
        (
            {},
            {"hw:pmem": "6GB, 6GB,small"},
            {
                "VCPU": 2,
                "MEMORY_MB": 512,
                "DISK_GB": 10,
                "CUSTOM_PMEM_NAMESPACE_6GB": 2,
                "CUSTOM_PMEM_NAMESPACE_SMALL": 1,
            },
        ),
    ],
)
def test_amounts_that_can_be_checked_by_eye(sizes: dict, specs: dict, expected: dict) -> None:
    assert Flavor("f", **(SMALL | sizes), extra_specs=specs).resources() == Resources(expected)


@pytest.mark.parametrize(
    ("specs", "image", "fallback"),
    [
        ({"hw:cpu_policy": "dedicated", "hw:emulator_threads_policy": "isolate"}, {}, {"VCPU": 2, "MEMORY_MB": 512}),
        ({}, {"hw_cpu_policy": "dedicated"}, {"VCPU": 2, "MEMORY_MB": 512}),
        ({"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "0"}, {}, None),
        ({"resources:PCPU": "2"}, {}, None),
    ],
)
def test_dedicated_cpus_may_be_vcpu_where_hosts_have_no_pcpu(specs: dict, image: dict, fallback: dict | None) -> None:
    flavor = Flavor("f", vcpus=2, ram=512, disk=0, extra_specs=specs)
    expected = [flavor.resources(image_properties=image), *([Resources(fallback)] if fallback else [])]
    assert list(flavor.alternatives(image_properties=image)) == expected


def test_a_volume_backed_server_holds_ephemeral_and_swap_but_no_root_disk() -> None:
    flavor = Flavor("f", **SMALL, ephemeral=5, swap=1024)
    assert flavor.resources(volume_backed=True)["DISK_GB"] == 6


@pytest.mark.parametrize(
    ("specs", "words"),
    [
        ({"hw:cpu_policy": "pinned"}, 'hw:cpu_policy "pinned" is none of dedicated, shared, mixed'),
        ({"hw:cpu_policy": "dedicated", "resources:VCPU": "1"}, "cannot be combined with resources:VCPU"),
        ({"hw:cpu_policy": "mixed"}, "either a dedicated or a realtime mask"),
        ({"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "0-7"}, "some, and not all, of CPUs 0 to 1"),
        ({"resources:PCPU": "3"}, "resources:PCPU is 3, but must be its 2 vcpus"),
        ({"hw:mem_encryption": "yes", "hw:mem_encryption_model": "rot13"}, '"rot13" is none of amd-sev'),
    ],
)
def test_what_nova_refuses_is_refused_by_name(specs: dict, words: str) -> None:
    with pytest.raises(FeatureError, match=words) as refusal:
        Flavor("wrong", **SMALL, extra_specs=specs).resources()
    assert str(refusal.value).startswith('flavor "wrong": ')


def test_is_immutable_and_hashable() -> None:
    specs = {"resources:VCPU": "1"}
    flavor = Flavor("f", **SMALL, extra_specs=specs)
    specs["resources:VCPU"] = "2"
    assert flavor.resources()["VCPU"] == 1
    with pytest.raises(TypeError):
        flavor.extra_specs["a"] = "b"  # type: ignore[index]
    assert len({flavor, Flavor("f", **SMALL, extra_specs={"resources:VCPU": "1"})}) == 1
