import pytest
from stocktake.support.lab.hosts.libvirt import profiles


def cpus(text: str) -> set[int]:
    first, _, last = text.partition("-")
    return set(range(int(first), int(last) + 1)) if text else set()


@pytest.mark.parametrize("driver", ["libvirt", "libvirt:plain"])
def test_a_driver_without_profile_is_the_plain_one(driver: str):
    assert profiles.is_libvirt(driver)
    assert profiles.profile_of(driver) == profiles.Profile()


@pytest.mark.parametrize("driver", ["LabDriver", "libvirtd", ""])
def test_other_drivers_are_told_apart(driver: str):
    assert not profiles.is_libvirt(driver)


def test_an_unknown_profile_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="no profile 'gold' of libvirt hosts; choose one of plain, dedicated-cpus, "):
        profiles.profile_of("libvirt:gold")


@pytest.mark.parametrize("profile", profiles.PROFILES.values(), ids=list(profiles.PROFILES))
def test_a_profile_is_of_a_machine_that_could_be(profile: profiles.Profile):
    every = set(range(profile.cells * profile.cores * profile.threads))
    shared, dedicated = cpus(profile.shared_cpus), cpus(profile.dedicated_cpus)
    huge = sum(size * number for size, number in profile.pages.items())

    assert len(every) == 32, "as many as the usual host has"
    assert not shared & dedicated
    assert shared | dedicated <= every
    assert huge < profile.memory_mb * 1024 // profile.cells
    assert all(gpu.enabled in (*gpu.types, "") for gpu in profile.gpus)
