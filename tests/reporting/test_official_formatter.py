"""The official HTML formatter reads our stream and counts as we do."""

import re
import subprocess
from pathlib import Path

import pytest

RENDER = Path(__file__).with_name("render.mjs")


@pytest.fixture(scope="module")
def rendered(new_project, node_modules):
    project = new_project()
    project.features("accounts.feature", "outcomes.feature", "unusable.feature")
    project.pytest("-n", "2", "--continue-on-collection-errors")
    return render(project, node_modules)


def render(project, node_modules):
    """The formatter's page of the project's stream."""
    output = project.folder / "official.html"
    command = ["node", RENDER, node_modules, project.folder / "run.ndjson", output]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return output


def test_it_shows_the_same_totals_and_everything_else(rendered, browser):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(rendered.as_uri())
    page.wait_for_selector("text=features/accounts.feature")
    text = " ".join(page.inner_text("body").split())
    counts = dict(re.findall(r"(PASSED|SKIPPED|UNDEFINED|FAILED) (\d+)", text))
    assert counts == {"PASSED": "6", "SKIPPED": "5", "UNDEFINED": "1", "FAILED": "4"}
    for shown in (
        "A reverted resize leaves no trace on the host it visited",
        "Examples: common flavors",
        "req-0001",
        "unverified: this cloud gives no way to run the periodic",
        "KeyError",
    ):
        assert shown in text
    assert page.locator("details img").count() > 0, "pictures are images"
    assert errors == []
    page.close()


def test_it_counts_the_last_attempt_and_takes_what_was_checked(new_project, node_modules, browser):
    project = new_project()
    then = "    Then nothing is wrong\n"
    flaky = f"  Scenario: It passes in the end, everything is checked\n    Given the network stumbles once\n{then}"
    project.write("features/flaky.feature", f"Feature: F\n{flaky}  Scenario: It passes at once\n{then}")
    project.pytest("-p", "pytest_rerunfailures", "--reruns=1")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(render(project, node_modules).as_uri())
    page.wait_for_selector("text=features/flaky.feature")
    text = " ".join(page.inner_text("body").split())
    assert "100% (2 / 2) passed" in text
    assert errors == []
    page.close()
