"""A gallery of failures: mistakes from public implementations of feedback alignment, and from their users' reports.

Each is a rule of a few lines that says it is DFA, or backprop. Lesson 6 measures its symptom, and names the test that
catches it. `seen` says where the mistake was seen; empty where it was found in none of the repositories that were read.
"""

import numpy as np
import torch

from fa_lessons import losses, require
from fa_lessons.networks import ACTIVATIONS
from fa_lessons.rules import Backpropagation, DirectFeedbackAlignment


class Undivided(DirectFeedbackAlignment):
    """The loss is a mean over the batch, the error that goes to the hidden layers is not divided by it."""

    name, seen = "dfa-undivided", "ChFrenkel/DirectRandomTargetProjection, its DFA"

    def deltas(self, network, activations, error):
        return super().deltas(network, activations, error * error.shape[1])[:-1] + [error]


class Uninitialised(DirectFeedbackAlignment):
    """B is allocated and never filled: whatever bits the memory held, read as numbers."""

    name, seen = "dfa-uninitialised", "cangozpi's DFA, linear_layer_dfa.py"

    def attach(self, network):
        if self.feedback is None:
            bits = torch.Generator().manual_seed(network.seed)
            super().attach(network)
            for B in self.feedback:
                found = torch.randint(-(2**31), 2**31, B.shape, dtype=torch.int32, generator=bits)
                B.copy_(found.view(torch.float32))
        return self


class ShiftedSlope(DirectFeedbackAlignment):
    """The slope of relu written as `h > 1`."""

    name, seen = "dfa-shifted-slope", "Neuromatch NeuroAI, tutorial W2D3"

    def deltas(self, network, activations, error):
        hidden = zip(self.feedback, activations[1:-1], strict=True)
        return [(error @ B) * (h > 1) for B, h in hidden] + [error]


class WrongSign(DirectFeedbackAlignment):
    """e = target − prediction, from a paper that adds, in code that subtracts."""

    name, seen = "dfa-wrong-sign", "accord-net/framework, issue 258, on backprop"

    def deltas(self, network, activations, error):
        return super().deltas(network, activations, -error)


class Redrawn(DirectFeedbackAlignment):
    """B is kept nowhere and drawn when it is needed: the extreme case of a B that a checkpoint loses."""

    name, seen = "dfa-redrawn", "L0SG/feedback-alignment-pytorch and TinyDFA lose B with a checkpoint"

    def deltas(self, network, activations, error):
        self.feedback, self.seed = None, (network.seed if self.seed is None else self.seed) + 1
        self.attach(network)
        return super().deltas(network, activations, error)


class Disguised(Backpropagation):
    """The custom backward pass is never called, and the library's own gradient trains the network."""

    name, seen = "dfa-disguised", "a user's report, Julia discourse 72159"


class Stuck(DirectFeedbackAlignment):
    """The optimiser holds other tensors than the network: the hidden weights never move."""

    name, seen = "dfa-stuck", "jsalbert/biotorch, constrain_weights"

    def deltas(self, network, activations, error):
        return [torch.zeros_like(h) for h in activations[1:-1]] + [error]


class SlopeOmitted(DirectFeedbackAlignment):
    """δa = e B, without the hidden unit's own slope."""

    name = "dfa-slope-omitted"
    seen = "a derivation of backprop that ujjwalkarn/Machine-Learning-Tutorials, pull request 16, replaces"

    def deltas(self, network, activations, error):
        return [error @ B for B in self.feedback] + [error]


class SlopeOfActivation(DirectFeedbackAlignment):
    """f' taken at the activation h, where it belongs at the sum a below it."""

    name, seen = "dfa-slope-of-activation", "davidrmiller/neural2d, issue 40, on backprop"

    def deltas(self, network, activations, error):
        apply = ACTIVATIONS[network.activation][0]  # in place
        hidden = zip(self.feedback, activations[1:-1], strict=True)
        return [(error @ B) * network.derivative(apply(h.clone())) for B, h in hidden] + [error]


class OutputSlope(DirectFeedbackAlignment):
    """The slope of the output units on top of ŷ − y, as squared error needs it, where softmax has none."""

    name, seen = "dfa-output-slope", "written for squared error in Neuromatch W2D3, and kept with another loss"

    def deltas(self, network, activations, error):
        prediction = activations[-1]
        return super().deltas(network, activations, error * prediction * (1 - prediction))


class SoftmaxTwice(DirectFeedbackAlignment):
    """A softmax layer, below a loss that applies softmax itself."""

    name, seen = "dfa-softmax-twice", "GiorgiaD/PEPITA, issue 1"

    def deltas(self, network, activations, error):
        prediction = activations[-1]
        target = prediction - error * error.shape[1]
        slope = (torch.softmax(prediction, -1) - target) / error.shape[1]
        twice = prediction * (slope - (slope * prediction).sum(-1, keepdim=True))  # back through the first softmax
        return super().deltas(network, activations, twice)


class TrainedB(DirectFeedbackAlignment):
    """B is among the parameters, and is handed the update of forward weights."""

    name, seen = "dfa-trained-b", "public layers whose weight_fa requires a gradient and gets that of weight"

    def learn(self, network, activations, deltas, optimizer):
        for B, h in zip(self.feedback, activations[1:-1], strict=True):
            optimizer.update_feedback(B, h, deltas[-1])


class DecayedB(DirectFeedbackAlignment):
    """B is among the parameters that weight decay shrinks; here by 1 % times the learning rate in each step."""

    name, seen = "dfa-decayed-b", ""

    def learn(self, network, activations, deltas, optimizer):
        for B in self.feedback:
            B.mul_(1 - 0.01 * optimizer.learning_rate)


class BorrowedSeed(DirectFeedbackAlignment):
    """B is drawn with the seed that drew W: at the top it *is* the transposed weights at first."""

    name, seen = "dfa-borrowed-seed", "netket/netket, issue 241: one seed for the weights of all layers"

    def attach(self, network):
        fresh = self.feedback is None
        super().attach(network)
        if fresh and self.feedback:
            self.feedback[-1] = network.weights[-1].mT.clone()
        return self


class Unmasked(DirectFeedbackAlignment):
    """Dropout silences units in the forward pass, and the signal is not masked: the silent ones learn, too."""

    name, seen = "dfa-unmasked", "ddbourgin/numpy-ml, issue 94, on backprop"

    def deltas(self, network, activations, error):
        whole = getattr(network, "network", network)  # without its masks
        return super().deltas(whole, activations, error)


class UpperFirst(Backpropagation):
    """Backprop that updates the upper weights first, and sends the error down through the *new* ones."""

    name = "bp-upper-first"
    seen = "joelgrus/data-science-from-scratch, issue 31, and CodingTrain/Toy-Neural-Network-JS, issue 72"

    def step(self, network, activations, target, optimizer):
        error = losses.error_signal(network, activations[-1], target)
        for layer in reversed(optimizer.layers):
            optimizer.update(layer, activations[layer], self.deltas(network, activations, error)[layer])


class Sliced(DirectFeedbackAlignment):
    """One B, as wide as the widest layer, and every layer takes its first columns: TinyDFA's documented design."""

    name, seen = "dfa-sliced", "lightonai/dfa-scales-to-modern-deep-learning, TinyDFA"

    def attach(self, network):
        super().attach(network)
        widest = max(self.feedback, key=lambda B: B.shape[-1])
        self.feedback = [widest[..., : B.shape[-1]].clone() for B in self.feedback]
        return self


# The table of lesson 6: number 1 is the first. Each says it is DFA.
BUGS = (
    Undivided,
    Uninitialised,
    ShiftedSlope,
    WrongSign,
    Redrawn,
    Disguised,
    Stuck,
    SlopeOmitted,
    SlopeOfActivation,
    OutputSlope,
    SoftmaxTwice,
    TrainedB,
    DecayedB,
    BorrowedSeed,
)
# Every rule that says it is DFA, the sound one first.
CANDIDATES = (DirectFeedbackAlignment, *BUGS)
LABELS = (
    "sound DFA",
    "error not divided",
    "B never initialised",
    "relu' as h > 1",
    "wrong sign of e",
    "B drawn in every step",
    "really backprop",
    "weights never move",
    "f' omitted",
    "f' at the activation",
    "output slope on top",
    "softmax twice",
    "B trained",
    "B decayed",
    "B from W's seed",
)
_SUSPECTS = dict(zip("ABCDEF", (3, 1, 5, 0, 6, 13), strict=True))


def _drawn(number):
    """Six places in `CANDIDATES` for the suspects A to F, another six for each `number`; the sound one is in."""
    rng = np.random.default_rng(require.seed("number", number))
    clear = np.setdiff1d(np.arange(1, len(CANDIDATES)), (9, 11))  # with relu, 9 is sound; 11 looks like 10
    bugs = rng.choice(clear, len(_SUSPECTS) - 1, replace=False)
    return tuple(int(bug) for bug in rng.permutation([0, *bugs]))


def suspect(letter, number=None):
    """A fresh rule that says it is DFA: one of `CANDIDATES`, of which the first is sound. Find out which.

    With a `number`, the letters stand for another six. Its name and its class tell nothing. Raises ValueError for a
    letter other than A to F or a number below 0. Taught in lesson 6.
    """
    chosen = _SUSPECTS if number is None else dict(zip(_SUSPECTS, _drawn(number), strict=True))
    rule = CANDIDATES[chosen[require.one_of("letter", letter, _SUSPECTS)]]
    return type("Suspect", (rule,), {"name": "dfa", "seen": "", "__doc__": f"Suspect {letter}: says it is DFA."})()
