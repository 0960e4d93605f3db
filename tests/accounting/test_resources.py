"""Resources are values: sparse, immutable, hashable, with the arithmetic of a ledger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stocktake.support.accounting.resources import Resources, in_column_order

amounts = st.dictionaries(st.sampled_from(["VCPU", "PCPU", "MEMORY_MB", "DISK_GB", "CUSTOM_A"]), st.integers(-9, 9))
resources = amounts.map(Resources)


def test_zero_equals_absent() -> None:
    assert Resources(VCPU=1, DISK_GB=0) == Resources({"VCPU": 1})
    assert hash(Resources(VCPU=1, DISK_GB=0)) == hash(Resources(VCPU=1))
    assert "DISK_GB" not in Resources(DISK_GB=0)
    assert Resources()["DISK_GB"] == 0
    assert not Resources(VCPU=0)


def test_familiar_classes_come_first_whatever_the_order_given() -> None:
    assert list(Resources(DISK_GB=1, CUSTOM_B=1, VCPU=1, CUSTOM_A=1, MEMORY_MB=1, PCPU=1)) == [
        "VCPU",
        "PCPU",
        "MEMORY_MB",
        "DISK_GB",
        "CUSTOM_A",
        "CUSTOM_B",
    ]
    assert in_column_order(["DISK_GB", "VCPU", "DISK_GB"]) == ("VCPU", "DISK_GB")


@given(resources, resources, resources)
def test_adds_and_subtracts_as_numbers_do(a: Resources, b: Resources, c: Resources) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c) == Resources.total([a, b, c])
    assert a - a == Resources()
    assert a - b + b == a
    assert -a == a * -1
    assert 2 * a == a + a
    assert hash(a + b) == hash(b + a)


@given(amounts)
def test_equality_ignores_only_zeros(given_amounts: dict[str, int]) -> None:
    one = Resources(given_amounts)
    assert one.as_json() == {name: amount for name, amount in given_amounts.items() if amount}
    assert Resources.from_json({name: str(amount) for name, amount in given_amounts.items()}) == one
    for name in given_amounts:
        assert one != one + Resources({name: 1})


def test_keeps_no_hold_on_what_it_was_made_of() -> None:
    source = {"VCPU": 1}
    made = Resources(source)
    source["VCPU"] = 9
    assert made["VCPU"] == 1
    with pytest.raises(TypeError):
        made["VCPU"] = 2  # type: ignore[index]


@pytest.mark.parametrize("amount", [1.0, "1", None, True])
def test_refuses_what_is_not_a_whole_number(amount: object) -> None:
    with pytest.raises(TypeError, match="the amount of VCPU must be a whole number"):
        Resources({"VCPU": amount})  # type: ignore[dict-item]


@pytest.mark.parametrize("other", [1, {"VCPU": 1}, None])
def test_mixes_with_nothing_else(other: object) -> None:
    assert Resources(VCPU=1) != other
    with pytest.raises(TypeError):
        Resources(VCPU=1) + other  # type: ignore[operator]
    with pytest.raises(TypeError):
        Resources(VCPU=1) - other  # type: ignore[operator]
    with pytest.raises(TypeError):
        Resources(VCPU=1) * "2"  # type: ignore[operator]


def test_fits_class_by_class() -> None:
    assert Resources(VCPU=2).fits_in(Resources(VCPU=2, DISK_GB=1))
    assert not Resources(VCPU=2, CUSTOM_A=1).fits_in(Resources(VCPU=9))


def test_reads_as_a_sentence_and_as_code() -> None:
    small = Resources(DISK_GB=1, VCPU=2)
    assert str(small) == "VCPU 2, DISK_GB 1"
    assert str(Resources()) == "nothing"
    assert eval(repr(small)) == small
    assert small.only(["DISK_GB", "VGPU"]) == Resources(DISK_GB=1)
