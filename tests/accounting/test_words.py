"""Names of traits and resource classes: those that can exist, and what was meant by the others."""

import pytest
from stocktake.support.accounting.words import is_custom, known_class, known_trait
from stocktake.support.errors import FeatureError


@pytest.mark.parametrize("name", ["COMPUTE_NODE", "HW_CPU_X86_AVX2", "CUSTOM_GOLD_2"])
def test_traits_that_can_exist(name):
    assert known_trait(name) == name


@pytest.mark.parametrize("name", ["VCPU", "PCPU", "CUSTOM_GOLD_2"])
def test_classes_that_can_exist(name):
    assert known_class(name) == name


@pytest.mark.parametrize(
    ("known", "name", "sentence"),
    [
        (known_trait, "COMPUTE_NODES", "no trait is named COMPUTE_NODES; did you mean COMPUTE_NODE?"),
        (known_trait, "VCPU", "no trait is named VCPU; names of your own begin with CUSTOM_"),
        (known_class, "MEMORY_GB", "no resource class is named MEMORY_GB; did you mean MEMORY_MB?"),
        (known_class, "custom_gold", "no resource class is named custom_gold; names of your own begin with CUSTOM_"),
    ],
)
def test_others_are_an_error_that_says_what_was_meant(known, name, sentence):
    with pytest.raises(FeatureError) as error:
        known(name)
    assert str(error.value) == sentence


def test_custom_names_are_told_from_standard_ones():
    assert [is_custom(name) for name in ("CUSTOM_GOLD", "COMPUTE_NODE", "CUSTOM_gold")] == [True, False, False]
