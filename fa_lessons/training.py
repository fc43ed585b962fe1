"""Training: the loop, the same for every rule, and the history that it returns."""

import copy
import math
from dataclasses import dataclass, field

import numpy as np
import torch

from fa_lessons import losses, measures, optimizers, perturbations, require, rules, threads
from fa_lessons.draws import generator
from fa_lessons.progress import progress_bar
from fa_lessons.torch_state import plainly

PROBE = 256  # training examples on which the alignment is measured


@dataclass
class History:
    """What a run measured, as numpy arrays; R replicas.

    test_error, train_error: (epochs, R) percent; the training error is counted on the batches as they pass. NaN
        for a replica that diverged, and for targets that stand for no classes (`losses.have_classes`).
    train_loss: (epochs, R), the matching loss, likewise.
    record_steps: (records,) steps after which the alignment was recorded, 0 first.
    alignment: (records, hidden layers, R) signal angle in degrees, averaged over 256 training examples.
    diverged_at: (R,) the step whose error was no longer finite; -1 for a replica that did not diverge.
    """

    rule: str
    replicas: int
    hidden_layers: int
    diverged_at: np.ndarray
    _rows: dict = field(default_factory=lambda: {"test": [], "train": [], "loss": [], "steps": [], "alignment": []})

    @property
    def test_error(self):
        return self._stack("test", (self.replicas,))

    @property
    def train_error(self):
        return self._stack("train", (self.replicas,))

    @property
    def train_loss(self):
        return self._stack("loss", (self.replicas,))

    @property
    def record_steps(self):
        return np.asarray(self._rows["steps"], dtype=int)

    @property
    def alignment(self):
        return self._stack("alignment", (self.hidden_layers, self.replicas))

    def _stack(self, name, shape):
        return np.stack(self._rows[name]) if self._rows[name] else np.empty((0, *shape))


class Interrupted(KeyboardInterrupt):
    """Training was stopped by hand; `history` holds the epochs that were finished."""

    def __init__(self, history, done, epochs):
        super().__init__(
            f"stopped after {done} of {epochs} epochs: the network keeps the weights of this moment, and the curves "
            "so far are in sys.last_value.history"
        )
        self.history = history

    def _render_traceback_(self):  # a notebook shows the message alone
        return [str(self)]


class Trainer:
    """One run, epoch by epoch; `train` is the plain way in. Arguments and errors are those of `train`."""

    @threads.freely
    @plainly
    def __init__(
        self,
        network,
        data,
        rule="bp",
        batch_size=64,
        learning_rate=0.1,
        optimizer="sgd",
        momentum=0.0,
        weight_decay=0.0,
        seed=0,
        records_per_epoch=10,
        dropout=None,
        adversarial=0.0,
        layers=None,
    ):
        self.network = network
        self.images, self.targets = losses.prepare_part(network, data, "train")
        self.test_images, self.test_targets = losses.prepare_part(network, data, "test")
        self.batch_size = require.count("batch_size", batch_size, maximum=len(self.images))
        self.seed = require.seed("seed", seed)
        self.records_per_epoch = require.count("records_per_epoch", records_per_epoch)
        self.optimizer = optimizers.resolve(optimizer, network, learning_rate, weight_decay, momentum)
        self.adversarial = require.number("adversarial", adversarial)
        self.dropout = None if dropout is None else perturbations.Dropout(*_pair("dropout", dropout))
        self.rule = rules.attached(rule, network)
        _refuse_memory(self.rule, self.optimizer)
        self.epoch = self.taken = 0  # epochs, and steps of the epoch that has begun
        if layers is not None:
            self.layers = layers
        never = np.full(network.replicas, -1)
        self.history = History(self.rule.name, network.replicas, len(network.sizes) - 2, never)
        self._frozen = {}
        self._counts = losses.have_classes(network, self.targets)
        kind = losses.counting_type(network.device)
        self.misses = torch.zeros(network.replicas, device=network.device, dtype=kind)
        self.total = torch.zeros_like(self.misses)  # loss, summed over the examples of an epoch
        self._record(0)
        network.rules[self.rule.name] = self.rule

    @property
    def steps_per_epoch(self):
        return -(-len(self.images) // self.batch_size)

    @property
    def layers(self):
        """The layers whose weights learn."""
        return self.optimizer.layers

    @layers.setter
    def layers(self, layers):
        self.optimizer.layers = require.indices("layers", layers, len(self.network.weights))

    @plainly
    def run_epoch(self, on_step=lambda: None):
        """Train once through the data and evaluate; calls `on_step`, without autograd, after every step.

        What was stopped within an epoch goes on from there.
        """
        self._pass(self.advance, on_step)
        self._evaluate()

    def batches(self):
        """The batches (images, target) left of the current epoch, in an order that depends on (seed, epoch) alone."""
        order = torch.randperm(len(self.images), generator=generator(self.seed, "order", self.epoch), device="cpu")
        for rows in order.to(self.network.device).split(self.batch_size)[self.taken :]:
            yield self.images.index_select(0, rows), self.targets.index_select(0, rows)

    def advance(self, images, target, number):
        """`step`, and what it adds to the epoch's count of misses and loss."""
        self._count(self.step(images, target, number), target)

    @plainly
    def step(self, images, target, number=0):
        """One step of every replica on one batch; returns the prediction that it learnt from."""
        network, activations = self._look(images, target, self._masks(target, number))
        if not math.isfinite(activations[-1].sum().item()):
            self._freeze(~activations[-1].isfinite().all(-1).all(-1), number)
        self.rule.step(network, activations, target, self.optimizer)
        for replica, kept in self._frozen.items():
            for tensor, values in zip(self._learnt(), kept, strict=True):
                tensor[replica] = values
        return activations[-1]

    def _masks(self, target, number):
        return self.dropout.masks(self.network, len(target), (self.seed, number)) if self.dropout else []

    def _look(self, images, target, masks):
        """The network that this step trains, and its activations."""
        network = perturbations.ThinnedNetwork(self.network, masks) if masks else self.network
        if self.adversarial:
            images = perturbations.adversarial(network, images, target, self.adversarial)
        return network, network.forward(images)

    def _pass(self, advance, on_step):
        """Once through the data by `advance`, with the records on the way."""
        count = self.steps_per_epoch
        records = min(self.records_per_epoch, count)
        records = {round(count * k / records) for k in range(1, records + 1)}
        if not self.taken:
            self.misses.zero_()
            self.total.zero_()
        for images, target in self.batches():
            number = self.epoch * count + self.taken + 1
            advance(images, target, number)
            self.taken += 1
            if self.taken in records:
                self._record(number)
            on_step()

    def _count(self, prediction, target):
        self.misses += losses.misses(prediction, target)
        self.total += losses.loss(self.network, prediction, target) * len(target)

    def state(self):
        """All that a resumed run needs, as tensors and numbers; `restore` continues from it bit for bit."""
        return copy.deepcopy(
            {
                "epoch": self.epoch,
                "taken": self.taken,
                "counts": [self.misses, self.total],
                "names": [self.rule.name, self.optimizer.name],
                "parameters": self._parameters(),
                "optimizer": self.optimizer.state(),
                "rule": self.rule.state(),
                "frozen": self._frozen,
                "diverged_at": _kept(self.history.diverged_at),
                "rows": {name: [_kept(row) for row in rows] for name, rows in self.history._rows.items()},
            }
        )

    @plainly
    def restore(self, state):
        """Continue from `state`, given by a trainer of the same arguments. Raises ValueError for another's."""
        own = [*self._parameters(), *self.optimizer.state()]
        expected = [[self.rule.name, self.optimizer.name], [tuple(tensor.shape) for tensor in own]]
        try:
            saved = [*state["parameters"], *state["optimizer"]]
            found = [state["names"], [tuple(tensor.shape) for tensor in saved]]
        except (KeyError, TypeError, AttributeError):
            found = f"{state!r:.60}"
        if found != expected:
            raise ValueError(f"state must be that of a trainer of the same arguments, {expected}, got {found}")
        self.epoch, self.taken, self._frozen = state["epoch"], state["taken"], copy.deepcopy(state["frozen"])
        for count, kept in zip((self.misses, self.total), state["counts"], strict=True):
            count.copy_(kept)
        for tensor, kept in zip(own, saved, strict=True):
            tensor.copy_(kept)
        self.rule.restore(state["rule"])
        self.history.diverged_at = state["diverged_at"].cpu().numpy()
        self.history._rows = {name: [row.cpu().numpy() for row in rows] for name, rows in state["rows"].items()}

    def _parameters(self):
        return self.network.weights + self.network.biases

    def _learnt(self):
        """What a step may change: parameters and feedback."""
        return self._parameters() + self.rule.feedback

    def _freeze(self, diverged, step):
        """Keep the parameters and feedback of the replicas that `diverged`, (R,), from now on, and report the step."""
        for replica in torch.nonzero(diverged).flatten().tolist():
            if replica not in self._frozen:
                self._frozen[replica] = [tensor[replica].clone() for tensor in self._learnt()]
                self.history.diverged_at[replica] = step

    def _record(self, step):
        _, deltas, backprop = measures.probe(self.network, self.rule, self.images[:PROBE], self.targets[:PROBE])
        angles = measures.signal_angles(deltas, backprop).nanmean(-1)
        self.history._rows["steps"].append(step)
        self.history._rows["alignment"].append(angles.cpu().double().numpy())

    def _evaluate(self):
        rows, count = self.history._rows, len(self.images)
        test, finite = losses.judge(self.network, self.test_images, self.test_targets)
        self._freeze(~finite, (self.epoch + 1) * self.steps_per_epoch)
        whole = self.history.diverged_at < 0
        rows["test"].append(test.cpu().double().numpy())
        for name, total, known in (("train", 100 * self.misses, whole & self._counts), ("loss", self.total, whole)):
            rows[name].append(np.where(known, (total / count).cpu().double().numpy(), np.nan))
        self.next_epoch()

    def next_epoch(self):
        """Begin another epoch, in an order of its own."""
        self.epoch, self.taken = self.epoch + 1, 0


def train(
    network,
    data,
    rule="bp",
    epochs=1,
    batch_size=64,
    learning_rate=0.1,
    optimizer="sgd",
    momentum=0.0,
    weight_decay=0.0,
    seed=0,
    records_per_epoch=10,
    dropout=None,
    adversarial=0.0,
    layers=None,
    progress=True,
):
    """Train every replica of `network` on `data`, in place, and return the `History`.

    data: train_images (count, n_in), train_labels (count,) or targets (count, classes), test_images, test_labels.
    rule: "bp", "fa", "dfa", "ifa", "shallow", or a rule object. optimizer: "sgd" (with `momentum`) or "rmsprop".
    learning_rate, weight_decay: a number, or one per replica.
    dropout: (of the inputs, of the hidden units), probabilities, or None. adversarial: the step ε of the fast gradient
    sign by which every training batch is replaced; 0 for none.
    layers: those whose weights learn, 0 the first; all when left out.
    seed: of the order of the examples, which all replicas share, and of the dropout masks.
    The alignment is recorded `records_per_epoch` times an epoch. A replica whose error is no longer finite is frozen
    and reported in `history.diverged_at`; the others go on. An interrupt raises `Interrupted`, a
    KeyboardInterrupt whose `history` is that so far; the network keeps its weights.
    Raises ValueError, naming argument, value and what is allowed, for anything else. Taught in lesson 4.
    """
    epochs = require.count("epochs", epochs)
    trainer = Trainer(
        network,
        data,
        rule,
        batch_size,
        learning_rate,
        optimizer,
        momentum,
        weight_decay,
        seed,
        records_per_epoch,
        dropout,
        adversarial,
        layers,
    )
    with progress_bar(epochs * trainer.steps_per_epoch, trainer.rule.name, "step", progress) as bar:
        try:
            for _ in range(epochs):
                threads.choose()
                trainer.run_epoch(bar.update)
                bar.set_postfix_str(_note(trainer.history), refresh=False)
        except KeyboardInterrupt:
            raise Interrupted(trainer.history, trainer.epoch, epochs) from None
    return trainer.history


def _note(history):
    """How a run stands: the mean over the replicas that go on, of the test error or else of the loss."""
    for word, unit, values in (("test error", " %", history.test_error), ("training loss", "", history.train_loss)):
        known = values[-1][np.isfinite(values[-1])]
        if len(known):
            return f"{word} {known.mean():.2f}{unit}"
    return "all replicas diverged"


def _kept(row):
    """A row of the history as a tensor, for a file."""
    return torch.from_numpy(np.array(row))


def _refuse_memory(rule, optimizer):
    """Raise ValueError for feedback that learns beside an optimiser whose updates it cannot share."""
    if rules.overrides(rule, "learn") and (not hasattr(optimizer, "update_feedback") or optimizer.momentum):
        given = f"momentum {optimizer.momentum}" if hasattr(optimizer, "momentum") else repr(optimizer.name)
        raise ValueError(
            f"optimizer must be 'sgd' without momentum for rule {rule.name!r}, whose feedback learns: W would move by "
            f"a memory of past gradients that its feedback does not have, got {given}"
        )


def _pair(name, value):
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise ValueError(f"{name} must be a pair (of the inputs, of the hidden units), got {value!r}")
    return value
