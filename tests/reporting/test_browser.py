"""The page in a real browser: search, folds, links, themes, matrix, comparison, access for everybody, size."""

import importlib.util
import time
from pathlib import Path

import pytest
from stocktake.support.reporting.page.render import publish

BENCH = Path(__file__).parents[1] / "bench" / "bench_page.py"
WIDTHS = (1280, 400)
CATALOGUE = [
    {
        "noun": "servers",
        "about": "Servers and what is done to them.",
        "steps": [
            {
                "sentence": 'server "{server}" is evacuated',
                "kinds": ["given", "when"],
                "does": "Evacuate the server from a host that is down.",
                "waits": "Waits until the migration is done.",
                "example": 'When server "web" is evacuated',
                "features": ["features/accounts.feature", "features/elsewhere.feature"],
            }
        ],
    }
]


@pytest.fixture(scope="module")
def site(new_project):
    """A page of two clouds, compared with an older run in which one rule said something else."""
    project = new_project()
    project.features("accounts.feature", "outcomes.feature", "unusable.feature")
    project.pytest("-n", "2", "--continue-on-collection-errors", messages="lab.ndjson")
    project.pytest("features/accounts.feature", "-k", "not charged", messages="staging.ndjson", OS_CLOUD="staging")
    accounts = project.folder / "features" / "accounts.feature"
    text = accounts.read_text()
    text = text.replace("The server holds its old flavor on its old host again", "The server holds its former flavor")
    text = text.replace("| server web | alpha |    2 |       512 |", "| server web | alpha |    1 |       512 |")
    accounts.write_text(text)
    project.pytest("features/accounts.feature", messages="old.ndjson")
    runs = [project.folder / name for name in ("lab.ndjson", "staging.ndjson")]
    publish(runs, output=project.folder / "two", compare=project.folder / "old.ndjson")
    publish(runs[:1], output=project.folder / "one", catalogue=CATALOGUE)
    return project.folder


@pytest.fixture
def opened(browser):
    """Opens a page and holds it to silence: no error, no word on the console, no request but for the file itself."""
    complaints: list[str] = []
    contexts = []

    def opening(path, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: request.url.startswith(("data:", "blob:", "file:")) or complaints.append(request.url),
        )
        page.goto(path if isinstance(path, str) else (path / "index.html").as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def one(site, browser):
    """The page of one cloud, opened once for many searches."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "one" / "index.html").as_uri())
    yield page
    page.close()


def until(page, script, argument=None):
    """Wait until a script says true. Playwright's own way is forbidden by the page's policy: it needs eval()."""
    end = time.monotonic() + 20
    while not page.evaluate(script, argument):
        assert time.monotonic() < end, f"still not: {script}"
        page.wait_for_timeout(10)


def visible(page):
    """The titles of the scenarios that are shown."""
    script = """() => [...document.querySelectorAll("[data-o]")].filter((e) => e.checkVisibility())
        .map((e) => e.querySelector("summary > :first-child").textContent)"""
    return page.evaluate(script)


def search(page, query):
    page.fill("#q", query)
    until(page, "query => new URLSearchParams(location.search).get('q') === (query || null)", query.strip())
    return visible(page)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 16),
        ("revert", 9),
        ("REVERT charged wrongly", 1),
        ("req-0003", 6),
        ("@two-hosts", 1),
        ("@disruptive", 3),
        ("not @disruptive", 13),
        ("@disruptive and small", 1),
        ("@disruptive or @two-hosts", 4),
        ("not (@disruptive or @two-hosts)", 12),
        ("@bug-1234567 and not @two-hosts", 0),
        ('"holds 2 VCPU" and not @disruptive', 1),
        ("@two", 0),
        ("(@disruptive", 3),
        ("<script>alert(1)</script>", 1),
    ],
)
def test_search_by_words_and_by_tag_expression(one, query, count):
    page = one
    found = search(page, query)
    assert len(found) == count, found
    assert page.inner_text("#found") == (f"{count} of 16 scenarios" if query else "")
    assert page.is_visible("#nothing") == (count == 0)


def test_what_a_search_leaves_out_is_hidden_with_its_headings(site, opened):
    page = opened(site / "one")
    search(page, "misspelt")
    assert page.locator(".f:visible").count() == 1
    assert page.locator(".r:visible").count() == 1


def test_a_search_is_in_the_address_and_comes_back_with_it(site, opened):
    page = opened(site / "one")
    search(page, "@disruptive")
    page.click('[data-filter="unverified"]')
    address = page.url
    again = opened(address)
    until(again, "() => document.getElementById('found').value !== ''")
    assert again.input_value("#q") == "@disruptive"
    assert again.get_attribute('[data-filter="unverified"]', "aria-pressed") == "true"
    assert len(visible(again)) == 3


def test_outcomes_can_be_chosen(site, opened):
    page = opened(site / "one")
    page.click('[data-filter="failed"]')
    until(page, "() => document.getElementById('found').value === '4 of 16 scenarios'")
    page.click('[data-filter="undefined"]')
    until(page, "() => document.getElementById('found').value === '5 of 16 scenarios'")
    page.click('[data-filter="failed"]')
    page.click('[data-filter="undefined"]')
    until(page, "() => document.getElementById('found').value === ''")
    assert len(visible(page)) == 16


def test_keys_reach_the_search_and_leave_it(site, opened):
    page = opened(site / "one")
    page.keyboard.press("/")
    page.keyboard.type("misspelt")
    until(page, "() => document.getElementById('found').value === '1 of 16 scenarios'")
    page.keyboard.press("Escape")
    until(page, "() => document.getElementById('found').value === ''")
    assert page.evaluate("document.activeElement.id") == "q"


def test_the_first_tab_leads_past_the_navigation(site, opened):
    page = opened(site / "one")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_folds_open_and_close_by_key_and_by_button(site, opened):
    page = opened(site / "one")
    fold = page.locator("details.fold").first
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert fold.locator("pre").first.is_visible()
    assert "req-0001" in fold.inner_text()
    page.click('[data-all="close"]')
    assert page.locator(".s[open]").count() == 0
    page.click('[data-all="open"]')
    assert page.locator(".s:not([open])").count() == 0


def test_a_link_opens_what_it_points_at(site, opened):
    page = opened(site / "one")
    page.click('[data-all="close"]')
    page.evaluate("for (const each of document.querySelectorAll('.f')) each.open = false")
    page.click('a:has-text("A revert that is charged wrongly is shown")')
    target = page.locator(page.evaluate("'#' + CSS.escape(location.hash.slice(1))"))
    assert target.evaluate("element => element.open")
    assert target.locator("pre, td.wrong").first.is_visible()
    until(page, "element => element.getBoundingClientRect().top < 300", target.element_handle())
    assert opened(page.url).locator(".s:target").count() == 1


def test_a_link_shows_what_a_search_hides(site, opened):
    page = opened(site / "one")
    search(page, "misspelt")
    page.evaluate("location.hash = '#accounts.a-name-is-shown-and-not-run'")
    until(page, "() => document.getElementById('accounts.a-name-is-shown-and-not-run').checkVisibility()")


def test_themes(site, opened):
    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = (opened(site / "one", color_scheme=scheme) for scheme in ("light", "dark"))
    assert paper(light) != paper(dark)
    light_paper, dark_paper = paper(light), paper(dark)
    assert light.inner_text("#theme") == "Theme: auto"
    light.click("#theme")
    light.click("#theme")
    assert (light.inner_text("#theme"), paper(light)) == ("Theme: dark", dark_paper)
    light.reload()
    assert paper(light) == dark_paper
    dark.click("#theme")
    assert (dark.inner_text("#theme"), paper(dark)) == ("Theme: light", light_paper)


def test_the_matrix_has_a_cell_for_every_cloud(site, opened):
    page = opened(site / "two")
    assert page.locator(".matrix thead th").all_inner_texts() == ["Scenario", "lab", "staging"]
    cells = {
        row.locator("th").inner_text().partition("\n")[0]: [cell.inner_text() for cell in row.locator("td").all()]
        for row in page.locator(".matrix tbody tr:not(.group, .rule)").all()
    }
    assert cells["A revert that is charged wrongly is shown"] == ["failed", "not yet verified"]
    assert cells["It is unverified by a step"] == ["unverified\nthis cloud gives no way to run the periodic", "absent"]
    assert page.locator(".matrix tfoot td").all_inner_texts() == ["6 of 16", "5 of 8"]


def test_the_comparison_tells_behaviours(site, opened):
    page = opened(site / "two")
    told = {each.get_attribute("data-kind"): each.inner_text() for each in page.locator(".change").all()}
    assert set(told) == {"newly-broken", "added", "reworded"}
    assert "A revert that is charged wrongly is shown" in told["newly-broken"]
    assert "server web on alpha: VCPU 1, not 2" in told["newly-broken"]
    page.click('.change[data-kind="reworded"] summary')
    assert page.locator('.change[data-kind="reworded"] del').all_inner_texts() == [
        "Scenario: The server holds its former flavor"
    ]


def test_paper_shows_what_is_folded(site, opened):
    page = opened(site / "one")
    page.click('[data-all="close"]')
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".s:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".s[open]").count() == 0
    assert len(page.pdf()) > 10_000


def test_it_reads_without_scripts(site, opened):
    page = opened(site / "one", java_script_enabled=False)
    assert page.locator("h1").inner_text() == "1 of 5 rules holds on lab."
    assert "migration of web" in page.locator(".s table").first.inner_text()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["one", "two"])
def test_nothing_sticks_out(site, opened, name, width):
    page = opened(site / name, width=width)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("one", 1280, "light"), ("one", 400, "dark"), ("two", 1280, "dark"), ("two", 400, "light")],
)
def test_axe_finds_nothing_serious(site, opened, node_modules, name, width, scheme):
    page = opened(site / name, width=width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.add_style_tag(content=".f { content-visibility: visible !important }")
    page.add_script_tag(path=node_modules / "axe-core" / "axe.min.js")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    told = [
        (each["impact"], each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found["violations"]
    ]
    assert told == []
    assert len(found["passes"]) > 20


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_page", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def thousand(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("thousand")
    bench.write_stream(folder / "run.ndjson", 1000)
    publish([folder / "run.ndjson"], output=folder)
    return folder


@pytest.mark.browser  # a page that is slow to make, for tests in a browser
def test_a_thousand_scenarios_are_a_small_page(thousand):
    assert (thousand / "index.html").stat().st_size < 5_000_000


def test_a_thousand_scenarios_are_searched(thousand, opened):
    page = opened(thousand)
    page.fill("#q", '"flow 17 charges"')
    until(page, "() => document.getElementById('found').value === '20 of 1000 scenarios'")
    page.fill("#q", "req-000001f4-")
    until(page, "() => document.getElementById('found').value === '1 of 1000 scenarios'")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_into_a_long_page_leads_to_its_place(thousand, opened, width):
    """However much lies above it, none of which has been laid out before."""
    page = opened(thousand, width=width)
    page.evaluate("location.hash = '#flow_030.case-7-of-flow-30-is-charged-where-it-runs'")
    until(page, "() => [...document.querySelectorAll('.s:target')].some(s => s.open)")
    at = "document.querySelector('.s:target').getBoundingClientRect().top"
    until(page, f"() => {at} >= 0 && {at} < 140")


def test_packed_evidence_is_unpacked_when_somebody_looks(thousand, opened):
    page = opened(thousand)
    scenario = page.locator("[id='flow_000.case-0-of-flow-0-is-charged-where-it-runs']")
    assert scenario.locator("svg, pre").count() == 0
    scenario.locator("summary").first.click()
    scenario.locator("svg.pic").first.wait_for()
    scenario.locator("details.fold > summary").click()
    scenario.locator("details.fold pre").first.wait_for()
    assert "req-00000000-" in scenario.locator("details.fold").inner_text()
