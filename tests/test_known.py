"""Known defects: which scenario they excuse on which release, and for how long."""

from datetime import date

import pytest
from stocktake.support import known
from stocktake.support.gherkin.text.tags import objection
from stocktake.support.known import DEFECTS, UNREPORTED, Defect, Listed, known_of
from stocktake.support.known_reports import REPORTS
from stocktake.support.releases import releases_with

TODAY = date(2026, 11, 29)
XENA_OR_YOGA, ZED, NEWEST, UNKNOWN = ((2, 90), (2, 93), (2, 104), (2, 120))


@pytest.fixture(autouse=True)
def _defects(monkeypatch):
    made = {
        "old": Defect("old one", "https://bugs/1", first=20, last=25),
        "half": Defect("half of it", "https://bugs/2", first=25, last=26),
        "point": Defect("one point release", "https://bugs/3", first=26, last=26, throughout=False),
        "open": Defect("not mended", "https://bugs/4", first=26),
    }
    monkeypatch.setattr(known, "DEFECTS", made)


def found(*names, newest=ZED, listed=(), scenario="A"):
    tags = {f"known-{name}" for name in names} | {"two-hosts"}
    return known_of(scenario, tags=tags, listed=listed, releases=releases_with(newest), today=TODAY)


class TestADefect:
    @pytest.mark.parametrize(
        ("name", "newest", "certain"),
        [
            ("old", XENA_OR_YOGA, True),
            ("old", ZED, None),
            ("half", XENA_OR_YOGA, False),  # which of the two it is cannot be told
            ("half", ZED, True),
            ("point", ZED, False),
            ("point", NEWEST, None),
            ("open", XENA_OR_YOGA, None),
            ("open", NEWEST, True),
            ("open", UNKNOWN, False),
            ("old", UNKNOWN, None),
        ],
    )
    def test_holds_for_its_releases(self, name, newest, certain):
        entry = found(name, newest=newest)
        assert (entry and entry.certain) is certain

    def test_is_told_with_its_link(self):
        entry = found("half")
        assert entry.reason == "half of it; https://bugs/2"
        assert entry.outlived == (
            "this passes, although it is known to fail (half of it; https://bugs/2): remove the tag @known-half"
        )

    def test_is_found_among_several(self):
        assert found("old", "half", "nobody-knows").summary == "half of it"

    def test_concerns_nobody_without_its_tag(self):
        assert found() is None


class TestAListedScenario:
    LISTED = (Listed("A", "our storage lies", "https://tickets/7", TODAY),)

    def test_is_known_until_its_day_is_over(self):
        entry = found(listed=self.LISTED)
        assert entry.certain
        assert entry.outlived.endswith('remove "A" in "known:" of the cloud')
        yesterday = (Listed("A", "our storage lies", "https://tickets/7", date(2026, 11, 28)),)
        assert found(listed=yesterday) is None

    def test_is_meant_by_its_name(self):
        assert found(listed=self.LISTED, scenario="B") is None


class TestATag:
    def test_names_a_known_defect(self):
        name = next(iter(DEFECTS))
        assert objection(f"known-{name}", ()) is None

    def test_of_no_known_defect_is_refused(self):
        name = next(iter(DEFECTS))
        assert objection(f"known-{name}s", ()) == (
            f"the tag @known-{name}s names a defect that is not known - did you mean @known-{name}"
        )
        assert "known defects are @known-" in objection("known-x", ())

    def test_that_a_project_declares_is_its_own(self):
        assert objection("known-to-us", ["known-to-us"]) is None


def test_each_defect_without_a_report_has_one_to_file():
    assert set(REPORTS) == {name for name, defect in DEFECTS.items() if defect.link == UNREPORTED}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_says_what_was_done_expected_and_seen_and_where(name):
    title, blank, *said = REPORTS[name].splitlines()
    parts = [
        line.partition(":")[0] for line in said if line.partition(":")[0] in {"Steps", "Expected", "Actual", "Where"}
    ]
    assert (bool(title), blank, parts) == (True, "", ["Steps", "Expected", "Actual", "Where"])
