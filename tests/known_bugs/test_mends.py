"""Known defects of Nova, all mended in a lab's Nova: the scenarios that fail because of them must ask to be released.

A defect that does not happen each time has an entry that does not ask; its scenarios pass.
"""

import pytest
from stocktake.support.gherkin.catalogue import features_in
from stocktake.support.gherkin.text.reading import read_feature
from stocktake.support.known import DEFECTS, TAG

from tests.known_bugs.bug_catalogue import MENDS
from tests.known_bugs.bug_trials import REPOSITORY, Trial, lab_with, run_features

pytestmark = pytest.mark.lab

ENTRIES = [mend.replace("_", "-") for mend in MENDS]


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
def mended(tmp_path_factory) -> Trial:
    """What becomes of these scenarios on one lab with all the mends."""
    folder = tmp_path_factory.mktemp("mended")
    with lab_with(",".join(MENDS), folder / "proof") as lab:
        return run_features(lab, [name for entry in ENTRIES for name in scenarios_of(entry)], folder)


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
