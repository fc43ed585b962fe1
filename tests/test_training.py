"""The loop: optimisers against torch.optim, replicas against single runs, divergence, interruption."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fa_lessons import MLP, Rule, losses, measures, optimizers, perturbations, rules, train
from fa_lessons.training import Interrupted, Trainer


def digits(count=200, width=12, classes=3, seed=0):
    """Clusters that a small network can learn."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 1, (classes, width))
    labels = rng.integers(classes, size=count)
    images = (centres[labels] + 0.1 * rng.normal(size=(count, width))).astype(np.float32)
    return SimpleNamespace(train_images=images, train_labels=labels, test_images=images[:50], test_labels=labels[:50])


def parameters(network):
    return network.weights + network.biases


@pytest.mark.parametrize(
    ("optimizer", "momentum", "weight_decay"),
    [("sgd", 0, 0), ("sgd", 0, 0.01), ("sgd", 0.9, 0), ("sgd", 0.9, 0.01), ("rmsprop", 0, 0), ("rmsprop", 0, 0.01)],
)
def test_each_optimiser_is_torchs(optimizer, momentum, weight_decay):
    data = digits()
    network = MLP((12, 7, 5, 3), dtype=torch.float64)
    weights = [w[0].clone().requires_grad_() for w in network.weights]
    biases = [b[0].clone().requires_grad_() for b in network.biases]
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0}]
    theirs = {
        "sgd": lambda: torch.optim.SGD(groups, lr=0.05, momentum=momentum),
        "rmsprop": lambda: torch.optim.RMSprop(groups, lr=0.05),
    }[optimizer]()
    trainer = Trainer(network, data, "bp", 32, 0.05, optimizer, momentum=momentum, weight_decay=weight_decay)
    for images, target in trainer.batches():
        h = images
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.tanh(h @ w + b)
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(h @ weights[-1] + biases[-1], target).backward()
        theirs.step()
        trainer.step(images, target)
    for ours, expected in zip(parameters(network), weights + biases, strict=True):
        assert (ours[0] - expected).abs().max() < 1e-10


@pytest.mark.parametrize("rule", ["bp", "fa", "dfa", "ifa", "shallow"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_a_replica_is_the_same_network_trained_alone(rule, optimizer):
    settings = {"learning_rate": [0.1, 0.02, 0.05], "weight_decay": [0, 1e-3, 1e-2]}
    together = MLP((12, 8, 6, 3), replicas=3, seed=4, initial_scale=[1, 0, 2], dtype=torch.float64)
    alone = [together.select(r) for r in range(3)]
    history = train(together, digits(), rule, epochs=2, optimizer=optimizer, seed=1, progress=False, **settings)
    for r, network in enumerate(alone):
        network.rules = {name: part.select(torch.tensor([r])) for name, part in together.rules.items()}
        own = {name: values[r] for name, values in settings.items()}
        single = train(network, digits(), rule, epochs=2, optimizer=optimizer, seed=1, progress=False, **own)
        for one, many in zip(parameters(network), parameters(together), strict=True):
            assert (one[0] - many[r]).abs().max() < 1e-10
        assert np.allclose(single.test_error[:, 0], history.test_error[:, r])
        assert np.allclose(single.alignment[..., 0], history.alignment[..., r], atol=1e-6, equal_nan=True)


def test_the_first_replicas_do_not_depend_on_how_many_there_are():
    few, many = MLP((5, 4, 3), replicas=2, seed=3), MLP((5, 4, 3), replicas=6, seed=3)
    assert all(torch.equal(f, m[:2]) for f, m in zip(few.weights, many.weights, strict=True))


def test_a_run_depends_on_its_seeds_alone():
    runs = []
    for _ in range(2):
        network = MLP((12, 8, 3), seed=7)
        train(network, digits(), "fa", epochs=2, seed=5, progress=False)
        runs.append(network)
        torch.manual_seed(99)
    assert all(torch.equal(a, b) for a, b in zip(*map(parameters, runs), strict=True))
    other = MLP((12, 8, 3), seed=7)
    train(other, digits(), "fa", epochs=2, seed=6, progress=False)
    assert not torch.equal(other.weights[0], runs[0].weights[0])


def test_every_epoch_has_an_order_of_its_own_that_holds_every_example_once():
    trainer = Trainer(MLP((12, 8, 3)), digits(), batch_size=30)
    orders = []
    for _ in range(3):
        orders.append(torch.cat([images for images, _ in trainer.batches()]))
        trainer.run_epoch()
    assert not any(torch.equal(orders[i], orders[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    whole = sorted(map(tuple, trainer.images.tolist()))
    assert all(sorted(map(tuple, order.tolist())) == whole for order in orders)


def test_the_error_is_divided_by_the_batch_once():
    network = MLP((4, 3, 2), dtype=torch.float64)
    images, target = torch.rand(1, 4, dtype=torch.float64), torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    one, many = MLP.select(network, 0), MLP.select(network, 0)
    data = digits(width=4, classes=2)
    Trainer(one, data, "bp", 1).step(images, target)
    Trainer(many, data, "bp", 64).step(images.repeat(64, 1), target.repeat(64, 1))
    assert all(torch.allclose(a, b, atol=1e-14) for a, b in zip(parameters(one), parameters(many), strict=True))


def test_learning_lowers_the_error_and_the_history_has_the_promised_shapes():
    network = MLP((12, 20, 9, 3), replicas=2)
    history = train(network, digits(), "dfa", epochs=8, batch_size=20, learning_rate=0.3, progress=False)
    assert history.test_error.shape == history.train_error.shape == history.train_loss.shape == (8, 2)
    assert (history.test_error[-1] < 10).all() and (history.train_loss[-1] < history.train_loss[0]).all()
    assert history.alignment.shape == (len(history.record_steps), 2, 2) == (81, 2, 2)
    assert history.record_steps[0] == 0 and history.record_steps[-1] == 80
    expected = measures.alignment_angles(network, "dfa", digits().train_images, digits().train_labels).mean(-1)
    assert np.allclose(history.alignment[-1], expected, atol=1e-3)


def test_the_training_loss_and_error_count_every_example_once():
    network = MLP((12, 8, 3), replicas=2, dtype=torch.float64)
    history = train(network, digits(), batch_size=130, learning_rate=1e-9, progress=False)  # batches of 130 and 70
    images, target = losses.prepare(network, digits().train_images, digits().train_labels)
    assert np.allclose(history.train_loss[0], losses.loss(network, network.forward(images)[-1], target), atol=1e-6)
    assert np.allclose(history.train_error[0], losses.percent_wrong(network, images, target))


def test_records_stand_at_the_nearest_steps():
    history = train(MLP((12, 8, 3)), digits(), batch_size=30, records_per_epoch=4, progress=False)
    assert history.record_steps.tolist() == [0, 2, 4, 5, 7]  # 7 / 4 = 1.75, 3.5, 5.25, 7


def test_dropout_masks_are_drawn_anew_in_every_step():
    trainer = Trainer(MLP((12, 8, 3)), digits(), dropout=(0.2, 0.5), seed=4)
    first, again, other = (trainer._masks(trainer.targets[:20], number) for number in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_an_adversarial_step_is_a_step_on_the_adversarial_images():
    hardened, plain = (MLP((12, 8, 3), replicas=2, dtype=torch.float64) for _ in range(2))
    trainer = Trainer(hardened, digits(), "fa", adversarial=0.1)
    images, target = trainer.images[:20], trainer.targets[:20]
    moved = perturbations.adversarial(plain, images, target, 0.1)
    trainer.step(images, target)
    Trainer(plain, digits(), "fa").step(moved, target)
    assert all(torch.equal(a, b) for a, b in zip(parameters(hardened), parameters(plain), strict=True))
    assert not torch.equal(moved[0], images)


def test_a_diverged_replica_is_reported_and_frozen_and_the_others_go_on():
    def network():
        return MLP((12, 8, 3), activation="relu", output="linear", replicas=3, seed=1)

    broken = network()
    history = train(broken, digits(), "bp", epochs=3, learning_rate=[0.05, 1e12, 0.01], progress=False)
    healthy = network()
    train(healthy, digits(), "bp", epochs=3, learning_rate=[0.05, 1e-12, 0.01], progress=False)
    assert history.diverged_at[0] == history.diverged_at[2] == -1 and history.diverged_at[1] > 1
    for one, other in zip(parameters(broken), parameters(healthy), strict=True):
        assert torch.equal(one[[0, 2]], other[[0, 2]])
    assert np.isnan(history.test_error[-1, 1]) and np.isnan(history.train_error[-1, 1])
    frozen = [p[1].clone() for p in parameters(broken)]
    train(broken, digits(), "bp", epochs=1, learning_rate=0.01, progress=False)
    assert all(
        torch.equal(p[1].nan_to_num(7), kept.nan_to_num(7)) for p, kept in zip(parameters(broken), frozen, strict=True)
    )


def test_a_run_whose_replicas_all_diverge_ends_in_silence(recwarn):
    network = MLP((12, 8, 3), "relu", "linear")
    history = train(network, digits(), "bp", epochs=2, learning_rate=1e6, progress=False)
    assert (history.diverged_at > 0).all() and np.isnan(history.test_error[-1]).all() and not recwarn.list


def test_a_replica_that_only_the_last_step_breaks_is_reported_too():
    network, data = MLP((12, 8, 3), "relu", "linear", replicas=2), digits()
    count = len(data.train_images)
    history = train(network, data, batch_size=count, learning_rate=[0.01, 3e38], progress=False)
    assert history.diverged_at.tolist() == [-1, 1] and np.isnan(history.test_error[0]).tolist() == [False, True]
    assert np.isnan(history.train_loss[0]).tolist() == [False, True]


def test_nan_predictions_are_no_score():
    network = MLP((4, 3, 10))
    network.weights[-1].fill_(torch.nan)
    assert torch.isnan(losses.error_rate(network, np.zeros((5, 4)), np.zeros(5, dtype=int))).all()


def test_an_interruption_stops_a_loop_over_rules_and_keeps_the_history_so_far(monkeypatch):
    whole = Trainer.run_epoch

    def second_epoch_is_interrupted(self, on_step):
        if self.epoch == 1:
            raise KeyboardInterrupt
        whole(self, on_step)

    monkeypatch.setattr(Trainer, "run_epoch", second_epoch_is_interrupted)
    network, started = MLP((12, 8, 3)), []
    before = network.weights[0].clone()
    with pytest.raises(Interrupted, match="after 1 of 5 epochs") as stop:
        for rule in ("bp", "fa"):
            started.append(rule)
            train(network, digits(), rule, epochs=5, progress=False)
    assert started == ["bp"] and stop.value.history.test_error.shape == (1, 1)
    assert not torch.equal(before, network.weights[0])


def test_training_on_uses_the_same_feedback():
    network = MLP((12, 8, 6, 3))
    train(network, digits(), "fa", progress=False)
    kept = [B.clone() for B in network.rules["fa"].feedback]
    train(network, digits(), "fa", progress=False)
    assert all(torch.equal(a, b) for a, b in zip(kept, network.rules["fa"].feedback, strict=True))


@pytest.mark.parametrize("layers", [[], [1], [0, 2]])
def test_only_the_layers_asked_for_learn(layers):
    network = MLP((12, 8, 6, 3))
    before = [p.clone() for p in parameters(network)]
    train(network, digits(), "dfa", layers=layers, progress=False)
    moved = [not torch.equal(a, b) for a, b in zip(before, parameters(network), strict=True)]
    assert moved[:3] == moved[3:] == [layer in layers for layer in range(3)]


def test_a_restored_run_continues_bit_for_bit(tmp_path):
    options = dict(rule="dfa", batch_size=30, learning_rate=[0.1, 0.3], optimizer="rmsprop", dropout=(0.1, 0.5), seed=3)

    def trainer():
        return Trainer(MLP((12, 9, 8, 3), replicas=2, seed=2), digits(), **options)

    whole = trainer()
    for _ in range(4):
        whole.run_epoch()
    first = trainer()
    for _ in range(2):
        first.run_epoch()
    torch.save(first.state(), tmp_path / "state.pt")
    second = trainer()
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    for _ in range(2):
        second.run_epoch()
    for one, other in zip(parameters(whole.network), parameters(second.network), strict=True):
        assert torch.equal(one, other)
    assert np.array_equal(whole.history.test_error, second.history.test_error)
    assert np.array_equal(whole.history.alignment, second.history.alignment)
    assert np.array_equal(whole.history.record_steps, second.history.record_steps)


class KolenPollack(rules.FeedbackAlignment):
    """Feedback that takes the update of the weights, and a counter."""

    name = "kp"

    def __init__(self):
        super().__init__()
        self.seen = []

    def learn(self, network, activations, deltas, optimizer):
        self.seen.append([delta is None for delta in deltas])
        for B, below, delta in zip(self.feedback, activations[1:], deltas[1:], strict=False):
            optimizer.update_feedback(B, below, delta)


def test_the_hook_is_called_once_a_step_after_the_update():
    network, rule = MLP((12, 8, 6, 3), dtype=torch.float64), KolenPollack()
    train(network, digits(), rule, batch_size=50, learning_rate=0.1, progress=False)
    assert rule.seen == [[False] * 3] * 4
    seen = []

    class Watcher(rules.FeedbackAlignment):
        name = "watcher"

        def learn(self, network, activations, deltas, optimizer):
            seen.append([w.clone() for w in network.weights])

    network, plain = (MLP((12, 8, 6, 3), seed=1) for _ in range(2))
    rule = Watcher().attach(network)
    fa = rules.FeedbackAlignment()
    fa.feedback = rule.feedback
    for part, taught in ((network, rule), (plain, fa)):
        trainer = Trainer(part, digits(), taught)
        trainer.step(trainer.images[:50], trainer.targets[:50])
    assert len(seen) == 1 and all(torch.equal(w, v) for w, v in zip(seen[0], plain.weights, strict=True))


def test_kolen_pollack_keeps_the_gap_to_the_weights_but_for_the_decay():
    settings = {"learning_rate": [0.1, 0.3], "weight_decay": [0.0, 0.5]}
    network, rule = MLP((12, 8, 6, 3), replicas=2, dtype=torch.float64), KolenPollack()
    gaps = [W.mT - B for W, B in zip(network.weights[1:], rule.attach(network).feedback, strict=True)]
    train(network, digits(), rule, batch_size=50, progress=False, **settings)
    for gap, W, B in zip(gaps, network.weights[1:], rule.feedback, strict=True):
        shrinkage = torch.tensor([1, (1 - 0.3 * 0.5) ** 4]).view(2, 1, 1)
        assert torch.allclose(W.mT - B, shrinkage * gap, atol=1e-12)


@pytest.mark.parametrize("layers", [[0], [1, 2], [2], []])
def test_feedback_stands_still_beside_weights_that_do(layers):
    network, rule = MLP((12, 8, 6, 3)), KolenPollack()
    before = [B.clone() for B in rule.attach(network).feedback]
    train(network, digits(), rule, layers=layers, progress=False)
    assert rule.seen[0] == [layer not in layers for layer in range(3)]
    moved = [not torch.equal(old, new) for old, new in zip(before, rule.feedback, strict=True)]
    assert moved == [layer in layers for layer in (1, 2)]


@pytest.mark.parametrize(
    ("options", "given"),
    [({"momentum": 0.9}, "momentum 0.9"), ({"optimizer": "rmsprop"}, "'rmsprop'")],
)
def test_feedback_that_learns_refuses_an_optimiser_with_a_memory(options, given):
    network = MLP((12, 8, 3))
    before = [p.clone() for p in parameters(network)]
    with pytest.raises(ValueError, match=rf"optimizer must be 'sgd' without momentum for rule 'kp', .* got {given}"):
        train(network, digits(), KolenPollack(), progress=False, **options)
    assert all(torch.equal(a, b) for a, b in zip(before, parameters(network), strict=True))
    optimizer = optimizers.resolve("sgd", network, 0.1, 0.0, 0.9)
    with pytest.raises(ValueError, match=r"takes the update of W, got 0\.9"):
        optimizer.update_feedback(torch.zeros(1, 3, 8), torch.zeros(1, 4, 8), torch.zeros(1, 4, 3))


class Restless(KolenPollack):
    """Feedback that moves whether or not there is an error."""

    name = "restless"

    def learn(self, network, activations, deltas, optimizer):
        for B in self.feedback:
            B.add_(0.01)


def test_the_feedback_of_a_diverged_replica_is_frozen_too():
    network, rule = MLP((12, 8, 3), "relu", "linear", replicas=3, seed=1), Restless()
    trainer = Trainer(network, digits(), rule, learning_rate=[0.05, 1e12, 0.01])
    first = rule.feedback[0].clone()
    for _ in range(3):
        trainer.run_epoch()
    stopped = int(trainer.history.diverged_at[1])
    assert 1 < stopped < 12 and trainer.history.diverged_at[0] == trainer.history.diverged_at[2] == -1
    for r, steps in ((0, 12), (1, stopped - 1), (2, 12)):
        assert torch.allclose(rule.feedback[0][r], first[r] + 0.01 * steps, atol=1e-5)


class Noisy(rules.FeedbackAlignment):
    """Feedback that learns by a generator of its own and counts its steps."""

    name = "noisy"

    def __init__(self, rates):
        super().__init__()
        self.rates, self.offset = torch.tensor(rates).view(-1, 1, 1), 0
        self.noise, self.more = torch.Generator().manual_seed(5), np.random.default_rng(6)

    def learn(self, network, activations, deltas, optimizer):
        self.offset += 1
        for B in self.feedback:
            B.add_(self.rates * torch.rand(1, *B.shape[1:], generator=self.noise) * self.more.random() / self.offset)


def test_a_resumed_run_takes_a_rules_feedback_generators_and_offset_back(tmp_path):
    def trainer():
        return Trainer(MLP((12, 9, 8, 3), replicas=2, seed=2), digits(), Noisy([0.1, 0.2]), learning_rate=[0.1, 0.3])

    whole, first, second = trainer(), trainer(), trainer()
    for part in (whole, whole, whole, first, second, second):
        part.run_epoch()
    torch.save(first.state(), tmp_path / "state.pt")
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    for _ in range(2):
        second.run_epoch()
    for one, other in zip(whole._learnt(), second._learnt(), strict=True):
        assert torch.equal(one, other)
    assert whole.rule.offset == second.rule.offset == 12
    assert np.array_equal(whole.history.alignment, second.history.alignment)


def test_a_rule_may_take_the_whole_step():
    """Contrastive learning with one layer, whose two phases together are the delta rule."""

    class Phases(Rule):
        name = "phases"

        def deltas(self, network, activations, error):
            return [None] * len(network.weights)

        def step(self, network, activations, target, optimizer):
            for output, sign in ((activations[-1], 1), (target.expand_as(activations[-1]), -1)):
                optimizer.update(0, activations[0], sign * output / len(target))

    networks = [MLP((12, 3), replicas=2, dtype=torch.float64) for _ in range(2)]
    for network, rule in zip(networks, (Phases(), "bp"), strict=True):
        history = train(network, digits(), rule, learning_rate=0.2, progress=False)
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(*map(parameters, networks), strict=True))
    assert history.diverged_at.tolist() == [-1, -1]


def with_test(**changes):
    data = digits()
    vars(data).update(changes)
    return data


NO_CLASSES = {
    "undecided": np.where(np.arange(50)[:, None] == 3, [0.5, 0.5, 0.0], np.eye(3)[digits().test_labels]),
    "even": np.full((50, 3), 1 / 3),
}


@pytest.mark.parametrize("kind", NO_CLASSES)
def test_a_test_part_without_classes_stops_no_replica(kind):
    networks = [MLP((12, 8, 3), replicas=2, seed=1) for _ in range(2)]
    plain, other = (
        train(network, data, epochs=3, learning_rate=0.5, progress=False)
        for network, data in zip(networks, (digits(), with_test(test_labels=NO_CLASSES[kind])), strict=True)
    )
    assert other.diverged_at.tolist() == [-1, -1] and np.isnan(other.test_error).all()
    np.testing.assert_array_equal(other.train_error, plain.train_error)
    assert all(map(torch.equal, *(parameters(network) for network in networks)))


def test_the_last_step_breaks_a_replica_for_targets_of_no_class_too():
    y = np.random.default_rng(0).normal(size=(200, 3))
    network = MLP((12, 5, 3), "relu", "linear", replicas=2, seed=1)
    data = with_test(train_labels=y, test_labels=y[:50])
    history = train(network, data, batch_size=200, learning_rate=[0.01, 3e38], progress=False)
    assert history.diverged_at.tolist() == [-1, 1] and np.isnan(history.train_loss[0]).tolist() == [False, True]


@pytest.mark.parametrize("steps", [0, 1, 3, 4])
@pytest.mark.parametrize("rule", ["fa", "ifa"])
def test_an_epoch_that_was_stopped_goes_on_from_there(steps, rule):
    def trainer():
        return Trainer(MLP((12, 8, 6, 3), replicas=2), digits(), rule, batch_size=50, dropout=(0.1, 0.5))

    def stop():
        if next(calls) == steps:
            raise KeyboardInterrupt

    whole, stopped, calls = trainer(), trainer(), itertools.count(1)
    if steps:
        with pytest.raises(KeyboardInterrupt):
            stopped.run_epoch(stop)
    state = stopped.state()
    again = trainer()
    again.restore(state)
    for run in (whole, stopped, again):
        run.run_epoch()
        run.run_epoch()
    for run in (stopped, again):
        assert all(map(torch.equal, parameters(whole.network), parameters(run.network)))
        for name in ("test_error", "train_error", "train_loss", "alignment", "record_steps"):
            np.testing.assert_array_equal(getattr(whole.history, name), getattr(run.history, name))


def test_a_state_is_of_its_moment():
    run = Trainer(MLP((12, 8, 3), replicas=2), digits(), KolenPollack(), learning_rate=0.1)
    before, state = [tensor.clone() for tensor in run._learnt()], run.state()
    run.run_epoch()
    run.restore(state)
    assert run.epoch == 0 and all(map(torch.equal, before, run._learnt())) and len(run.history.test_error) == 0


def test_the_state_of_another_run_is_refused_before_anything_changes():
    def trainer(replicas=2, sizes=(12, 8, 3), rule="fa", **options):
        return Trainer(MLP(sizes, replicas=replicas), digits(), rule, **options)

    run = trainer(momentum=0.5)
    run.run_epoch()
    before = [tensor.clone() for tensor in run._learnt()]
    others = [trainer(1, momentum=0.5), trainer(sizes=(12, 7, 3), momentum=0.5), trainer(rule="dfa", momentum=0.5)]
    others += [trainer(), trainer(optimizer="rmsprop")]
    for state in [other.state() for other in others] + [{}, None, {"epoch": 3}]:
        with pytest.raises(ValueError, match="state must be that of a trainer of the same arguments"):
            run.restore(state)
    assert run.epoch == 1 and all(map(torch.equal, before, run._learnt()))


@pytest.mark.parametrize("refused", [{"layers": [9]}, {"momentum": 0.9}, {"batch_size": 0}, {"dropout": 3}])
def test_a_training_that_is_refused_leaves_the_feedback(refused):
    network, kept = MLP((12, 8, 3)), KolenPollack()
    train(network, digits(), kept, progress=False)
    before = kept.feedback[0].clone()
    with pytest.raises(ValueError):
        train(network, digits(), KolenPollack(), progress=False, **refused)
    assert network.rules == {"kp": kept} and torch.equal(kept.feedback[0], before)


@pytest.mark.parametrize("layers", [[7], [-1], ["0"], 3, [True]])
def test_layers_that_are_not_there_are_refused_at_any_time(layers):
    run = Trainer(MLP((12, 8, 3)), digits())
    with pytest.raises(ValueError, match="layers must list whole numbers from 0 to 1"):
        run.layers = layers
