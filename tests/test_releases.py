"""What differs among releases of Nova, recognised by the newest microversion of its compute API."""

import pytest
from stocktake.support.releases import RELEASES, TRAITS_SINCE, expected_traits, releases_with

LISTED = frozenset(TRAITS_SINCE) | {"COMPUTE_NODE"}


@pytest.mark.parametrize(
    ("newest", "names"),
    [((2, 104), ["2026.2"]), ((2, 96), ["2024.1", "2024.2"]), ((2, 93), ["Zed"]), ((2, 94), []), ((2, 105), [])],
)
def test_release_is_recognised_by_its_newest_microversion(newest, names):
    assert [release.name for release in releases_with(newest)] == names


def test_releases_are_in_order():
    assert [release.nova for release in RELEASES] == sorted(release.nova for release in RELEASES)
    assert [release.microversion for release in RELEASES] == sorted(release.microversion for release in RELEASES)


def test_newest_release_has_every_trait():
    assert expected_traits(LISTED, releases_with((2, 104))) == (LISTED, LISTED)


def test_older_release_lacks_those_that_came_later():
    listed = LISTED - {"OWNER_NOVA"}
    assert expected_traits(LISTED, releases_with((2, 100))) == (listed, listed)
    assert expected_traits(LISTED, releases_with((2, 90))) == ({"COMPUTE_NODE"}, {"COMPUTE_NODE"})


def test_what_differs_between_releases_that_cannot_be_told_apart_is_left_open():
    must, may = expected_traits(LISTED, releases_with((2, 96)))
    assert may - must == {"COMPUTE_SECURITY_STATELESS_FIRMWARE"}
    assert "COMPUTE_ADDRESS_SPACE_EMULATED" in must
    assert "OWNER_NOVA" not in may
