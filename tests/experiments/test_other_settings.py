"""The papers' and the slides' own settings on MNIST: one digit a step with squared error, and the slides' code."""

import numpy as np
import pytest
import torch

from fa_lessons.experiments import grid, lillicrap, slides
from fa_lessons.experiments.one_hidden_layer import RULES
from tests.experiments import patterns


@pytest.fixture(scope="module")
def digits():
    return patterns.digits(400, 100, flipped=0.05)


def few(cells, **settings):
    return [patterns.shrunk(cell, **settings) for cell in cells]


SMALL = {"sizes": [12, 7, 3], "initial_scale": 2.0, "weight_decay": 0.01}


@pytest.mark.parametrize("rule", ["bp", "gain", "fa", "shallow"])
def test_a_step_on_one_digit_is_that_of_the_gradient_with_decay(rule):
    trained = lillicrap.OneDigit(SMALL, RULES[rule](feedback_scale=3.0), 5)
    W1, W2, b1, b2 = (parameter[0].double() for parameter in trained.parameters())
    draws = np.random.default_rng(2)
    for _ in range(4):
        image = torch.tensor(draws.random(12) * (draws.random(12) < 0.5), dtype=torch.float32)
        target = torch.eye(3)[int(draws.integers(3))]
        pixels = image.nonzero().flatten()
        trained.step(pixels, image[pixels], target, 0.3)

        x = image.double()[None]
        leaves = [p.clone().requires_grad_() for p in (W1, W2, b1, b2)]
        h = torch.sigmoid(x @ leaves[0] + leaves[2])
        h.retain_grad()
        loss = (torch.sigmoid(h @ leaves[1] + leaves[3]) - target.double()).square().sum() / 2
        loss.backward()
        G1, G2, g1, g2 = (leaf.grad for leaf in leaves)
        if rule != "bp":
            sent = {"gain": 3 * h.grad, "shallow": 0 * h.grad}
            if rule == "fa":
                sent["fa"] = g2 @ trained.rule.feedback[0][0].double()
            delta = sent[rule] * (h * (1 - h)).detach()
            G1, g1 = x.T @ delta, delta
        W1, W2 = 0.99 * W1 - 0.3 * G1, 0.99 * W2 - 0.3 * G2
        b1, b2 = b1 - 0.3 * g1, b2 - 0.3 * g2
    trained.settle()
    for own, expected in zip(trained.parameters(), (W1, W2, b1, b2), strict=True):
        torch.testing.assert_close(own[0].double(), expected, rtol=1e-4, atol=1e-6)


def test_passes_choose_resume_and_report(digits):
    small = {"sizes": [784, 9, 10], "digits": 60, "held_out": 100, "epochs": 2, "learning_rates": [0.1, 0.4, 1.6]}
    results = []
    for cell in few(lillicrap.cells(rules=["fa", "shallow"], seeds=2), **small):
        whole = patterns.whole_and_resumed(lambda cell=cell: lillicrap.Passes(cell, data=digits), epochs=2)
        assert np.shape(whole.result()["test_error"]) == (2, 2) and whole.seconds_per_epoch() > 0
        results.append({"name": cell.name, "settings": cell.settings, **whole.result()})
    assert np.mean(results[0]["test_error"][-1]) < 80
    fa, shallow = lillicrap.report(results[::-1]).splitlines()[2:]
    assert fa.startswith("| FA |") and fa.endswith("| 2 × 60,000 | 2.1 % |") and shallow.startswith("| shallow |")
    results[0]["choice"] = {"learning_rate": 0.1, "feedback_scale": 16.0}
    assert lillicrap.at_edge(results[0]) == ["learning_rate"]
    assert "learning rate on the edge" in lillicrap.report(results[:1])


def test_the_stored_choices_lie_inside_their_grids():
    results = grid.read_all(lillicrap.EXPERIMENT)
    assert {r["settings"]["rule"] for r in results} >= {"bp", "fa", "shallow"}
    assert not any(lillicrap.at_edge(result) for result in results)


@pytest.mark.parametrize("hidden", slides.NETWORKS)
def test_the_slides_networks_start_train_and_report(hidden, digits):
    results = []
    for cell in few(slides.cells(networks=[hidden]), batch_size=50, epochs=2):
        run = slides.start(cell, data=digits)
        network, rule = run.trainer.network, run.trainer.rule
        for values in network.weights + rule.feedback:
            assert values.abs().max() <= 0.4 and abs(values.std() - 0.176) < 0.02  # normal, cut at two deviations
        while not run.finished():
            run.run_epoch()
        results.append({"name": cell.name, "settings": cell.settings, **run.result()})
    rows = slides.report(results).splitlines()[2:]
    assert [row.split(" | ")[1] for row in rows] == [rule.upper() for rule in slides.NETWORKS[hidden]]
    assert np.mean(results[0]["test_error"][-1]) < 20


def test_the_slides_constant_is_subtracted_from_every_weight_and_bias(digits):
    (cell,) = (c for c in slides.cells(networks=["100"]) if c.settings["rule"] == "fa")
    still, falling = (
        slides.start(few([cell], batch_size=400, epochs=1, constant=constant)[0], data=digits)
        for constant in (0.0, 1e-3)
    )
    for run in (still, falling):
        run.run_epoch()
    pairs = zip(still.trainer._parameters(), falling.trainer._parameters(), strict=True)
    assert all(torch.allclose(a - b, torch.tensor(1e-3), atol=1e-6) for a, b in pairs)
