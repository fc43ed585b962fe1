"""What is saved comes back whole, feedback included."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fa_lessons import MLP, Rule, load, register, rules, save, train


def test_a_network_comes_back_with_its_feedback(tmp_path):
    network = MLP((6, 5, 4, 3), "relu", "sigmoid", replicas=2, seed=9)
    for name in ("fa", "dfa", "ifa", "bp"):
        rules.resolve(name, network)
    save(network, tmp_path / "deep" / "network.pt")
    again = load(tmp_path / "deep" / "network.pt")
    assert (again.sizes, again.activation, again.output, again.seed) == ((6, 5, 4, 3), "relu", "sigmoid", 9)
    images = np.random.default_rng(0).random((4, 6), dtype=np.float32)
    assert torch.equal(network.predict(images), again.predict(images))
    for name, rule in network.rules.items():
        pairs = zip(rule.feedback, rules.resolve(name, again).feedback, strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "network.pt"
    save(MLP((4, 3, 2)), path)
    before = path.read_bytes()

    def full_disk(*arguments):
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space"):
        save(MLP((4, 3, 2), seed=1), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other.pt"
    path.write_bytes(b"no network")
    with pytest.raises(ValueError, match=r"written by fa_lessons\.save.*other\.pt"):
        load(path)
    for content in ({"something": 1}, {"format": 1}, {"format": 2}, {"format": 2, "weights": []}, [1], 7):
        torch.save(content, path)
        with pytest.raises(ValueError, match=r"written by fa_lessons\.save, got .*other\.pt"):
            load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.pt")


def test_an_unregistered_rule_is_refused(tmp_path):
    network = MLP((4, 3, 2))

    class Own(rules.FeedbackAlignment):
        name = "own"

    rules.resolve(Own(), network)
    with pytest.raises(ValueError, match="registered rules only, got Own"):
        save(network, tmp_path / "network.pt")


@pytest.fixture
def keeper():
    """A registered rule with settings, per-replica tensors, generators, and a counter."""

    @register
    class Keeper(rules.FeedbackAlignment):
        name = "keeper"

        def __init__(self, rate, amounts, **options):
            super().__init__(**options)
            self.rate, self.amounts, self.taken = rate, torch.tensor(amounts).view(-1, 1, 1), {"steps": 0}
            self.torch_source, self.numpy_source = torch.Generator().manual_seed(3), np.random.default_rng(4)
            self.table = np.arange(3.0)

        def learn(self, network, activations, deltas, optimizer):
            self.taken["steps"] += 1
            for B in self.feedback:
                noise = torch.rand(B.shape[1:], generator=self.torch_source) + self.numpy_source.random()
                B.add_(self.rate * self.amounts * noise)

    yield Keeper
    del rules.RULES["keeper"]


def digits():
    images, labels = np.random.default_rng(0).random((30, 6), dtype=np.float32), np.arange(30) % 3
    return SimpleNamespace(train_images=images, train_labels=labels, test_images=images, test_labels=labels)


def test_a_rules_settings_and_state_come_back(keeper, tmp_path):
    def run(network, rule):
        train(network, digits(), rule, batch_size=10, progress=False)

    network = MLP((6, 5, 4, 3), replicas=2)
    run(network, keeper(0.123, [1.0, 2.0], feedback_scale=[2, 3]))
    save(network, tmp_path / "network.pt")
    again = load(tmp_path / "network.pt")
    kept = again.rules["keeper"]
    assert type(kept) is keeper and kept.rate == 0.123 and kept.taken == {"steps": 3} and kept.feedback_scale == [2, 3]
    for trained in (network, again):
        run(trained, "keeper")
    pairs = zip(network.rules["keeper"].feedback + network.weights, kept.feedback + again.weights, strict=True)
    assert all(torch.equal(a, b) for a, b in pairs) and kept.taken == {"steps": 6}
    assert again.rules["keeper"] is kept


def test_a_rule_that_this_session_does_not_know_is_named(keeper, tmp_path):
    network = MLP((6, 5, 3), replicas=2)
    rules.resolve(keeper(0.1, [1.0, 2.0]), network)
    save(network, tmp_path / "network.pt")
    del rules.RULES["keeper"]
    try:
        with pytest.raises(ValueError, match=r"got .*network\.pt with 'keeper': define that rule"):
            load(tmp_path / "network.pt")
    finally:
        rules.RULES["keeper"] = keeper


def test_what_no_file_can_hold_is_named(tmp_path):
    @register
    class Functional(Rule):
        name = "functional"

    try:
        network = MLP((6, 3))
        rules.resolve(Functional(), network).wish = [lambda: 0]
        with pytest.raises(ValueError, match=r"functional\.wish\[0\] must be a number, .* got function"):
            save(network, tmp_path / "network.pt")
        assert not list(tmp_path.iterdir())
    finally:
        del rules.RULES["functional"]
