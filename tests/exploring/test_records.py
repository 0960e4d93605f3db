"""What a search keeps: records that can be continued, and findings as features."""

import json
from pathlib import Path

import pytest
from stocktake.support.errors import ConfigurationError
from stocktake.support.exploring.hunting import Found
from stocktake.support.exploring.records import Folder
from stocktake.support.exploring.running import Verdict
from stocktake.support.gherkin.catalogue import load_vocabulary
from stocktake.support.gherkin.command import problems
from stocktake.support.gherkin.text.reading import read_feature

from tests.exploring.histories import history

MADE = history("boot flavor=small host=alpha", "resize flavor=large", "revert")
BROKEN = Verdict("broken", 4.0, 2, "allocations", "the allocations are wrong")


def test_records_are_read_as_written(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new")
    folder.record(1, MADE, Verdict("held", 3.5))
    folder.record(2, MADE, BROKEN)
    entries = list(Folder(tmp_path / "new").entries())
    assert [entry["outcome"] for entry in entries] == ["held", "broken"]
    assert list(folder.histories()) == [MADE, MADE.until(2)]
    assert folder.pairs() == {("boot", "resize"), ("resize", "revert")}


def test_pairs_are_read_of_what_was_added_by_any_worker_once_it_is_whole(tmp_path: Path) -> None:
    folder, other = Folder(tmp_path), Folder(tmp_path)
    folder.record(1, MADE.until(2), Verdict("held", 1.0))
    assert folder.pairs() == {("boot", "resize")}
    other.record(2, history("boot flavor=small host=alpha", "stop"), Verdict("held", 1.0))
    file = tmp_path / "histories-2.ndjson"
    written = file.read_text()
    file.write_text(written[:-9])
    assert folder.pairs() == {("boot", "resize")}
    file.write_text(written)
    folder.record(1, MADE, Verdict("held", 1.0))
    assert folder.pairs() == {("boot", "resize"), ("boot", "stop"), ("resize", "revert")}


def test_what_did_not_take_place_was_not_seen(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    special = history("boot flavor=small host=alpha", "soft delete", circumstance="soft delete")
    folder.record(1, special, Verdict("unverified", 1.0, told="no way to configure Nova"))
    folder.record(1, special, Verdict("failed", 1.0, told="no answer"))
    assert folder.pairs() == set()
    folder.record(2, special, Verdict("known", 1.0, 2, "allocations", "as known"))
    assert folder.pairs() == {("boot", "soft delete")}
    assert list(folder.histories()) == [special]


def test_records_of_another_edition_are_left_out(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(1, MADE, Verdict("held", 1.0))
    written = json.loads((tmp_path / "histories-1.ndjson").read_text())
    others = [
        written | {"steps": [*written["steps"], ["clone", {"server": "web"}]]},
        written | {"circumstance": "full moon"},
    ]
    (tmp_path / "histories-1.ndjson").write_text("".join(json.dumps(entry) + "\n" for entry in [written, *others]))
    assert list(folder.histories()) == [MADE]


def test_a_record_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(1, MADE, BROKEN)
    with (tmp_path / "histories-1.ndjson").open("a") as file:
        file.write('{"hosts": ["alpha"')
    assert len(list(folder.entries())) == 1


def test_findings_are_features_with_a_number_and_an_id(tmp_path: Path) -> None:
    load_vocabulary()
    folder = Folder(tmp_path)
    first = folder.write(Found(MADE, BROKEN, repeated=2, runs=2))
    second = folder.write(Found(MADE, BROKEN, repeated=1, runs=2))
    assert folder.findings() == [first, second] == [tmp_path / "found-1.feature", tmp_path / "found-2.feature"]
    assert "Found by exploring, and seen again in each of 2 further runs." in first.read_text()
    assert "Seen once; 1 of 2 further runs showed it again." in second.read_text()
    for file in (first, second):
        assert problems(read_feature(file)) == []
        assert "@id-" in file.read_text()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ConfigurationError, match=r"--output=.*file/below cannot be used: Not a directory; name a folder"
    ):
        Folder(tmp_path / "file" / "below")


def test_a_number_that_another_worker_has_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "found-1.feature").write_text("another worker's")
    assert Folder(tmp_path).write(Found(MADE, BROKEN, repeated=2, runs=2)).name == "found-2.feature"
    assert (tmp_path / "found-1.feature").read_text() == "another worker's"
