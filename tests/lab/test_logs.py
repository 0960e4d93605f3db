from pathlib import Path

import pytest
from stocktake.support.lab import logs
from stocktake.support.lab.blueprint import Blueprint


@pytest.fixture
def plan(tmp_path: Path) -> Blueprint:
    plan = Blueprint(tmp_path, (), {})
    (tmp_path / "logs").mkdir()
    plan.log("nova").write_text(
        "a warning from some library\n"
        "2026-11-22 10:00:00.100 INFO nova.api [None req-1] POST /servers\n"
        "2026-11-22 10:00:00.300 ERROR nova.compute.manager [None req-1] it failed\n"
        "2026-11-22 10:00:00.300 TRACE nova.compute.manager Traceback (most recent call last):\n"
        "    and a line that is nobody's\n"
        "2026-11-22 10:00:00.400 WARNING nova.compute.manager [None req-2] careful\n"
    )
    plan.log("placement").write_text("2026-11-22 10:00:00.200 INFO placement [req-1 req-9] PUT /allocations\n")
    return plan


def test_a_request_is_followed_through_all_services_in_order_of_time(plan: Blueprint):
    lines = logs.find(plan, ["req-1"], "DEBUG")

    assert [line.split()[0] for line in lines] == ["nova:", "placement:", "nova:"]
    assert "POST" in lines[0]
    assert "PUT" in lines[1]


def test_only_records_of_the_level_or_above_are_found(plan: Blueprint):
    assert [line.split()[3] for line in logs.find(plan, [], "WARNING") if "nova.compute" in line] == [
        "ERROR",
        "TRACE",
        "WARNING",
    ]


def test_several_requests_may_be_asked_for(plan: Blueprint):
    assert len(logs.find(plan, ["req-2", "req-9"], "INFO")) == 2


def test_a_line_that_is_no_record_belongs_to_the_record_before(plan: Blueprint):
    assert "nova:     and a line that is nobody's" in logs.find(plan, [], "ERROR")


def test_a_service_without_a_log_has_said_nothing(tmp_path: Path):
    assert logs.find(Blueprint(tmp_path, (), {}), [], "DEBUG") == []


def test_the_tail_is_the_end_of_the_file(plan: Blueprint, tmp_path: Path):
    assert logs.tail(plan.log("nova"), 1) == [
        "2026-11-22 10:00:00.400 WARNING nova.compute.manager [None req-2] careful"
    ]
    assert logs.tail(tmp_path / "nothing", 5) == []
