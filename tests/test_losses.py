"""Percent wrong: the right number where answers can be wrong, NaN where they can not."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, losses, train
from fa_lessons.losses import error_rate, have_classes
from tests.test_bad_input import IMAGES, LABELS, data

RNG = np.random.default_rng(1)
BITS = RNG.integers(2, size=20)
BINARY = [BITS, BITS.astype(bool), BITS[:, None], BITS[:, None].astype(float), torch.tensor(BITS)]


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
@pytest.mark.parametrize("bits", BINARY, ids=[f"{type(b).__name__}-{b.dtype}-{b.ndim}" for b in BINARY])
def test_one_output_says_zero_or_one(output, bits):
    network = MLP((6, 4, 1), output=output, replicas=3, initial_scale=5)
    said = network.predict(IMAGES).squeeze(-1).numpy() > 0.5
    truth = 100 * (said != BITS).mean(1)
    assert 0 < truth.mean() < 100
    assert error_rate(network, IMAGES, bits).numpy() == pytest.approx(truth)


def test_one_output_learns_and_its_training_error_is_counted():
    rng = np.random.default_rng(0)
    images = rng.random((400, 6))
    bits = (images[:, 0] > images[:, 1]).astype(int)
    parts = data(train_images=images, train_labels=bits, test_images=images, test_labels=bits)
    for output, rate in (("sigmoid", 1.0), ("linear", 0.1)):
        network = MLP((6, 8, 1), output=output)
        before = error_rate(network, images, bits)
        history = train(network, parts, "fa", epochs=40, batch_size=10, learning_rate=rate, progress=False)
        assert before > 25 and history.test_error[-1] < 12 and history.train_error[-1] < 12


ONE_HOT = np.eye(3)[LABELS]
CLASSES = {
    "one-hot": ("sigmoid", ONE_HOT),
    "softened": ("sigmoid", 0.1 + 0.8 * ONE_HOT),
    "plus and minus one": ("linear", 2 * ONE_HOT - 1),
    "smoothed": ("softmax", 0.1 / 3 + 0.9 * ONE_HOT),
    "taught by a network": ("softmax", torch.softmax(4 * torch.tensor(ONE_HOT) + torch.rand(20, 3), -1)),
}
NO_CLASSES = {
    "a curve": ("linear", RNG.normal(size=(20, 3))),
    "several at once": ("sigmoid", RNG.integers(2, size=(20, 3)) * 1.0),
    "all alike": ("sigmoid", np.ones((20, 3))),
    "grey": ("sigmoid", RNG.random((20, 3))),
    "undecided": ("softmax", np.full((20, 3), 1 / 3)),
    "not all decided": ("softmax", np.vstack([ONE_HOT[:19], [[0.5, 0.5, 0]]])),
    "of different heights": ("linear", ONE_HOT * RNG.random((20, 1))),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_targets_of_classes_in_other_clothes(kind):
    output, targets = CLASSES[kind]
    network = MLP((6, 4, 3), output=output, replicas=2)
    assert (error_rate(network, IMAGES, targets) == error_rate(network, IMAGES, LABELS)).all()


@pytest.mark.parametrize("kind", NO_CLASSES)
def test_targets_that_stand_for_no_classes_have_no_error_rate(kind):
    output, targets = NO_CLASSES[kind]
    network = MLP((6, 4, 3), output=output, replicas=2)
    assert error_rate(network, IMAGES, targets).isnan().all()
    history = train(network, data(train_labels=targets, test_labels=targets), batch_size=5, progress=False)
    assert np.isnan(history.test_error).all() and np.isnan(history.train_error).all()
    assert np.isfinite(history.train_loss).all() and (history.diverged_at == -1).all()


def test_one_output_of_other_numbers_and_of_softmax_has_none():
    column = RNG.random((20, 1))
    for output in ("sigmoid", "linear"):
        assert error_rate(MLP((6, 4, 1), output=output), IMAGES, column).isnan().all()
    assert error_rate(MLP((6, 4, 1)), IMAGES, np.ones((20, 1))).isnan().all()
    with pytest.raises(ValueError, match="labels must be labels from 0 to 0, got 1"):
        error_rate(MLP((6, 4, 1)), IMAGES, np.ones(20, int))


def test_two_classes_are_classes_in_one_row_too():
    network = MLP((6, 4, 2), output="linear")
    assert have_classes(network, torch.tensor([[0.0, 1.0]])) and not have_classes(network, torch.tensor([[1.0, 1.0]]))


@pytest.mark.parametrize("logit", [1.0, 10.0, 16.0, 17.0, 17.7, 30.0, 500.0])
def test_a_sure_answer_of_a_sigmoid_costs_what_float32_can_tell(logit):
    network = MLP((1, 1), output="sigmoid", initial_scale=0)
    network.biases[0].fill_(logit)
    found = losses.loss(network, network.predict([[0.0]]), torch.zeros(1, 1)).item()
    assert found == pytest.approx(min(np.log1p(np.exp(-logit)) + logit, 17.33), abs=0.7 if logit > 15 else 1e-3)
