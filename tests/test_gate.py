"""The gate for arrays and settings: what is like an array is taken for what it is, and all else is a ValueError."""

import decimal
import fractions
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fa_lessons import MLP, alignment_angles, check_rule, inputs, load, rules, save, train, tune, verify_rule
from fa_lessons.data.digits import Digits
from fa_lessons.losses import error_rate
from fa_lessons.measures import update_angles, weight_angles
from fa_lessons.modules import FeedbackConv2d, FeedbackLinear
from fa_lessons.perturbations import Dropout
from fa_lessons.stages import staged
from fa_lessons.training import Trainer
from tests.test_bad_input import IMAGES, LABELS, data


class Frame:
    """Like a pandas frame: an array by `__array__`, and indexed by column names alone."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, key):
        raise KeyError(key)


LIKE_IMAGES = {
    "list": IMAGES.tolist(),
    "tuple": tuple(map(tuple, IMAGES)),
    "frame": Frame(IMAGES),
    "big-endian": IMAGES.astype(">f8"),
    "columns first": np.asfortranarray(IMAGES),
    "backwards": IMAGES[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": np.frombuffer(IMAGES.tobytes()).reshape(IMAGES.shape),
    "tensor": torch.tensor(IMAGES),
    "masked, without a mask": np.ma.array(IMAGES),
}
LIKE_LABELS = {
    "list": LABELS.tolist(),
    "frame": Frame(LABELS),
    "big-endian": LABELS.astype(">i4"),
    "one-hot": np.eye(3, dtype=int)[LABELS],
    "one-hot truth values": np.eye(3, dtype=bool)[LABELS],
    "probabilities": np.eye(3)[LABELS],
    **{kind: LABELS.astype(kind) for kind in ("uint8", "int8", "uint16", "int16", "uint32", "uint64")},
    **{f"tensor {kind}": torch.tensor(LABELS).to(kind) for kind in (torch.uint8, torch.int16, torch.uint16)},
}


@pytest.mark.parametrize("kind", LIKE_IMAGES)
def test_images_of_every_kind(kind):
    network = MLP((6, 4, 3), replicas=2)
    assert (network.predict(LIKE_IMAGES[kind]) == network.predict(IMAGES)).all()
    histories = [
        train(MLP((6, 4, 3)), data(train_images=images), batch_size=7, progress=False).test_error
        for images in (IMAGES, LIKE_IMAGES[kind])
    ]
    assert (histories[0] == histories[1]).all()


@pytest.mark.parametrize("kind", LIKE_LABELS)
def test_labels_of_every_kind(kind):
    network = MLP((6, 4, 3), replicas=2)
    assert (error_rate(network, IMAGES, LIKE_LABELS[kind]) == error_rate(network, IMAGES, LABELS)).all()


MASKED = np.ma.array(IMAGES, mask=np.eye(20, 6, dtype=bool))
BAD_IMAGES = {
    "pixels of bytes": (IMAGES * 255).astype(np.uint8),
    "pixels of bytes as floats": np.float32(IMAGES * 255),
    "pixels of whole numbers": (IMAGES * 255).astype(int).tolist(),
    "16 bits": torch.tensor((IMAGES * 65535).astype(np.int32)),
    "signed bytes": (IMAGES * 255 - 128).astype(np.int8),
    "text": IMAGES.astype(str),
    "objects": np.array([[decimal.Decimal(1)] * 6] * 20),
    "complex": IMAGES + 0j,
    "complex tensor": torch.tensor(IMAGES + 0j),
    "sparse": torch.tensor(IMAGES).to_sparse(),
    "ragged": [[1.0] * 6, [1.0] * 5],
    "dates": np.zeros((20, 6), "datetime64[s]"),
    "masked": MASKED,
    "nothing": None,
    "a name": "images.npy",
    "a number": 3.0,
    "infinite": np.where(IMAGES > 0.9, np.inf, IMAGES),
    "dictionary": {"images": IMAGES},
}
BAD_LABELS = {
    "text": [str(label) for label in LABELS],
    "names": ["cat"] * 20,
    "missing": [None, *LABELS[1:].tolist()],
    "not a number": np.where(np.arange(20) == 3, np.nan, LABELS),
    "masked": np.ma.array(LABELS, mask=np.arange(20) == 3),
    "absent": None,
    "a single one": 1,
    "from 1": LABELS + 1,
    "too large": np.full(20, 2**64 - 1, np.uint64),
    "column": LABELS[:, None],
    "not probabilities": np.ones((20, 3)),
    "negative": np.eye(3)[LABELS] * 3 - 1,
    "complex": LABELS + 0j,
}


def every_way(network, images, labels):
    whole = {"train_images": IMAGES, "train_labels": LABELS, "test_images": images, "test_labels": labels}
    other = {"test_images": IMAGES, "test_labels": LABELS, "train_images": images, "train_labels": labels}
    yield lambda: error_rate(network, images, labels)
    yield lambda: alignment_angles(network, "fa", images, labels)
    yield lambda: update_angles(network, "fa", images, labels)
    yield lambda: verify_rule(network, "fa", (images, labels))
    yield lambda: train(network, SimpleNamespace(**whole), batch_size=5, progress=False)
    yield lambda: Trainer(network, SimpleNamespace(**other), batch_size=5)


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_images_that_are_none(kind):
    network = MLP((6, 4, 3))
    for call in [*every_way(network, BAD_IMAGES[kind], LABELS), lambda: network.predict(BAD_IMAGES[kind])]:
        with pytest.raises(ValueError, match="images must "):
            call()


@pytest.mark.parametrize("kind", BAD_LABELS)
def test_labels_that_are_none(kind):
    for call in every_way(MLP((6, 4, 3)), IMAGES, BAD_LABELS[kind]):
        with pytest.raises(ValueError, match="labels must "):
            call()


@pytest.mark.parametrize("bad", ["x", None, MLP, np.zeros((3, 3)), SimpleNamespace(weights=[])])
def test_what_is_no_network(bad, tmp_path):
    for call in [*every_way(bad, IMAGES, LABELS), lambda: weight_angles(bad, "fa"), lambda: save(bad, tmp_path / "x")]:
        with pytest.raises(ValueError, match="network must be a network"):
            call()


@pytest.mark.parametrize("batch", [None, 3, (IMAGES,), (IMAGES, LABELS, LABELS), "xyz"])
def test_what_is_no_batch(batch):
    with pytest.raises(ValueError, match="batch must be a pair"):
        verify_rule(MLP((6, 4, 3)), "fa", batch)


@pytest.mark.parametrize(
    "bad", [[True, False, True], True, 0.0, [0.5], "0", None, [[0]], 3, -1, [], [0, 3], slice(2), 1j]
)
def test_replicas_that_are_no_indices(bad):
    with pytest.raises(ValueError, match="replicas must "):
        MLP((6, 4, 3), replicas=3).select(bad)


@pytest.mark.parametrize("good", [1, [1], (1,), np.int64(1), np.array([1], np.uint16), torch.tensor(1), range(1, 2)])
def test_replicas_by_an_index_of_every_kind(good):
    network = MLP((6, 4, 3), replicas=3)
    part = network.select(good)
    assert part.replicas == 1 and (part.weights[0][0] == network.weights[0][1]).all()


@pytest.mark.parametrize("bad", ["a", 1.0, -1, True, np.float64(2), [1], np.bool_(True), 1j])
@pytest.mark.parametrize("rule", [rules.FeedbackAlignment, rules.DirectFeedbackAlignment, rules.Shallow])
def test_seeds_of_a_rule(rule, bad):
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        rule(seed=bad)


def test_a_rule_of_another_type():
    rule = rules.FeedbackAlignment().attach(MLP((6, 4, 3)))
    network = MLP((6, 4, 3), dtype="float64")
    calls = [lambda: train(network, data(), rule, batch_size=5, progress=False), lambda: weight_angles(network, rule)]
    for call in [*calls, lambda: verify_rule(network, rule, (IMAGES, LABELS))]:
        with pytest.raises(ValueError, match=r"rule.feedback must be torch.float64 on cpu.*got torch.float32 on cpu"):
            call()


@pytest.mark.parametrize("good", [torch.float64, "float64", "torch.float64", np.float64, np.dtype("f8"), float])
def test_types_by_name(good):
    assert MLP((6, 4, 3), dtype=good).dtype == torch.float64


@pytest.mark.parametrize(
    "bad", ["float16", torch.float16, torch.bfloat16, int, "int64", None, 3, "double trouble", torch]
)
def test_types_that_do_not_learn(bad):
    with pytest.raises(ValueError, match=r"dtype must be torch\.float32 or torch\.float64"):
        MLP((6, 4, 3), dtype=bad)


@pytest.mark.parametrize("bad", ["cuda:99", "gpu", None, 3.5, "cpu:x", torch.float32])
def test_devices_that_are_not_here(bad):
    with pytest.raises(ValueError, match="device must be a device of this machine"):
        MLP((6, 4, 3), device=bad)


def test_more_weights_than_any_memory():
    with pytest.raises(ValueError, match=r"at most 2e\+09 weights, got 1.0e\+18"):
        MLP((10**9, 10**9))


HUGE = 10**400


class Odd:
    """An object that refuses everything."""

    def __len__(self):
        raise RuntimeError("no length")

    __iter__ = __eq__ = __bool__ = __float__ = __index__ = __len__
    __hash__ = None

    def __array__(self, *arguments, **named):
        raise RuntimeError("no array")


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.decimals(),
    st.lists(st.one_of(st.integers(-3, 9), st.floats(), st.none(), st.text(max_size=2)), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from(
        [np.float32(0.1), np.int8(1), np.array([0.1, 0.2]), np.zeros((2, 2)), np.array(["a"]), np.bool_(True)]
    ),
    st.sampled_from(
        [torch.tensor(0.1), torch.tensor([1, 2]), torch.tensor(1j), object(), len, MLP, b"bp", [[0.1, 0.2]]]
    ),
    st.sampled_from([HUGE, {1, 2}, range(3), (x for x in ()), fractions.Fraction(1, 3), np.datetime64(1, "D"), ...]),
    st.builds(np.ma.array, st.just([0.1, 0.2]), mask=st.just([True, False])),
    st.sampled_from([torch.bfloat16, torch.float32, torch.int8, torch.float64]).map(lambda t: torch.ones(2, dtype=t)),
    st.sampled_from([torch.ones(2, requires_grad=True), torch.ones(2).to_sparse(), torch.ones(2, device="meta")]),
    st.builds(Odd),
)
NETWORK = ("sizes", "activation", "output", "replicas", "seed", "initial_scale", "device", "dtype")
TRAINING = (
    *("rule", "epochs", "batch_size", "learning_rate", "optimizer", "momentum", "weight_decay", "seed"),
    *("records_per_epoch", "dropout", "adversarial", "layers", "data"),
)


@pytest.mark.parametrize("name", NETWORK)
@given(value=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_argument_of_a_network_is_right_or_an_error_of_ours(name, value):
    try:
        network = MLP(**{"sizes": (6, 4, 3), "replicas": 2, name: value})
    except ValueError as error:
        assert name in str(error) and "must" in str(error)
        return
    assert all(weight.isfinite().all() for weight in network.weights)
    assert network.predict(np.zeros((2, network.sizes[0]))).isfinite().all()


@pytest.mark.parametrize("name", TRAINING)
@given(value=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_argument_of_training_is_right_or_an_error_of_ours(name, value):
    assume(not (name == "epochs" and value is HUGE))
    network = MLP((6, 4, 3), replicas=2)
    before = [weight.clone() for weight in network.weights]
    try:
        history = train(**{"network": network, "data": data(), "batch_size": 10, "progress": False, name: value})
    except ValueError as error:
        assert name in str(error) and "must" in str(error)
        assert all((w == b).all() for w, b in zip(network.weights, before, strict=True))
        return
    whole = history.diverged_at < 0
    assert np.isfinite(history.train_loss[:, whole]).all() and np.isfinite(history.test_error[:, whole]).all()


@pytest.mark.parametrize("name", ["images", "labels", "rule", "network"])
@given(value=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_argument_of_a_measure_is_right_or_an_error_of_ours(name, value):
    given_ = {"network": MLP((6, 4, 3)), "rule": "fa", "images": IMAGES, "labels": LABELS, name: value}
    calls = [lambda: alignment_angles(**given_), lambda: update_angles(**given_)]
    calls += [lambda: verify_rule(given_["network"], given_["rule"], (given_["images"], given_["labels"]))]
    for call in calls:
        with pytest.raises(ValueError, match=f"{name} must"):
            call()


def fa(**settings):
    return rules.FeedbackAlignment(**settings).attach(MLP((6, 4, 3), replicas=2))


def in_stages(stages):
    return list(staged(Trainer(MLP((6, 4, 3)), data(), "fa", batch_size=10), stages))


def tuned(name, value):
    start = {"network": MLP((6, 4, 3)), "rule": "fa", "data": data(), "learning_rates": [0.1], name: value}
    return tune(**start, batch_size=10, progress=False)


OTHERS = {
    "select": ("replicas", MLP((6, 4, 3), replicas=2).select),
    "predict": ("images", MLP((6, 4, 3)).predict),
    "error_rate": ("labels", lambda value: error_rate(MLP((6, 4, 3)), IMAGES, value)),
    "feedback_scale": ("feedback_scale", lambda value: fa(feedback_scale=value)),
    "seed": ("seed", lambda value: fa(seed=value)),
    "dropout": ("dropout", lambda value: Dropout(value, 0.5)),
    "layer": ("feedback_scale", lambda value: FeedbackLinear(3, 2, feedback_scale=value)),
    "filters": ("feedback_scale", lambda value: FeedbackConv2d(3, 2, 3, feedback_scale=value)),
    "stages": ("stages layers steps", in_stages),
    "steps": ("steps", lambda value: in_stages([([0], value)])),
    "layers": ("layers", lambda value: in_stages([(value, 1)])),
    "tune network": ("network", lambda value: tuned("network", value)),
    "tune rule": ("rule", lambda value: tuned("rule", value)),
    "tune rates": ("learning_rates", lambda value: tuned("learning_rates", value)),
    "tune scales": ("feedback_scales", lambda value: tuned("feedback_scales", value)),
    "check_rule": ("rule", check_rule),
    "register": ("rule_class", rules.register),
    "resolve": ("rule", lambda value: rules.resolve(value, MLP((6, 4, 3)))),
    "save": ("network", lambda value: save(value, "/nowhere/network.pt")),
    "load": ("device", lambda value: load("/nowhere/network.pt", value)),
    "split": ("count", Digits("few", IMAGES, LABELS, IMAGES, LABELS).validation_split),
}


@pytest.mark.parametrize("function", OTHERS)
@given(value=ANYTHING)
@settings(max_examples=100, deadline=None)
def test_any_argument_of_any_other_function_is_taken_or_an_error_of_ours(function, value):
    name, call = OTHERS[function]
    try:
        call(value)
    except FileNotFoundError:
        assert function == "load"
    except ValueError as error:
        assert any(word in str(error) for word in name.split()) and "must" in str(error)


@given(value=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_array_is_one_of_numbers_or_an_error_of_ours(value):
    try:
        found = inputs.array("value", value)
    except ValueError as error:
        assert "value must" in str(error)
        return
    assert found.dtype in (torch.float32, torch.float64, torch.int64, torch.bool)


@pytest.mark.parametrize("sizes", [{784, 100, 10}, frozenset({3, 2}), {3: 1, 2: 1}])
def test_sizes_without_an_order_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes must list the units of every layer"):
        MLP(sizes)


@pytest.mark.parametrize("huge", [HUGE, -HUGE])
def test_a_whole_number_beyond_all_floats_is_refused(huge):
    with pytest.raises(ValueError, match="learning_rate must be positive and finite, got"):
        train(MLP((6, 3)), data(), batch_size=8, learning_rate=huge, progress=False)
    for arguments in ({"initial_scale": huge}, {"sizes": (6, abs(huge))}, {"replicas": abs(huge)}):
        with pytest.raises(ValueError, match=" must "):
            MLP(**{"sizes": (6, 3)} | arguments)


TENSORS = {
    "bfloat16": (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
    "gradient": (torch.tensor([0.5, 0.25], requires_grad=True), [0.5, 0.25]),
    "half": (torch.tensor([0.5, 0.25], dtype=torch.float16), [0.5, 0.25]),
}
ODD_TENSORS = {
    "sparse": lambda: torch.tensor([0.5, 0.25]).to_sparse(),
    "meta": lambda: torch.ones(2, device="meta"),
    "quantised": lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
    "nested": lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
    "complex": lambda: torch.ones(2, dtype=torch.complex64).conj(),
    "masked": lambda: np.ma.array([0.5, 0.25], mask=[True, False]),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_a_setting_may_be_a_tensor_of_any_type(kind):
    given, plain = TENSORS[kind]
    for one, other in zip(
        *(MLP((6, 3), replicas=2, initial_scale=scale).weights for scale in (given, plain)), strict=True
    ):
        assert torch.equal(one, other)


@pytest.mark.filterwarnings("ignore:.*(quantiz|nested).*:UserWarning")
@pytest.mark.parametrize("kind", ODD_TENSORS)
def test_an_odd_tensor_is_refused_wherever_numbers_are_asked_for(kind):
    odd = ODD_TENSORS[kind]()
    network = MLP((6, 3), replicas=2)
    calls = [
        lambda: MLP((6, 3), replicas=2, initial_scale=odd),
        lambda: train(network, data(), learning_rate=odd, progress=False),
        lambda: train(network, data(), weight_decay=odd, progress=False),
        lambda: network.predict(odd),
        lambda: network.select(odd),
        lambda: error_rate(network, IMAGES, odd),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=" must "):
            call()


def test_a_device_that_holds_no_numbers_is_refused():
    with pytest.raises(ValueError, match="device must be a device of this machine, such as 'cpu', got 'meta'"):
        MLP((6, 3), device="meta")


def test_targets_that_the_networks_type_cannot_hold_are_refused():
    targets = np.full((len(IMAGES), 3), 1e39)
    with pytest.raises(ValueError, match=r"labels must hold numbers that torch\.float32 can"):
        error_rate(MLP((6, 3), output="linear"), IMAGES, targets)
    error_rate(MLP((6, 3), output="linear", dtype=torch.float64), IMAGES, targets)
