"""What the page says and does not do, read as text; test_browser.py uses it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from stocktake.support.reporting.model import Step
from stocktake.support.reporting.page.render import digest, gather, publish
from stocktake.support.reporting.page.showing import bug_of, fact_text, in_short, is_link, marked, paragraphs, took
from stocktake.support.reporting.page.views import Report, folder_of
from stocktake.support.reporting.stream import read_run


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def folder(new_project):
    project = new_project()
    project.features("accounts.feature", "outcomes.feature", "unusable.feature")
    project.pytest("--continue-on-collection-errors", "--living-doc=doc")
    return project.folder


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "doc" / "index.html").read_text()


def test_the_living_doc_option_writes_one_file_beside_the_stream(folder):
    assert [path.name for path in (folder / "doc").iterdir()] == ["index.html"]


def test_without_messages_the_stream_stands_beside_the_page(project):
    project.features("outcomes.feature")
    project.pytest("--living-doc=doc", messages="")
    assert sorted(path.name for path in (project.folder / "doc").iterdir()) == ["index.html", "run.ndjson"]


def test_names_are_shown_and_not_run(html):
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert [tag for tag, _ in Elements(html).tags].count("script") == 1


def test_nothing_is_loaded_and_only_our_script_may_run(html):
    found = Elements(html)
    assert not [attrs for _, attrs in found.tags if "src" in attrs and not attrs["src"].startswith("data:")]
    assert not [attrs for _, attrs in found.tags if any(name.startswith("on") for name in attrs)]
    assert not [attrs for tag, attrs in found.tags if "style" in attrs]
    policy = next(
        a["content"] for t, a in found.tags if t == "meta" and "Content-Security-Policy" in a.get("http-equiv", "")
    )
    assert policy.startswith("default-src 'none';")
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    assert digest(script) in policy
    assert digest(re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]) in policy


def test_ids_are_unique_and_every_link_arrives(html):
    found = Elements(html).tags
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"][1:] for tag, attrs in found if tag == "a" and attrs.get("href", "").startswith("#")}
    assert links <= set(ids)


def test_the_front_page_says_what_is_broken_and_what_is_missing(html):
    front = html[: html.index('id="features"')]
    for told in (
        "1 of 5 rules holds on lab.",
        "Failures",
        "server web on alpha: VCPU 1, not 2",
        "this cloud gives no way to run the periodic",
        "set control: run_periodic for it in clouds.yaml",
    ):
        assert told in front


@pytest.mark.parametrize(
    ("clouds", "headline"), [(2, "1 of 5 rules holds on c1 and c2."), (6, "1 of 5 rules holds on all 6 clouds.")]
)
def test_the_headline_names_a_few_clouds(folder, clouds, headline):
    run = read_run(folder / "run.ndjson")
    report = Report([replace(run, cloud=f"c{number}") for number in range(1, clouds + 1)])
    assert report.headline == headline
    assert report.place.endswith(f" and c{clouds}")


def test_a_wrong_cell_says_what_was_claimed(html):
    assert '<td class="wrong n">1 <b>(not 2)</b>' in html


def test_every_picture_has_its_table(html):
    assert html.count("<figure class=strip") == html.count("The pictures as a table</summary>") > 0


def test_the_cloud_is_described(html):
    about = Elements(html[html.index('id="about"') :]).words
    for told in ("34.0.0", "2.1 to 2.96", "host1, host2, host3", "keystoneauth1"):
        assert told in about


def test_the_vocabulary_is_a_section_with_links_to_the_features(html):
    section = html[html.index('id="vocabulary"') :]
    assert "is resized to flavor" in section
    assert '<a href="#accounts">features/accounts.feature</a>' in section


def test_bugs_and_comments_are_shown(html):
    assert 'href="https://bugs.launchpad.net/bugs/1234567"' in html
    assert "The migration&#39;s allocation was kept: see the bug." in html


def test_a_page_is_the_same_however_often_it_is_made(folder, tmp_path):
    for name in ("a", "b"):
        publish([folder / "run.ndjson"], output=tmp_path / name)
    assert (tmp_path / "a" / "index.html").read_text() == (tmp_path / "b" / "index.html").read_text()


@pytest.mark.parametrize(
    ("scenarios", "tone", "headline"),
    [
        ("Scenario: One\n    Then nothing is wrong", "good", "The one rule holds on lab."),
        ("Scenario: One\n    When the periodic runs", "warn", "Of 1 rule, none is verified on lab."),
        ("Scenario: One\n    When a step breaks", "bad", "Of 1 rule, none is verified on lab."),
    ],
)
def test_it_is_green_only_when_all_is_verified(project, scenarios, tone, headline):
    project.write("features/a.feature", f"Feature: A\n  {scenarios}\n")
    project.pytest()
    report, _ = gather([project.folder / "run.ndjson"])
    assert (report.tone, report.headline) == (tone, headline)


def test_a_run_of_which_something_was_left_out_is_not_green(project):
    project.write(
        "features/a.feature",
        "Feature: A\n  Scenario: One\n    Then nothing is wrong\n  Scenario: Two\n    Then nothing is wrong\n",
    )
    project.pytest("-k", "One")
    report, _ = gather([project.folder / "run.ndjson"])
    assert (report.tone, report.rest) == ("warn", [("not run", "1 has not run")])


def test_small_words():
    assert [took(s) for s in (0.01, 0.31, 9.96, 12.4, 185)] == ["0 s", "0.3 s", "10 s", "12 s", "3 min 5 s"]
    assert bug_of("@bug-12") == "https://bugs.launchpad.net/bugs/12"
    assert bug_of("@bug-12x") == ""
    assert fact_text(["2.1", "2.96"]) == "2.1 to 2.96"
    assert fact_text(["host1", "host2"]) == "host1, host2"
    assert fact_text([]) == ""
    assert is_link("https://ci.example.org")
    assert not is_link("javascript:alert(1)")
    assert paragraphs("a\nb\n\nc") == ["a b", "c"]


def test_arguments_are_marked_by_quotes_when_nothing_ran():
    assert marked(Step("Given", 'a "<b>" & c')) == 'a <i>"&lt;b&gt;"</i> &amp; c'


def test_a_failure_in_short(folder):
    report, _ = gather([folder / "run.ndjson"])
    told = {each.scenario.name: in_short(each.result) for each in report.failures}
    assert told["A revert that is charged wrongly is shown"] == "server web on alpha: VCPU 1, not 2"
    assert told["It fails with a bug"] == "KeyError: 'nothing'"


def test_contents_are_grouped_by_folder_those_in_none_first(project):
    for name in ("hosts/disable", "boot/many", "boot/boot", "zones", "boots"):
        title = name.rpartition("/")[2]
        project.write(f"features/{name}.feature", f"Feature: About {title}\n  Scenario: S\n    Then nothing is wrong\n")
    project.pytest("--living-doc=doc")
    report, _ = gather([project.folder / "run.ndjson"])
    assert [(folder.name, [feature.name for feature in folder.features]) for folder in report.folders] == [
        ("", ["About boots", "About zones"]),
        ("boot", ["About boot", "About many"]),
        ("hosts", ["About disable"]),
    ]
    page = (project.folder / "doc" / "index.html").read_text()
    contents = re.sub(r"<[^>]*>|\(verified\)", " ", page.partition('aria-label="Contents"')[2].partition("</nav>")[0])
    words = " ".join(contents.split())
    assert "About boots About zones boot About boot About many hosts About disable" in words
    for folder in ("boot", "hosts"):
        assert f'href="#folder.{folder}"' in page
        assert f'<section class="dir" id="folder.{folder}"' in page


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("features/boot.feature", ""),
        ("features/boot/a.feature", "boot"),
        ("features/a/b/c.feature", "a/b"),
        ("../other/features/boot/a.feature", "boot"),
        ("my_features/a.feature", "my_features"),
        ("a.feature", ""),
    ],
)
def test_the_folder_of_a_file(uri, folder):
    assert folder_of(uri) == folder


def test_a_scenario_with_an_id_has_it_as_its_anchor(project):
    outline = "Scenario Outline: O <n>\n    Then nothing is wrong\n\n    Examples: E\n      | n |\n      | 1 |\n"
    text = f"Feature: F\n  @id-3f9a2c\n  Scenario: S\n    Then nothing is wrong\n\n  @id-000001\n  {outline}"
    project.write("features/a.feature", text)
    project.pytest("--living-doc=doc")
    anchors = set(re.findall(r'id="(id-[^"]*)"', (project.folder / "doc" / "index.html").read_text()))
    assert anchors == {"id-3f9a2c", "id-000001", "id-000001.1"}
