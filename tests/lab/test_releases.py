"""The eras of the lab's services, against the release that is installed and the pins of the others."""

import pytest
from stocktake.support.lab import releases
from stocktake.support.lab.releases import SINCE, Era, era_of, major
from stocktake.support.releases import RELEASES


def test_the_installed_release_has_everything():
    assert releases.installed() == Era(**dict.fromkeys(SINCE, True))


def test_the_oldest_release_has_nothing_of_it():
    assert era_of(releases.OLDEST_NOVA) == Era(**dict.fromkeys(SINCE, False))


def test_every_field_begins_with_a_known_release():
    assert set(SINCE.values()) <= {release.nova for release in RELEASES}


@pytest.mark.parametrize(
    ("nova", "has", "lacks"),
    [
        (26, {"owner_trait"}, {"node_identity_file"}),
        (27, {"node_identity_file"}, {"volumes_in_stand_in"}),
        (31, {"volumes_in_stand_in"}, {"patched_on_demand", "native_threads"}),
        (32, {"patched_on_demand"}, {"native_threads"}),
        (33, {"native_threads", "second_topic"}, {"no_eventlet", "shared_executors", "shutdown_in_progress"}),
    ],
)
def test_a_release_between(nova: int, has: set[str], lacks: set[str]):
    era = era_of(nova)

    assert all(getattr(era, name) for name in has)
    assert not any(getattr(era, name) for name in lacks)


def test_the_major_version_of_a_package():
    assert major("34.0.1.dev12") == 34
