"""Pictures: blocks that can be measured, scales that are shared, nothing that depends on colour alone."""

import re
from xml.etree import ElementTree

import pytest
from stocktake.support.reporting.ledgers import Ledger
from stocktake.support.reporting.model import Moment
from stocktake.support.reporting.page import timeline
from stocktake.support.reporting.page.pictures import BAR, Pictures, standalone

CAPACITY = {"VCPU": 8, "MEMORY_MB": 8192, "DISK_GB": 40}
SVG = "{http://www.w3.org/2000/svg}"


def row(consumer, provider, vcpu, memory=512, **more):
    return {"consumer": consumer, "provider": provider, "resources": {"VCPU": vcpu, "MEMORY_MB": memory, **more}}


def ledger(*rows, **more):
    providers = [{"name": name, "capacity": CAPACITY} for name in ("alpha", "beta")]
    return Ledger.read({"providers": providers, "rows": list(rows)} | more)


def blocks(svg, of):
    """(x, y, width) of each block of a class."""
    found = re.search(rf'<path class="{of}" d="([^"]*)"', svg)
    return [tuple(map(float, m)) for m in re.findall(r"M([\d.]+),([\d.]+)h([\d.]+)", found[1])] if found else []


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter("text")]


def test_a_block_is_as_long_as_its_share_of_the_capacity():
    svg = Pictures([one := ledger(row("server web", "alpha", 4, 0))]).draw(one, "")
    ((_, _, width),) = blocks(svg, "s0")
    assert width == pytest.approx(BAR / 2, abs=1)


def test_blocks_of_a_bar_stand_behind_each_other():
    one = ledger(
        row("server web", "alpha", 2, 0), row("migration of web", "alpha", 2, 0), usages={"alpha": {"VCPU": 6}}
    )
    svg = Pictures([one]).draw(one, "")
    places = [blocks(svg, of)[0] for of in ("s0", "m0", "z")]
    assert [x for x, _, _ in places] == sorted(x for x, _, _ in places)
    assert places[1][0] == pytest.approx(places[0][0] + BAR / 4, abs=1)


def test_a_block_that_moves_keeps_its_size_and_colour():
    before, after = ledger(row("server web", "alpha", 2, 0)), ledger(row("server web", "beta", 2, 0))
    drawing = Pictures([before, after])
    ((_, y1, w1),), ((_, y2, w2),) = (blocks(drawing.draw(each, ""), "s0") for each in (before, after))
    assert w1 == w2
    assert y2 > y1


def test_migrations_are_hatched_too():
    one = ledger(row("migration of web", "alpha", 2, 0))
    svg = Pictures([one]).draw(one, "")
    assert blocks(svg, "x") == blocks(svg, "m0")


def test_a_small_share_of_a_large_capacity_is_seen_and_the_bar_is_broken():
    large = Ledger.read(
        {"providers": [{"name": "alpha", "capacity": {"VCPU": 1000}}], "rows": [row("server web", "alpha", 1, 0)]}
    )
    svg = Pictures([large]).draw(large, "")
    ((_, _, width),) = blocks(svg, "s0")
    assert width == pytest.approx(0.6 * BAR, abs=1)
    assert blocks(svg, "k") != blocks(Pictures([other := ledger()]).draw(other, ""), "k"), "the bar is broken"
    assert "1/1,000" in texts(svg)


def test_a_wrong_bar_is_framed_and_says_what_it_should_be():
    one = ledger(row("server web", "alpha", 2, 0), expected={"rows": [row("server web", "alpha", 1, 0)]})
    svg = Pictures([one]).draw(one, "")
    assert blocks(svg, "w")
    assert "\N{MULTIPLICATION SIGN} 2 not 1" in texts(svg)


def test_later_frames_use_what_the_first_has_drawn():
    one = ledger(row("server web", "alpha", 2, 0))
    drawing = Pictures([one, one])
    first, second = drawing.draw(one, "", "stage"), drawing.draw(one, "", "stage", first=False)
    assert 'id="stage"' in first
    assert '<use href="#stage"/>' in second
    assert "alpha" not in second


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'a"b', "a&b", "x" * 200])
def test_names_are_escaped_and_the_picture_stays_a_document(name):
    data = {
        "title": name,
        "providers": [{"name": name, "capacity": CAPACITY}],
        "rows": [row(f"server {name}", name, 1, **{"CUSTOM_" + name: 1})],
    }
    root = ElementTree.fromstring(standalone(Ledger.read(data)))
    assert root.tag == f"{SVG}svg"
    assert {element.tag for element in root.iter()}.isdisjoint({f"{SVG}script", "script"})


def test_a_time_line_draws_changes_only_and_labels_what_has_room():
    states = [("BUILD", 0.0), ("BUILD", 0.5), ("ACTIVE", 1.0), ("ACTIVE", 9.0)]
    history = [Moment(seconds, "web", status, "", "alpha") for status, seconds in states]
    svg = timeline.draw(history)
    assert [len(lane.states) for lane in timeline.lanes(history, 10)] == [2]
    assert "ACTIVE" in texts(svg)
    assert "9.0 s" in texts(svg)


def test_a_time_line_of_one_moment_is_drawn_too():
    assert "ACTIVE" in texts(timeline.draw([Moment(3.0, "web", "ACTIVE", "", "")]))
