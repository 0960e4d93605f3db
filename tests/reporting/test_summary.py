"""The summary of a run as Markdown."""

import pytest
from stocktake.support.reporting.page.render import publish
from stocktake.support.reporting.summary import fenced, plain


@pytest.fixture(scope="module")
def summary(new_project):
    project = new_project()
    project.features("accounts.feature", "outcomes.feature")
    project.pytest("--summary=out/s.md")
    return (project.folder / "out" / "s.md").read_text()


def test_it_begins_with_the_verdict_and_the_totals(summary):
    lines = summary.splitlines()
    assert lines[0] == "## 1 of 4 rules holds on lab."
    assert "| cloud | verified | failed | unverified | scenarios | time |" in lines
    assert any(line.startswith("| lab | 6 | 4 | 5 | 15 |") for line in lines)


def test_a_failure_is_told_with_its_rule_its_place_and_what_was_found(summary):
    assert "**A reverted resize leaves no trace on the host it visited**" in summary
    assert "A revert that is charged wrongly is shown (features/accounts.feature:37)" in summary
    assert "```text\nExpected: allocations of" in summary


def test_what_could_not_be_verified_has_a_reason_and_a_remedy(summary):
    assert "| 3 | this cloud must not be disturbed | set allow\\_disruptive: true for it |" in summary


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a | b\nc", "a \\| b c"),
        ("`x` *y* [z](w) @me #1", "\\`x\\` \\*y\\* \\[z\\](w) \\@me \\#1"),
    ],
)
def test_nothing_in_a_name_is_markup(text, escaped):
    assert plain(text) == escaped


def test_a_fence_is_longer_than_any_in_the_text():
    lines = list(fenced("before\n````\n<b>after</b>"))
    assert lines[0] == "`````text"
    assert lines[-1] == "`````"


def test_a_very_long_failure_is_shortened():
    assert "[shortened]" in list(fenced("x" * 100_000))


def test_features_alone_have_no_totals(tmp_path):
    (tmp_path / "a.feature").write_text("Feature: A\n  Scenario: One\n    Then nothing\n")
    publish([], summary=tmp_path / "s.md", features=[tmp_path / "a.feature"])
    assert (tmp_path / "s.md").read_text() == "## Nothing is verified yet.\n\n1 scenario in 1 feature, not run.\n"
