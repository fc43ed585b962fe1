"""What is saved comes back whole, feedback included."""

import collections
import enum
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


def test_a_changed_byte_is_never_loaded_in_silence(tmp_path):
    network, path = MLP((6, 5, 4, 3), replicas=2), tmp_path / "network.pt"
    for rule in ("fa", "dfa"):
        rules.resolve(rule, network)
    save(network, path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            found = load(path)
        except ValueError as error:
            assert "network.pt" in str(error)
        else:
            tensors = [
                [*n.weights, *n.biases, *n.rules["fa"].feedback, *n.rules["dfa"].feedback] for n in (network, found)
            ]
            assert all(map(torch.equal, *tensors))


BROKEN = {
    "half": lambda network: network.weights.__setitem__(0, network.weights[0].half()),
    "mixed": lambda network: network.weights.__setitem__(1, network.weights[1].double()),
    "shape": lambda network: network.biases.__setitem__(0, network.biases[0][..., :1]),
    "numpy": lambda network: network.weights.__setitem__(0, network.weights[0].numpy()),
    "feedback": lambda network: rules.resolve("fa", network).feedback.__setitem__(0, torch.ones(1, 2, 2)),
    "seed": lambda network: setattr(network, "seed", "a"),
    "activation": lambda network: setattr(network, "activation", "softplus"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_could_not_be_loaded_is_not_saved(kind, tmp_path):
    network, path = MLP((6, 5, 3)), tmp_path / "network.pt"
    path.write_bytes(b"before")
    BROKEN[kind](network)
    with pytest.raises(ValueError, match="network must be one that can be loaded again, got"):
        save(network, path)
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("word", [str, np.str_, lambda name: np.array([name])[0]])
def test_names_of_any_type_of_text_are_kept_as_text(word, tmp_path):
    network = MLP((6, 5, 3), activation=word("relu"), output=word("sigmoid"))
    save(network, tmp_path / "network.pt")
    again = load(tmp_path / "network.pt")
    assert (type(again.activation), again.activation, again.output) == (str, "relu", "sigmoid")


class Colour(enum.IntEnum):
    RED = 1


UNSAVABLE = {
    "np.str_": np.str_("a"),
    "texts": np.array(["a"]),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
    "long double": np.longdouble(1),
    "records": np.zeros(2, dtype=[("a", int)]),
    "objects": np.array([None]),
    "masked": np.ma.array([1.0, 2.0], mask=[0, 1]),
    "enum": Colour.RED,
    "default dict": collections.defaultdict(int),
    "counter": collections.Counter("ab"),
    "named tuple": collections.namedtuple("Pair", "a b")(1, 2),
    "a key of numpy's": {np.int64(1): 0},
    "a key that is a tuple": {(1, 2): 0},
    "set": {1, 2},
    "bytes": b"a",
    "function": len,
}


@pytest.mark.parametrize("kind", UNSAVABLE)
def test_what_would_come_back_as_something_else_is_named(keeper, kind, tmp_path):
    network = MLP((6, 5, 3), replicas=2)
    rules.resolve(keeper(0.1, [1.0, 2.0]), network).note = {"a": [UNSAVABLE[kind]]}
    with pytest.raises(ValueError, match=r"keeper\.note\['a'\]\[0\] must be a number, a text, "):
        save(network, tmp_path / "network.pt")
    assert not list(tmp_path.iterdir())


def test_arrays_of_the_other_byte_order_come_back(keeper, tmp_path):
    network = MLP((6, 5, 3), replicas=2)
    rules.resolve(keeper(0.1, [1.0, 2.0]), network).note = np.arange(3, dtype=">f8")
    save(network, tmp_path / "network.pt")
    assert load(tmp_path / "network.pt").rules["keeper"].note.tolist() == [0, 1, 2]


def test_a_rule_whose_cell_was_run_again_is_saved(tmp_path):
    def define():
        @register
        class Again(rules.FeedbackAlignment):
            name = "again"

        return Again()

    try:
        network = MLP((6, 5, 3))
        rules.resolve(define(), network)
        define()
        save(network, tmp_path / "network.pt")
        assert list(load(tmp_path / "network.pt").rules) == ["again"]
    finally:
        del rules.RULES["again"]
