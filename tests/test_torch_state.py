"""Whatever the caller has set: the same draws, the same training, the same measures, bit for bit, and it stays set."""

import contextlib
import os
import random
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
import torch

from fa_lessons import MLP, alignment_angles, check_rule, load, rules, save, train, verify_rule
from fa_lessons.losses import error_rate
from fa_lessons.measures import update_angles, weight_angles
from fa_lessons.stages import staged
from fa_lessons.torch_state import arithmetic, multiplies_in_tf32
from fa_lessons.training import Trainer
from tests.test_bad_input import IMAGES, LABELS, data

SETTINGS = {
    "momentum": dict(rule="fa", momentum=0.5, weight_decay=[0.1, 0.0], learning_rate=[0.1, 0.2]),
    "rmsprop": dict(rule="dfa", optimizer="rmsprop", weight_decay=0.01),
    "dropout": dict(rule="ifa", dropout=(0.1, 0.5), adversarial=0.1, layers=[1]),
}


@contextlib.contextmanager
def default(setter, value, plain):
    setter(value)
    try:
        yield
    finally:
        setter(plain)


@contextlib.contextmanager
def products(precision):
    """How torch multiplies float32, by the older of its two settings."""
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision("highest")


@contextlib.contextmanager
def products_of(owner, precision):
    """The same by the newer setting, which is there since torch 2.9."""
    owner.fp32_precision = precision
    try:
        yield
    finally:
        owner.fp32_precision = "none"


STATES = {
    "double": lambda: default(torch.set_default_dtype, torch.float64, torch.float32),
    "half": lambda: default(torch.set_default_dtype, torch.float16, torch.float32),
    "device": lambda: default(torch.set_default_device, "meta", None),
    "device as a context": lambda: torch.device("meta"),
    "inference": torch.inference_mode,
    "no_grad": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "subnormal": lambda: default(torch.set_flush_denormal, True, False),
    "bfloat16 products": lambda: products("medium"),
    "tf32 products": lambda: products("high"),
    "deterministic": lambda: default(torch.use_deterministic_algorithms, True, False),
    "numpy raises": lambda: np.errstate(all="raise"),
    "warnings raise": lambda: warnings_as_errors(),
}
if hasattr(torch.backends.mkldnn, "matmul"):
    mkldnn = torch.backends.mkldnn
    STATES["bfloat16 products, newer setting"] = lambda: products_of(mkldnn.matmul, "bf16")
    STATES["bfloat16 in all of mkldnn"] = lambda: products_of(mkldnn, "bf16")


@contextlib.contextmanager
def warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def state_of_the_session():
    """What a caller can have set or drawn, as values that compare."""
    set_in_torch = [
        torch.get_default_dtype(), str(torch.get_default_device()), torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu"), torch.is_anomaly_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.mkldnn.enabled, torch.get_rng_state().tolist(), subnormal_is_zero(),
    ]  # fmt: skip
    if hasattr(torch.backends.mkldnn, "matmul"):
        owners = torch.backends, torch.backends.mkldnn, torch.backends.mkldnn.matmul, torch.backends.cuda.matmul
        set_in_torch += [owner.fp32_precision for owner in owners]
    with contextlib.suppress(RuntimeError):  # once the newer setting is used, torch refuses to name the older
        set_in_torch.append(torch.get_float32_matmul_precision())
    others = [np.geterr(), np.get_printoptions(), random.getstate()]
    others.append(np.random.get_state()[1].tolist())  # noqa: NPY002
    return [*set_in_torch, *others, list(warnings.filters)]


def subnormal_is_zero():
    return (np.full(4, 1e-40, dtype=np.float32) * np.float32(1) == 0).all()


def everything(folder, settings):
    """What a session gives, as a list of arrays."""
    network = MLP((6, 5, 4, 3), replicas=2, initial_scale=[1.0, 2.0], seed=3)
    history = train(network, data(), batch_size=8, epochs=2, progress=False, **settings)
    found = [history.test_error, history.train_loss, history.alignment, history.record_steps]
    trainer = Trainer(network, data(), "shallow", batch_size=8)
    found += [list(staged(trainer, [([1], 2), ([0, 2], 1)]))]
    save(network, folder / "network.pt")
    network = load(folder / "network.pt").select([1, 0])
    rule = settings["rule"]
    found += [network.predict(IMAGES), error_rate(network, IMAGES, LABELS), weight_angles(network, rule)]
    found += [alignment_angles(network, rule, IMAGES, LABELS), update_angles(network, rule, IMAGES, LABELS)]
    found += [len(check_rule("fa"))]
    verdict = verify_rule(network, rule, (IMAGES, LABELS))
    found += [[*verdict.signal_angles, verdict.output_difference], *network.weights, *network.biases]
    return [np.asarray(values) for values in found]


@pytest.fixture(scope="module", params=SETTINGS)
def plain(request, tmp_path_factory):
    return SETTINGS[request.param], everything(tmp_path_factory.mktemp("plain"), SETTINGS[request.param])


@pytest.mark.parametrize("state", STATES)
def test_the_same_numbers_in_every_state(state, plain, tmp_path):
    settings, expected = plain
    with STATES[state]():
        before = state_of_the_session()
        found = everything(tmp_path, settings)
        assert state_of_the_session() == before
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@pytest.mark.parametrize("rule", ["fa", "dfa", "bp"])
def test_what_was_made_in_inference_mode_learns_outside_of_it(rule):
    with torch.inference_mode():
        network = MLP((6, 5, 3), replicas=2)
        train(network, data(), rule, batch_size=8, momentum=0.5, progress=False)
        inside = torch.as_tensor(IMAGES)
    before = network.weights[1].clone()
    train(network, data(train_images=inside), rule, batch_size=8, progress=False)
    assert (network.weights[1] != before).any()


def test_parameters_and_images_with_requires_grad_train_as_others_do():
    plain, marked = (MLP((6, 5, 3)) for _ in range(2))
    for parameter in marked.weights + marked.biases:
        parameter.requires_grad_()
    images = torch.as_tensor(IMAGES).requires_grad_()
    train(marked, data(train_images=images), "fa", batch_size=8, progress=False)
    train(plain, data(), "fa", batch_size=8, progress=False)
    assert all((a == b).all() for a, b in zip(plain.weights, marked.weights, strict=True))
    assert not marked.predict(images).requires_grad


def test_a_device_without_float64_is_never_asked_for_it(monkeypatch):
    """On the CPU, with every float64 result refused that is not an array's own or a setting's."""
    from torch.utils._python_dispatch import TorchDispatchMode

    from fa_lessons import losses, training

    monkeypatch.setattr(losses, "counting_type", lambda device: torch.float32)

    class Refusing(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, arguments=(), named=None):
            found = function(*arguments, **(named or {}))
            if isinstance(found, torch.Tensor) and found.dtype == torch.float64:
                raise TypeError("this device has no float64")
            return found

    network = MLP((6, 5, 3), replicas=2)
    trainer = training.Trainer(network, data(), "fa", batch_size=8)
    monkeypatch.setattr(training.Trainer, "_record", lambda self, step: None)  # its arrays are made on the CPU
    with Refusing():
        trainer._pass(trainer.advance, lambda: None)
        losses.percent_wrong(network, trainer.test_images, trainer.test_targets)
    assert trainer.misses.dtype == torch.float32 and losses.counting_type("cpu") is torch.float32


def test_counts_are_summed_in_float64_where_there_is_one():
    from fa_lessons import losses

    assert losses.counting_type("cpu") is losses.counting_type("cuda") is torch.float64
    assert losses.counting_type(torch.device("mps", 0)) is torch.float32


def test_a_rules_own_seed_is_one_number_whatever_its_type():
    draws = [
        rules.FeedbackAlignment(seed=seed).attach(MLP((6, 5, 3))).feedback[0] for seed in (1, np.int64(1), np.uint8(1))
    ]
    assert all((draw == draws[0]).all() for draw in draws)


class Watching(rules.FeedbackAlignment):
    """Feedback alignment that notes whether a subnormal number is zero to torch, in every step."""

    name = "watching"
    seen = ()

    def deltas(self, network, activations, error):
        self.seen = [*self.seen, (torch.full((100,), 1e-38) * 1e-3 == 0).all().item()]
        return super().deltas(network, activations, error)


def test_subnormal_numbers_are_zero_in_a_step_and_what_they_were_after_it():
    rule = Watching()
    trainer = Trainer(MLP((6, 5, 3)), data(), rule, batch_size=8)
    trainer.run_epoch()
    trainer.step(trainer.images[:8], trainer.targets[:8])
    assert rule.seen and all(rule.seen) and not subnormal_is_zero()


THREADS = """
import torch
from types import SimpleNamespace
from fa_lessons import MLP, threads, train

threads.choose = lambda: 2
images, labels = torch.rand(64, 784), torch.arange(64) % 10
data = SimpleNamespace(train_images=images, train_labels=labels, test_images=images, test_labels=labels)
train(MLP((784, 400, 10)), data, "fa", progress=False)
print((torch.full((4_000_000,), 1e-40) * 1 == 0).sum().item(), torch.get_num_threads())
"""


def test_no_thread_of_torch_takes_subnormal_numbers_for_zero_after_a_training():
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", THREADS]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "0 2\n"


@pytest.mark.parametrize("state", [name for name in STATES if "products" in name or "mkldnn" in name])
def test_products_large_enough_to_be_rounded_are_not(state):
    """Where the processor multiplies bfloat16, torch rounds those of a few thousand numbers and more."""
    images, labels = torch.rand(256, 100, generator=torch.Generator().manual_seed(0)), torch.arange(256) % 10
    digits = data(train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    exact, other = MLP((100, 64, 64, 10)), MLP((100, 64, 64, 10))
    train(exact, digits, "fa", progress=False)
    with STATES[state]():
        train(other, digits, "fa", progress=False)
        assert torch.equal(exact.predict(images), other.predict(images))
    assert all(map(torch.equal, exact.weights, other.weights))


def test_two_threads_at_once_leave_what_was_set():
    """The first to begin is the first to end, while the other is still at work."""
    began, ended, seen = threading.Event(), threading.Event(), []

    def first():
        with arithmetic(tf32=True):
            began.set()
            second.wait()
        ended.set()

    second = threading.Barrier(2)
    before = state_of_the_session()
    thread = threading.Thread(target=first)
    thread.start()
    began.wait()
    with arithmetic(tf32=True):
        second.wait()
        ended.wait()
        seen.append(multiplies_in_tf32())
    thread.join()
    assert seen == [True] and state_of_the_session() == before and not multiplies_in_tf32()
