"""Installed features have one name everywhere, and paths that are not on disk are looked for among them."""

import pytest
from stocktake.support import installation
from stocktake.support.installation import found, name_of, nearest, path_of


@pytest.fixture
def features(tmp_path, monkeypatch):
    """Installed features: boot/boot.feature and boot/many.feature."""
    folder = tmp_path / "environment" / "features"
    (folder / "boot").mkdir(parents=True)
    for name in ("boot", "many"):
        (folder / "boot" / f"{name}.feature").touch()
    (folder.parent / "steps").mkdir()
    monkeypatch.setattr(installation, "FEATURES", folder)
    return folder


@pytest.fixture
def outside(tmp_path):
    """Another folder, with a feature of its own."""
    folder = tmp_path / "outside"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "own.feature").touch()
    return folder


def test_names_are_those_of_a_checkout(features, outside):
    installed = features / "boot" / "boot.feature"
    assert name_of(installed, outside) == "features/boot/boot.feature"
    assert name_of(installed, features.parents[1]) == "features/boot/boot.feature"
    assert path_of("features/boot/boot.feature", outside) == installed
    assert name_of(outside / "mine" / "own.feature", outside) == "mine/own.feature"
    assert path_of("mine/own.feature", outside) == outside / "mine" / "own.feature"
    assert name_of(outside / "mine" / "own.feature", features) == str(outside / "mine" / "own.feature")


def test_a_file_of_the_project_keeps_its_name(features, outside):
    own = outside / "features" / "boot" / "boot.feature"
    own.parent.mkdir(parents=True)
    own.touch()
    installed = features / "boot" / "boot.feature"
    assert name_of(own, outside) == "features/boot/boot.feature"
    assert name_of(installed, outside) == str(installed)
    assert path_of("features/boot/boot.feature", outside) == own
    assert path_of(str(installed), outside) == installed


@pytest.mark.parametrize("place", ["", ":14", "::A scenario: of boot.feature, with a colon", "::Outline[a-1]"])
@pytest.mark.parametrize("path", ["boot/boot.feature", "features/boot/boot.feature"])
def test_a_path_is_found_with_its_place(features, outside, path, place):
    assert found(path + place, outside) == f"{features}/boot/boot.feature{place}"


def test_a_folder_is_found(features, outside):
    assert found("boot", outside) == str(features / "boot")
    assert found("boot/", outside) == str(features / "boot")


@pytest.mark.parametrize("path", ["mine", "mine/own.feature", "mine/own.feature:3", "nowhere", "../steps", "/", "-k"])
def test_everything_else_stays(features, outside, path):
    assert found(path, outside) == path


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("many.feature", "boot/many.feature"),
        ("elsewhere/many.feature::A scenario", "boot/many.feature"),
        ("boot/mani.feature", "boot/many.feature"),
        ("features/boot/mani.feature", "boot/many.feature"),
        ("zebra.feature", None),
        ("mine/own.feature", None),
        ("zebra", None),
    ],
)
def test_the_nearest_feature(features, outside, path, near):
    assert nearest(path, outside) == near
