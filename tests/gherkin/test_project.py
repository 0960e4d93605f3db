"""What pytest would know of a folder of features is found without pytest: declared tags and steps of conftests."""

import pytest
from stocktake.support.errors import FeatureError
from stocktake.support.gherkin.phrases import PhraseError
from stocktake.support.gherkin.project import conftests_for, declared_tags, load_conftests


@pytest.mark.parametrize(
    ("name", "content", "tags"),
    [
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\nmarkers = ["slow: s", "one(x): y", "skip"]\n',
            {"slow", "one", "one(x)"},
        ),
        ("pyproject.toml", '[tool.pytest]\nmarkers = ["slow"]\n', {"slow"}),
        ("pytest.toml", '[pytest]\nmarkers = ["slow"]\n', {"slow"}),
        ("pytest.ini", "[pytest]\nmarkers =\n  slow: s\n  fast\n", {"slow", "fast"}),
        ("tox.ini", "[pytest]\nmarkers = slow: s\n", {"slow"}),
        ("setup.cfg", "[tool:pytest]\nmarkers = slow: s\n", {"slow"}),
        ("setup.cfg", "[pytest]\nmarkers = slow: s\n", set()),
        ("pytest.ini", "[pytest]\nmarkers =\n  a:b: x: y\n  c(d, e): f\n", {"a", "a:b", "c", "c(d,"}),
        ("pyproject.toml", "[tool.other]\n", set()),
        ("pytest.ini", "[pytest]\n", set()),
    ],
)
def test_declared_tags(tmp_path, name, content, tags):
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(content)
    assert declared_tags(tmp_path / "features" / "deep" / "a.feature") - {""} == tags


@pytest.mark.parametrize(("name", "content"), [("pyproject.toml", "="), ("pytest.ini", "nonsense")])
def test_settings_that_cannot_be_read(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(FeatureError, match=f"{name} is not a? ?valid"):
        declared_tags(tmp_path / "a.feature")


def test_conftests_from_the_top_of_the_project(tmp_path):
    top = tmp_path / "project"
    for folder in (tmp_path, top, top / "features", top / "features" / "deep", top / "other"):
        folder.mkdir(exist_ok=True)
        (folder / "conftest.py").write_text("")
    feature = top / "features" / "deep" / "a.feature"
    assert list(conftests_for(feature)) == [feature.parent / "conftest.py"]
    (top / "pyproject.toml").write_text("")
    assert list(conftests_for(feature)) == [
        top / "conftest.py",
        top / "features" / "conftest.py",
        top / "features" / "deep" / "conftest.py",
    ]


def test_a_conftest_that_fails_is_one_sentence(tmp_path):
    (tmp_path / "conftest.py").write_text("1/0\n")
    with pytest.raises(FeatureError, match=r"conftest\.py cannot be imported: ZeroDivisionError"):
        load_conftests([tmp_path / "a.feature"])
    (tmp_path / "conftest.py").write_text(
        "from stocktake.support.gherkin.phrases import given\n@given('{x}')\ndef f(): ...\n"
    )
    with pytest.raises(PhraseError, match=r"conftest\.py:2: [{]x[}] is not declared"):
        load_conftests([tmp_path / "a.feature"])
