"""What is saved comes back whole, feedback included."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, load, rules, save


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
    torch.save({"something": 1}, path)
    with pytest.raises(ValueError, match=r"written by fa_lessons\.save"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.pt")


def test_an_unregistered_rule_is_refused(tmp_path):
    network = MLP((4, 3, 2))

    class Own(rules.FeedbackAlignment):
        name = "own"

    try:
        rules.resolve(Own(), network)
    finally:
        del rules.RULES["own"]
    with pytest.raises(ValueError, match="registered rules only, got Own"):
        save(network, tmp_path / "network.pt")
