"""The recorded step: on a GPU where there is one; without one, what surrounds it and what it asks of the device."""

from itertools import product

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from fa_lessons import MLP
from fa_lessons.experiments import recorded
from fa_lessons.experiments.recorded import RecordedTrainer, trainer_on
from fa_lessons.rules import RULES
from fa_lessons.training import Trainer
from tests.test_training import KolenPollack, Noisy, Restless, digits, parameters

GPU = torch.cuda.is_available()
WAYS = [
    dict(rule="bp", learning_rate=0.1),
    dict(rule="fa", learning_rate=[0.1, 0.2, 0.3], weight_decay=1e-3, records_per_epoch=3),
    dict(rule="dfa", learning_rate=0.01, optimizer="rmsprop", dropout=(0.1, 0.5)),
    dict(rule="ifa", learning_rate=0.05, momentum=0.9, adversarial=0.08),
]


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not GPU, reason="no GPU"))])
def device(request, monkeypatch):
    """Without a GPU a stand-in takes the CUDA graph's place: a replay runs the step on what its inputs hold then."""
    if request.param == "cpu":
        monkeypatch.setattr(recorded, "capture", lambda step, device: step)
    return request.param


def run(kind, network, **options):
    trainer, steps = kind(network, digits(), batch_size=30, **options), []
    for _ in range(3):
        trainer.run_epoch(lambda: steps.append(1))
    return trainer.history, len(steps)


def same(one, other):
    names = ("test_error", "train_error", "train_loss", "alignment", "record_steps", "diverged_at")
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in names)


@pytest.mark.parametrize("options", WAYS, ids=lambda options: options["rule"])
def test_a_recorded_run_is_the_run_itself(options, device):
    networks = [MLP((12, 9, 8, 3), replicas=3, seed=2, device=device) for _ in range(2)]
    plain, recorded = (run(*pair, **options) for pair in zip((Trainer, RecordedTrainer), networks, strict=True))
    assert same(plain[0], recorded[0]) and plain[1] == recorded[1] == 21
    assert all(torch.equal(a, b) for a, b in zip(*map(parameters, networks), strict=True))


@pytest.mark.parametrize("fatal", [30.0, 1e12])
def test_a_replica_that_diverges_is_found_at_its_step_all_the_same(fatal, device):
    options = dict(rule="bp", learning_rate=[0.05, fatal, 0.01])
    networks = [MLP((12, 8, 3), "relu", "linear", replicas=3, seed=1, device=device) for _ in range(2)]
    plain, recorded = (run(*pair, **options) for pair in zip((Trainer, RecordedTrainer), networks, strict=True))
    assert plain[0].diverged_at[1] > 0 and same(plain[0], recorded[0]) and plain[1] == recorded[1] == 21
    assert all(torch.equal(a.nan_to_num(7), b.nan_to_num(7)) for a, b in zip(*map(parameters, networks), strict=True))


def test_a_recorded_run_goes_on_from_a_checkpoint(device):
    networks = [MLP((12, 9, 8, 3), replicas=3, seed=2, device=device) for _ in range(2)]
    whole, first = (RecordedTrainer(network, digits(), batch_size=30, **WAYS[2]) for network in networks)
    for trainer in (whole, whole, first):
        trainer.run_epoch()
    second = RecordedTrainer(MLP((12, 9, 8, 3), replicas=3, seed=2, device=device), digits(), batch_size=30, **WAYS[2])
    second.restore(first.state())
    second.run_epoch()
    assert same(whole.history, second.history)
    assert all(torch.equal(a, b) for a, b in zip(parameters(whole.network), parameters(second.network), strict=True))


class Quiet(KolenPollack):
    """Kolen–Pollack that keeps tensors alone, so that its step can be recorded."""

    name = "quiet"

    def learn(self, network, activations, deltas, optimizer):
        super().learn(network, activations, deltas, optimizer)
        self.seen.clear()


@pytest.mark.parametrize("make", [Quiet, KolenPollack, lambda: Noisy([0.1, 0.2, 0.3])])
def test_feedback_learns_in_a_recorded_run_too(make, device, monkeypatch):
    recordings = []
    capture = recorded.capture
    monkeypatch.setattr(recorded, "capture", lambda *given: recordings.append(1) or capture(*given))
    options = dict(learning_rate=[0.1, 0.2, 0.3], weight_decay=0.01)
    pairs = [(MLP((12, 9, 8, 3), replicas=3, seed=2, device=device), make()) for _ in range(2)]
    if make().name == "noisy" and device == "cuda":
        pytest.skip("its noise is drawn on the CPU")
    for kind, (network, rule) in zip((Trainer, RecordedTrainer), pairs, strict=True):
        run(kind, network, rule=rule, **options)
    for (one, rule), (other, again) in [pairs]:
        learnt = zip(parameters(one) + rule.feedback, parameters(other) + again.feedback, strict=True)
        assert all(torch.equal(a, b) for a, b in learnt)
    assert len(recordings) == (1 if make is Quiet else 0)


def test_an_epoch_that_is_taken_back_takes_the_feedback_back(device):
    options = dict(learning_rate=[0.05, 1e12, 0.01])
    networks = [MLP((12, 8, 3), "relu", "linear", replicas=3, seed=1, device=device) for _ in range(2)]
    taught = [Restless(), Restless()]
    histories = [
        run(kind, network, rule=rule, **options)[0]
        for kind, network, rule in zip((Trainer, RecordedTrainer), networks, taught, strict=True)
    ]
    assert histories[0].diverged_at[1] > 0 and same(*histories)
    assert torch.equal(taught[0].feedback[0], taught[1].feedback[0])


ASKED = list(product(RULES, ["sgd", "rmsprop"], [None, (0.1, 0.5)], [0.0, 0.08], ["softmax", "sigmoid"]))


@pytest.mark.parametrize(("rule", "optimizer", "dropout", "adversarial", "output"), ASKED)
def test_a_recorded_step_stays_on_the_device_and_never_waits_for_it(rule, optimizer, dropout, adversarial, output):
    """Tensors without content stand for those of a GPU: a product with a CPU tensor, or a look at a value, raises."""
    network = MLP((12, 9, 8, 3), output=output, replicas=2)
    options = dict(optimizer=optimizer, dropout=dropout, adversarial=adversarial, weight_decay=1e-3)
    trainer = RecordedTrainer(network, digits(), rule, learning_rate=0.01, **options)
    with FakeTensorMode():
        for holder in (network, trainer, trainer.rule, trainer.optimizer):
            for name, value in vars(holder).items():
                setattr(holder, name, on_gpu(value))
        images, target = torch.empty(30, 12, device="cuda"), torch.empty(30, 3, device="cuda")
        masks = [torch.empty(2, 30, units, device="cuda") for units in (12, 9, 8)] if dropout else []
        trainer._unwatched(images, target, *masks)
        trainer.dropout = None
        with pytest.raises(DataDependentOutputException):  # the plain step does look
            trainer.step(images, target)


def on_gpu(value):
    if isinstance(value, list):
        return [on_gpu(item) for item in value]
    if not isinstance(value, torch.Tensor):
        return value
    return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="cuda")


def test_the_device_chooses_the_trainer():
    assert trainer_on("cuda:0") is RecordedTrainer and trainer_on("cpu") is Trainer
