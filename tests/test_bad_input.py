"""Bad input gets a ValueError that names the argument, the value and what is allowed."""

from types import SimpleNamespace

import numpy as np
import pytest

from fa_lessons import MLP, alignment_angles, rules, train
from fa_lessons.losses import error_rate

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((20, 6)), RNG.integers(3, size=20)
WITH_NAN = IMAGES.copy()
WITH_NAN[3, 2] = np.nan


def data(**changes):
    whole = {"train_images": IMAGES, "train_labels": LABELS, "test_images": IMAGES, "test_labels": LABELS}
    return SimpleNamespace(**{**whole, **changes})


NETWORK = [
    ({"sizes": (6,)}, r"sizes must list at least an input and an output layer, got \(6,\)"),
    ({"sizes": 6}, r"sizes must list the units .* got 6"),
    ({"sizes": (6, 0, 3)}, r"sizes\[1\] must be a whole number at least 1, got 0"),
    ({"sizes": (6, 2.5, 3)}, r"sizes\[1\] must be a whole number at least 1, got 2.5"),
    ({"activation": "gelu"}, "activation must be one of linear, relu, sigmoid, tanh, got 'gelu'"),
    ({"output": "tanh"}, "output must be one of linear, sigmoid, softmax, got 'tanh'"),
    ({"replicas": 0}, "replicas must be a whole number at least 1, got 0"),
    ({"seed": -1}, "seed must be a whole number from 0, got -1"),
    ({"seed": 0.5}, "seed must be a whole number from 0, got 0.5"),
    ({"initial_scale": -1}, "initial_scale must be at least 0 and finite, got -1"),
    ({"initial_scale": float("inf")}, "initial_scale must be at least 0 and finite, got inf"),
    ({"initial_scale": [1, 2, 3]}, "initial_scale must be a number or a list of 2, one per replica, got 3 values"),
]
TRAINING = [
    ({"rule": "backprop"}, r"rule must be one of bp, dfa, .*fa, ifa, .*shallow.* or a Rule, got 'backprop'"),
    ({"rule": rules.FeedbackAlignment(feedback_scale=-1)}, "feedback_scale must be at least 0 and finite, got -1"),
    ({"epochs": 0}, "epochs must be a whole number at least 1, got 0"),
    ({"epochs": 1.5}, "epochs must be a whole number at least 1, got 1.5"),
    ({"batch_size": 0}, "batch_size must be a whole number from 1 to 20, got 0"),
    ({"batch_size": 21}, "batch_size must be a whole number from 1 to 20, got 21"),
    ({"learning_rate": 0}, "learning_rate must be positive and finite, got 0"),
    ({"learning_rate": -0.1}, "learning_rate must be positive and finite, got -0.1"),
    ({"learning_rate": float("nan")}, "learning_rate must be positive and finite, got nan"),
    ({"learning_rate": float("inf")}, "learning_rate must be positive and finite, got inf"),
    ({"learning_rate": "fast"}, "learning_rate must be positive and finite, got 'fast'"),
    ({"learning_rate": [0.1, 0]}, r"learning_rate\[1\] must be positive and finite, got 0"),
    ({"learning_rate": [0.1] * 3}, "learning_rate must be a number or a list of 2, one per replica, got 3 values"),
    ({"weight_decay": -1e-4}, "weight_decay must be at least 0 and finite, got -0.0001"),
    ({"weight_decay": [0.0]}, "weight_decay must be a number or a list of 2, one per replica, got 1 values"),
    ({"momentum": 1}, "momentum must be from 0 to below 1, got 1"),
    ({"momentum": -0.1}, "momentum must be from 0 to below 1, got -0.1"),
    ({"momentum": 0.9, "optimizer": "rmsprop"}, "momentum must be 0 with optimizer 'rmsprop', got 0.9"),
    ({"optimizer": "adam"}, "optimizer must be one of rmsprop, sgd, got 'adam'"),
    ({"dropout": 0.5}, r"dropout must be a pair .* got 0.5"),
    ({"dropout": (0.1, 1)}, "dropout hidden must be from 0 to below 1, got 1"),
    ({"adversarial": -1}, "adversarial must be at least 0 and finite, got -1"),
    ({"layers": [0, 2]}, "layers must list whole numbers from 0 to 1, got 2"),
    ({"layers": [-1]}, "layers must list whole numbers from 0 to 1, got -1"),
    ({"records_per_epoch": 0}, "records_per_epoch must be a whole number at least 1, got 0"),
    ({"data": data(train_images=IMAGES[:, :5])}, r"train_images must have shape \(count, 6\) .* got \(20, 5\)"),
    ({"data": data(train_images=IMAGES[0])}, r"train_images must have shape \(count, 6\) .* got \(6,\)"),
    ({"data": data(train_images=IMAGES[:0])}, r"train_images must have shape \(count, 6\) .* got \(0, 6\)"),
    ({"data": data(train_images=WITH_NAN)}, "train_images must hold finite numbers only, got NaN"),
    ({"data": data(test_images=WITH_NAN)}, "test_images must hold finite numbers only, got NaN"),
    ({"data": data(train_labels=LABELS + 1)}, "train_labels must be labels from 0 to 2, got 3"),
    ({"data": data(train_labels=LABELS - 1)}, "train_labels must be labels from 0 to 2, got -1"),
    ({"data": data(test_labels=LABELS[:5])}, "test_labels must have one entry for each of the 20 images, got 5"),
    ({"data": data(train_labels=LABELS * 1.0)}, "train_labels must be whole-number labels"),
    ({"data": IMAGES}, "data must have train_images and train_labels, got ndarray"),
]


@pytest.mark.parametrize(("changes", "message"), NETWORK, ids=[str(c)[:50] for c, _ in NETWORK])
def test_networks(changes, message):
    with pytest.raises(ValueError, match=message):
        MLP(**{"sizes": (6, 4, 3), "replicas": 2, **changes})


@pytest.mark.parametrize(("changes", "message"), TRAINING, ids=[m[:50] for _, m in TRAINING])
def test_training(changes, message):
    network = MLP((6, 4, 3), replicas=2)
    before = [weight.clone() for weight in network.weights]
    with pytest.raises(ValueError, match=message):
        train(**{"network": network, "data": data(), "batch_size": 10, "progress": False, **changes})
    assert all((w == b).all() for w, b in zip(network.weights, before, strict=True))


def test_feedback_of_the_wrong_shape():
    rule = rules.FeedbackAlignment().attach(MLP((6, 5, 3)))
    with pytest.raises(ValueError, match=r"rule.feedback must have shapes .*\(1, 3, 4\).* got .*\(1, 3, 5\)"):
        train(MLP((6, 4, 3)), data(), rule, batch_size=10, progress=False)


def test_measures_and_selection():
    network = MLP((6, 4, 3), replicas=2)
    with pytest.raises(ValueError, match="images must hold finite"):
        error_rate(network, WITH_NAN, LABELS)
    with pytest.raises(ValueError, match="labels must be labels from 0 to 2"):
        alignment_angles(network, "fa", IMAGES, LABELS + 5)
    with pytest.raises(ValueError, match="images must have shape"):
        network.predict(IMAGES[:, :2])
    for bad in (2, -1, []):
        with pytest.raises(ValueError, match="replicas must be indices from 0 to 1"):
            network.select(bad)
