"""What comes from a student's process is read as it was sent, and runs nothing."""

import enum
import json
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fa_lessons.course import wire
from fa_lessons.lessons.results import kind

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_subnormal=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.lists(inner).map(tuple), max_leaves=10)


@given(VALUES)
def test_plain_values_arrive_as_they_were(value):
    found = wire.decode(wire.encode(value))
    assert found == value
    assert type(found) is type(value)


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, "U3"]),
        SHAPES,
        elements={"allow_subnormal": False},
    )
)
def test_arrays_arrive_as_they_were(array):
    found = wire.decode(wire.encode(array))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    "value",
    [
        len,
        np.ma.masked_array([1.0], [True]),
        np.matrix([[1.0]]),
        np.array([{}], object),
        {1: 2},
        object(),
        (i for i in ()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_check_names_what_it_would_have_named(value):
    assert kind(wire.decode(wire.encode(value))) == kind(value)


class Grown(float):
    pass


class Spoilt(list):
    def __iter__(self):
        raise ValueError("no parts for you")


class Word(str):
    pass


class Called:
    __name__ = 5

    def __call__(self):
        pass


Pair, Way = namedtuple("Pair", "W b"), enum.IntEnum("Way", "UP")


@pytest.mark.parametrize(
    ("value", "plain"), [(Pair(1, 2.5), (1, 2.5)), (Grown(1.5), 1.5), (Way.UP, 1), (Word("a"), "a")]
)
def test_a_value_of_a_derived_class_arrives_as_of_the_class_itself(value, plain):
    found = wire.decode(wire.encode({"result": value}))["result"]
    assert found == plain
    assert type(found) is type(plain)


def test_a_number_that_no_float_can_hold_is_infinite():
    assert wire.decode(wire.encode([10**5000, -(10**400), 10**300])) == [np.inf, -np.inf, 10**300]


def nest(depth):
    return [nest(depth - 1)] if depth else 1.0


def of_itself():
    found = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    "value", [nest(500), of_itself(), Spoilt([1]), [np.zeros(7 * 2**17)] * 3, {"a": object()}, Called()]
)
def test_whatever_an_answer_returns_is_told_in_few_bytes_and_read(value):
    data = wire.encode({"result": value, "arguments": [1.0]})
    assert len(data) <= wire.LARGEST
    assert wire.decode(data)["arguments"] == [1.0]


@pytest.mark.parametrize("form", ["bfloat16", "sparse"])
def test_a_tensor_that_numpy_cannot_hold_is_a_tensor(form):
    torch = pytest.importorskip("torch")
    value = torch.ones(2, 2).to(torch.bfloat16) if form == "bfloat16" else torch.eye(2).to_sparse()
    assert kind(wire.decode(wire.encode({"result": value}))["result"]) == "a torch tensor"


def test_a_number_of_numpy_stays_one():
    assert isinstance(wire.decode(wire.encode(np.float32(0.5))), np.float32)
    assert wire.decode(wire.encode(...)) is ...


def test_a_tensor_keeps_its_gradient():
    torch = pytest.importorskip("torch")
    found = wire.decode(wire.encode(torch.ones(2, requires_grad=True)))
    assert kind(found) == "a torch tensor that requires a gradient"


def test_an_array_that_is_too_large_is_named_and_not_sent():
    assert len(wire.encode(np.zeros(wire.LARGEST // 8))) < 100


@pytest.mark.parametrize(
    "plain",
    [
        [],
        {},
        {"eval": "1"},
        {"array": "", "dtype": "O", "shape": [1]},
        {"array": "", "dtype": "<f8", "shape": [10**12]},
        {"array": "", "dtype": "<f8", "shape": [2]},
        {"array": "", "dtype": "<f8", "shape": [-1]},
        {"objects": [10**9, 10**9]},
        {"int": "x"},
        {"tuple": 3},
        {"array": 5, "dtype": "<f8", "shape": [1]},
    ],
    ids=str,
)
def test_what_no_answer_sends_is_refused(plain):
    with pytest.raises(ValueError):
        wire.decode(json.dumps(plain).encode())


@given(st.binary(max_size=60))
def test_bytes_give_a_value_or_a_complaint(data):
    try:
        wire.decode(data)
    except ValueError:
        pass


def test_a_deep_nest_is_refused():
    with pytest.raises(ValueError):
        wire.decode(b'{"list": [' * 50_000)
