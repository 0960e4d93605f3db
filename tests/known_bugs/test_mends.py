"""Known defects of Nova: the scenarios about them fail for that reason, and ask to be released once Nova is mended.

All are mended at once in one lab's Nova. A defect that does not happen each time has an entry that does not ask; its
scenarios pass. Only with --all-bugs.
"""

import re

import pytest
from stocktake.support.gherkin.catalogue import features_in
from stocktake.support.gherkin.text.reading import read_feature
from stocktake.support.known import DEFECTS, TAG

from tests.known_bugs.bug_catalogue import MENDS
from tests.known_bugs.bug_trials import REPOSITORY, Trial, lab_with, run_features

pytestmark = pytest.mark.lab

SERVICES = ("neutron", "cinder", "cyborg")
"""The optional services of the lab, which some of the defects are about."""

ENTRIES = [mend.replace("_", "-") for mend in MENDS]
SEEN = {
    "audit-calls-shared-disks-orphaned": r"can be deleted: \{'DISK_GB': 1\}.*\n.*\n.*was <3>",
    "changed-port-is-not-reverted": r'server "web" holds .*_PER_SEC 1000 on host "alpha".*_PER_SEC 5000',
    "deleted-port-stays-charged": r'server "web" holds .*NET_BW_EGR_KILOBIT_PER_SEC 1000 on .* DISK_GB 1$',
    "deleted-during-resize-keeps-source": r'consumer [-0-9a-f]{36} holds VCPU 1.* on host "alpha"',
    "deletion-waits-for-dead-source": r"answered 500 to DELETE /servers/.*MessagingTimeout",
    "disabled-virtual-gpus-stay-offered": r"Expected: no VGPU\n.*\bVGPU",
    "evacuated-and-deleted-keeps-device": r'server "db" to be ACTIVE on host "beta".* No valid host was found',
    "failed-evacuation-keeps-accelerator-bound": r'accelerator request .* is Bound on host "\S+broken" for server',
    "failed-evacuation-takes-volumes-along": r'volume "root" is attached on host "\S+broken", not on host',
    "failed-resize-leaves-volume-attaching": r'volume "root" is left attaching',
    "failed-unshelving-keeps-accelerator-bound": r'accelerator request .* is Bound for server "web", which has no',
    "failed-unshelving-keeps-port-bound": r'bound to host "weak" and weak/.*while its server holds no provider',
    "heal-ignores-bound-ports": r'server "web" holds .* DISK_GB 1 on .*NET_PACKET_RATE_KILOPACKET_PER_SEC 10',
    "heal-ignores-shared-storage": r'server "web" is ACTIVE, but holds nothing on host "alpha"',
    "interrupted-build-keeps-host": r'server "web" is in ERROR and has no host, but still holds VCPU 1',
    "interrupted-live-migration-keeps-destination": r'server "web" holds .* on host "beta", but is on host "slow"',
    "interrupted-resize-keeps-destination": r'server "web" holds VCPU 2.* on host "beta", but is on host "alpha"',
    "libvirt-ignores-shared-storage": r'root provider of host "beta".*\nExpected: no DISK_GB\n.*\bDISK_GB',
    "live-migrated-server-stays-with-its-group": r'server "db" to be ACTIVE on host "alpha".* No valid host was found',
    "moved-evacuee-keeps-dead-host": r'migration of server "web" .* on host "alpha", but moves from host "beta"',
    "moved-server-holds-two-pci-devices": r"server web +\| beta .* 2 \(not 1\)",
    "named-host-excludes-shared-storage": r'server "web" to be ACTIVE on host "alpha".* No valid host was found',
    "new-guarantee-is-not-charged": r'server "web" holds .* DISK_GB 1 on .*NET_BW_EGR_KILOBIT_PER_SEC 1000',
    "refused-accelerator-keeps-host": r'server "web" is in ERROR and has no host, but still holds .*FPGA 1',
    "refused-disconnection-leaves-volume-detaching": r'volume "root" is left detaching',
    "registered-host-offers-no-bandwidth": r'server "web" to be ACTIVE on host "old".* No valid host was found',
    "repeated-evacuation-frees-new-host": r'to be ACTIVE on host "beta"|server web +\| beta +\| +0 \(not 1\)',
    "returned-host-keeps-shared-disk": r'server "web" holds VCPU 1, MEMORY_MB 512, DISK_GB 2 on host "beta"',
    "returned-host-stays-with-group": r'server "db" to be ACTIVE on host "alpha".* No valid host was found',
    "reverted-server-stays-with-group": r'server "db" to be ACTIVE on host "beta".* No valid host was found',
    "unanswered-live-migration-keeps-source": (
        r'forced to complete(.*\n)+ +but: the migration of server "web" .* still holds .* on host "slow"'
    ),
    "virtual-gpu-is-not-evacuated": r'Expected: any status on host "beta"\n.*ACTIVE on host "alpha"',
}
"""What one scenario at least of each entry must say on Nova as it is."""


def scenarios_of(entry: str) -> list[str]:
    """The scenarios with the tag of an entry, as FILE::SCENARIO."""
    files = features_in([REPOSITORY / "features"])
    return [
        f"{file.relative_to(REPOSITORY)}::{scenario.name}"
        for file in files
        for scenario in read_feature(file).scenarios
        if f"{TAG}{entry}" in {tag.name for tag in scenario.tags}
    ]


@pytest.fixture(scope="module")
def unmended(all_bugs, tmp_path_factory) -> Trial:
    """What becomes of these scenarios on a lab with Nova as it is."""
    return trial_of_all(None, all_bugs, tmp_path_factory)


@pytest.fixture(scope="module")
def mended(all_bugs, tmp_path_factory) -> Trial:
    """What becomes of them on a lab with all the mends."""
    return trial_of_all(",".join(MENDS), all_bugs, tmp_path_factory)


def trial_of_all(mends, all_bugs, tmp_path_factory) -> Trial:
    if not all_bugs:
        pytest.skip("mended with --all-bugs only")
    folder = tmp_path_factory.mktemp("mends")
    with lab_with(mends, folder / "proof", services=SERVICES) as lab:
        return run_features(lab, [name for entry in ENTRIES for name in scenarios_of(entry)], folder)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_scenario_fails_for_the_reason_of_its_entry(unmended, entry):
    if not DEFECTS[entry].throughout and set(scenarios_of(entry)) & set(unmended.passed):
        pytest.skip("did not happen this time")
    assert any(re.search(SEEN[entry], message) for message in unmended.known), "\n\n".join(unmended.known)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_scenario_that_no_longer_fails_asks_to_take_its_entry_off(mended, entry):
    scenarios = scenarios_of(entry)
    assert scenarios
    for scenario in scenarios:
        assert scenario not in mended.skipped, f"it still fails\n{mended.output}"
        if DEFECTS[entry].throughout:
            assert f"remove the tag @{TAG}{entry}" in mended.failed[scenario]
        else:
            assert scenario in mended.passed, mended.output
