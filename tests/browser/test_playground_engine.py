"""The playground's engine against the package: the same seed gives the same weights."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fa_lessons import MLP, measures, playground
from fa_lessons.networks import ACTIVATIONS
from fa_lessons.playground import digits
from fa_lessons.rules import RULES, FeedbackAlignment, Rule
from fa_lessons.training import Trainer

STEPS = 50
DEPTHS = {1: (20,), 2: (20, 15), 3: (20, 15, 12)}


class SignSymmetry(Rule):
    """As docs/contributing.md has it."""

    name = "sign-symmetry"

    def feedback_path(self, network):
        return [W.sign().mT / W.shape[-1] ** 0.5 for W in network.weights[1:]]


class KolenPollack(FeedbackAlignment):
    """As docs/contributing.md has it."""

    name = "kp"

    def learn(self, network, activations, deltas, optimizer):
        for B, below, delta in zip(self.feedback, activations[1:], deltas[1:], strict=False):
            optimizer.update_feedback(B, below, delta)


KINDS = {**{name: RULES[name] for name in ("bp", "fa", "dfa", "ifa", "shallow")}}
KINDS |= {"sign-symmetry": SignSymmetry, "kp": KolenPollack}

RUN = """async ({settings, steps, replica}) => {
    const [{Trainer}, {asDigits, inflate}, {probe, percentWrong}] = await Promise.all(
        ["./trainer.js", "./digits.js", "./measures.js"].map((name) => import(new URL(name, location)))
    );
    window.digits ??= asDigits(await inflate(await (await fetch("digits.bin")).arrayBuffer()));
    const trainer = new Trainer(window.digits, settings, replica);
    const numbers = () => [...trainer.network.weights, ...trainer.feedback].map((m) => [...m.values]);
    const start = numbers();
    for (let i = 0; i < steps; i++) trainer.step();
    const biases = trainer.network.biases.map((bias) => [...bias]);
    const {angles, positive} = probe(trainer, 100);
    const wrong = percentWrong(trainer.network, window.digits.test, 200);
    return {start, end: numbers(), biases, angles, positive, wrong};
}"""


@pytest.fixture(scope="module")
def data():
    """The playground's digits as the package trains on them."""
    images, labels = digits.unpacked()
    images = np.multiply(images, np.float32(1 / 255), dtype=np.float32)
    few = slice(digits.TRAIN, digits.TRAIN + 200)
    return SimpleNamespace(
        train_images=images[: digits.TRAIN],
        train_labels=labels[: digits.TRAIN].astype(np.int64),
        test_images=images[few],
        test_labels=labels[few].astype(np.int64),
    )


@pytest.fixture(scope="module")
def engine(browser):
    """A function that runs the engine in the browser: settings → start, end, biases and measures."""
    with playground.server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(playground.address(running) + "style.css")  # any page of that origin

        def run(replica=0, steps=STEPS, **settings):
            return page.evaluate(RUN, {"settings": {**PLAIN, **settings}, "steps": steps, "replica": replica})

        yield run
        page.close()
        running.shutdown()


PLAIN = {"hidden": [20], "activation": "tanh", "batch": 32, "seed": 3, "rule": "fa", "rate": 0.1, "decay": 1e-3}
PLAIN |= {"start": 1, "scale": 1, "rank": 0, "density": 1, "signs": False, "delay": 0, "plan": ""}


def package(data, rule, hidden, activation, replicas=1):
    """The package's run of 50 steps: (network, rule, its start)."""
    network = MLP((784, *hidden, 10), activation, replicas=replicas, seed=PLAIN["seed"])
    trainer = Trainer(network, data, KINDS[rule](), PLAIN["batch"], PLAIN["rate"], weight_decay=PLAIN["decay"], seed=3)
    start = [matrix.clone() for matrix in network.weights + trainer.rule.feedback]
    for number, (images, target) in zip(range(STEPS), trainer.batches(), strict=False):
        trainer.step(images, target, number)
    return network, trainer.rule, start


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("rule", KINDS)
def test_the_same_seed_gives_the_same_weights_after_50_steps(engine, data, rule, activation, depth):
    hidden = DEPTHS[depth]
    ours = engine(rule=rule, hidden=hidden, activation=activation)
    network, attached, start = package(data, rule, hidden, activation)
    end = network.weights + attached.feedback
    assert len(ours["end"]) == len(end)
    for before, after, first, last in zip(ours["start"], ours["end"], start, end, strict=True):
        first, last = first[0].numpy().ravel(), last[0].numpy().ravel()
        np.testing.assert_array_equal(np.float32(before), first)
        rounding = 2e-6 * np.linalg.norm(last)
        assert np.linalg.norm(after - last) <= 1e-4 * np.linalg.norm(last - first) + rounding
    for bias, truth in zip(ours["biases"], network.biases, strict=True):
        truth = truth[0, 0].numpy()
        np.testing.assert_allclose(bias, truth, atol=1e-4 * np.abs(truth).max() + 1e-9)
    _, deltas, backprop = measures.signals(network, attached, data.train_images[:100], data.train_labels[:100])
    angles = [np.nan if angle is None else angle for angle in ours["angles"]]
    np.testing.assert_allclose(angles, measures.signal_angles(deltas, backprop).nanmean(-1)[:, 0], atol=0.1)


def test_a_replica_is_the_packages_replica(engine, data):
    ours = engine(replica=2)
    network, *_ = package(data, "fa", (20,), "tanh", replicas=3)
    np.testing.assert_allclose(ours["end"][0], network.weights[0][2].numpy().ravel(), atol=1e-6)


def test_no_hidden_layer_and_epochs_that_end_in_a_smaller_batch(engine, data):
    few = SimpleNamespace(**{**vars(data), "test_images": data.test_images[:10], "test_labels": data.test_labels[:10]})
    network = MLP((784, 10), seed=3)
    trainer = Trainer(network, few, "bp", 3000, 0.1, seed=3)
    for _ in range(2):  # of 7 steps, the last on 2000 digits
        trainer.run_epoch()
    ours = engine(hidden=[], rule="bp", batch=3000, decay=0, steps=14)
    np.testing.assert_allclose(ours["end"][0], network.weights[0].numpy().ravel(), atol=1e-6)


def test_error_and_sign_of_the_path_are_the_packages(engine, data):
    ours = engine()
    network, rule, _ = package(data, "fa", (20,), "tanh")
    wrong = (network.predict(data.test_images).argmax(-1)[0].numpy() != data.test_labels).mean()
    assert ours["wrong"] == pytest.approx(100 * wrong)
    _, deltas, _ = measures.signals(network, rule, data.train_images[:100], data.train_labels[:100])
    e, B, W = deltas[-1][0], rule.feedback[0][0], network.weights[1][0]
    assert ours["positive"] == pytest.approx(100 * ((e @ B) * (e @ W.mT)).sum(-1).gt(0).double().mean().item())


def rank(values, rows):
    return torch.linalg.matrix_rank(torch.tensor(values).view(rows, -1), rtol=1e-4).item()


def test_the_shapes_of_feedback(engine):
    plain = np.array(engine(steps=0)["start"][2])
    for wanted in (1, 3, 9):
        cut = np.array(engine(steps=0, rank=wanted)["start"][2])
        assert rank(cut, 10) == wanted and np.linalg.norm(cut) == pytest.approx(np.linalg.norm(plain), rel=1e-5)
    assert rank(plain, 10) == 10
    np.testing.assert_allclose(engine(steps=0, scale=3)["start"][2], 3 * plain, rtol=1e-6)
    signs = np.array(engine(steps=0, signs=True)["start"][2])
    np.testing.assert_allclose(signs, np.sign(plain) / 10**0.5 / 3**0.5, rtol=1e-6)
    thin = np.array(engine(steps=0, density=0.25, hidden=[400])["start"][2])
    assert 0.2 < (thin != 0).mean() < 0.3


def test_what_a_plan_does_to_the_feedback(engine):
    def after(plan, **settings):
        return np.array(engine(plan=plan, steps=1, **settings)["end"][2]).reshape(10, 20)

    plain = after("")
    np.testing.assert_array_equal(after("flip@0"), -plain)
    np.testing.assert_array_equal(after("flip@32"), plain)  # the second step's
    assert (after("redraw@0") != plain).all() and (after("redraw@0") != after("redraw@0,redraw@0")).all()
    cut = after("cut@0")
    assert 0.4 < (cut == 0).mean() < 0.6 and (cut[cut != 0] == plain[cut != 0]).all()
    assert (after("cut@0,cut@0") == 0).mean() > 0.65
    line = after("cut:1.10.20@0,flip:1.1.2@0,set:1.3.3.-150@0,flip:2.1.1@0,flip:1.11.1@0")
    changed = np.argwhere(line != plain).tolist()
    assert changed == [[0, 1], [2, 2], [9, 19]] and line[9, 19] == 0 and line[0, 1] == -plain[0, 1]
    assert line[2, 2] == pytest.approx(-1.5 / 10**0.5)


@pytest.mark.parametrize(
    ("plan", "learn"),
    [
        ("", [1, 1, 1]),
        ("readout@0", [0, 0, 1]),
        ("hidden@0", [1, 1, 0]),
        ("freeze:2@0", [1, 0, 1]),
        ("readout@0, thaw:1@0", [1, 0, 1]),
        ("freeze:1@0 all@0", [1, 1, 1]),
        ("freeze:7@0", [1, 1, 1]),
    ],
)
def test_what_a_plan_does_to_the_layers(engine, plan, learn):
    run = engine(plan=plan, hidden=[20, 15], decay=0, steps=3)
    pairs = zip(run["start"][:3], run["end"][:3], strict=True)
    assert [before != after for before, after in pairs] == [bool(layer) for layer in learn]


def test_a_late_error_meets_the_activations_of_its_own_digits(engine):
    run, late = (engine(delay=delay, decay=0, steps=1)["end"] for delay in (0, 5))
    assert run == late  # the first error is all there is
    assert engine(delay=1, decay=0, steps=2)["end"] != engine(decay=0, steps=2)["end"]


def test_numbers_that_overflow_stop_the_run(engine):
    run = engine(rate=1e30, steps=50, activation="linear")
    assert run["wrong"] is None or np.isnan(run["wrong"])
