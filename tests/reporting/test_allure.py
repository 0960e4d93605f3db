"""Allure's own plugin works beside ours, and tells the same of every scenario."""

import json
from collections import Counter

import pytest

ALLURE = {"passed": "passed", "failed": "failed", "broken": "failed", "skipped": "unverified"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one-process", "xdist"])
def test_allure_tells_what_the_messages_tell(project, workers):
    project.features("accounts.feature", "outcomes.feature")
    reports = ("--alluredir=allure", "--junitxml=junit.xml", "--living-doc=page", "--summary=summary.md")
    run = project.pytest("-p", "allure_pytest.plugin", *workers, *reports)
    results = [json.loads(path.read_text()) for path in project.folder.glob("allure/*-result.json")]
    counted = Counter(ALLURE[result["status"]] for result in results)
    assert counted == {"passed": 6, "failed": 4, "unverified": 5}
    terminal, junit = run.terminal, run.junit
    assert counted == {name: terminal[word] for name, word in (("passed", "passed"), ("failed", "failed"))} | {
        "unverified": junit["skipped"]
    }
    assert {result["name"] for result in results if result["status"] == "passed"} >= {"It passes"}
    unverified = {
        result["name"]: result["statusDetails"]["message"] for result in results if result["status"] == "skipped"
    }
    assert "this cloud gives no way to run the periodic" in unverified["It is unverified by a step"]
    assert len(run.statuses()) == len(results), "as many scenarios in the messages"
    assert (project.folder / "page" / "index.html").exists()
