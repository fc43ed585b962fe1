"""A gallery of failures: mistakes from public implementations of feedback alignment, and from their users' reports.

Each is a rule of a few lines that says it is DFA. Lesson 6 measures its symptom, and names the test that catches it.
"""

import torch

from fa_lessons import require
from fa_lessons.rules import Backpropagation, DirectFeedbackAlignment


class Undivided(DirectFeedbackAlignment):
    """The loss is a mean over the batch, the error that goes to the hidden layers is not divided by it."""

    name = "dfa-undivided"

    def deltas(self, network, activations, error):
        return super().deltas(network, activations, error * error.shape[1])[:-1] + [error]


class Sliced(DirectFeedbackAlignment):
    """One B, as wide as the widest layer, and every layer takes its first columns."""

    name = "dfa-sliced"

    def attach(self, network):
        super().attach(network)
        widest = max(self.feedback, key=lambda B: B.shape[-1])
        self.feedback = [widest[..., : B.shape[-1]].clone() for B in self.feedback]
        return self


class Uninitialised(DirectFeedbackAlignment):
    """B is allocated and never filled: whatever bits the memory held, read as numbers."""

    name = "dfa-uninitialised"

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

    name = "dfa-shifted-slope"

    def deltas(self, network, activations, error):
        hidden = zip(self.feedback, activations[1:-1], strict=True)
        return [(error @ B) * (h > 1) for B, h in hidden] + [error]


class WrongSign(DirectFeedbackAlignment):
    """e = target − prediction, from a paper that adds, in code that subtracts."""

    name = "dfa-wrong-sign"

    def deltas(self, network, activations, error):
        return super().deltas(network, activations, -error)


class Redrawn(DirectFeedbackAlignment):
    """B is kept nowhere and drawn when it is needed: the extreme case of a B that a checkpoint loses."""

    name = "dfa-redrawn"

    def deltas(self, network, activations, error):
        self.feedback, self.seed = None, (network.seed if self.seed is None else self.seed) + 1
        self.attach(network)
        return super().deltas(network, activations, error)


class Disguised(Backpropagation):
    """The custom backward pass is never called, and the library's own gradient trains the network."""

    name = "dfa-disguised"


class Stuck(DirectFeedbackAlignment):
    """The optimiser holds other tensors than the network: the hidden weights never move."""

    name = "dfa-stuck"

    def deltas(self, network, activations, error):
        return [torch.zeros_like(h) for h in activations[1:-1]] + [error]


BUGS = (
    Undivided,
    Sliced,
    Uninitialised,
    ShiftedSlope,
    WrongSign,
    Redrawn,
    Disguised,
    Stuck,
)
# Every rule that says it is DFA, the sound one first.
CANDIDATES = (DirectFeedbackAlignment, *BUGS)
_SUSPECTS = dict(zip("ABCDEF", (4, 1, 6, 0, 7, 2), strict=True))


def suspect(letter):
    """A fresh rule that says it is DFA: one of `CANDIDATES`, of which the first is sound. Find out which.

    Raises ValueError for a letter other than A to F. Taught in lesson 6.
    """
    return CANDIDATES[_SUSPECTS[require.one_of("letter", letter, _SUSPECTS)]]()
