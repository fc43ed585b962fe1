"""Training on a GPU: the step recorded once as a CUDA graph and replayed, so that its many small launches cost one."""

import torch

from fa_lessons.rule_state import fingerprint
from fa_lessons.training import Trainer


def trainer_on(device):
    """The class of trainer for a device: `RecordedTrainer` on CUDA, else `Trainer`."""
    return RecordedTrainer if torch.device(device).type == "cuda" else Trainer


class RecordedTrainer(Trainer):
    """A `Trainer` on CUDA that replays one recorded step for every full batch.

    A replay cannot look for a replica that diverges. So an epoch with a loss that is not finite is taken back and
    trained again step by step, which finds the step; from then on every epoch goes step by step.
    What learns, `layers`, and by which rule is settled by the first epoch. A rule that changes more in a step than
    what its tensors hold, such as a counter or a generator, trains step by step: a replay would not change that.
    """

    _replay = _inputs = None
    _recordable = True

    def run_epoch(self, on_step=lambda: None):
        step_by_step = super().advance
        if self._frozen or not self._recordable:
            self._pass(step_by_step, on_step)
        else:
            before = self.state()
            self._pass(self.advance, on_step)
            if not self.total.isfinite().all():
                self.restore(before)
                self._pass(step_by_step, on_step=lambda: None)
        self._evaluate()

    def advance(self, images, target, number):
        """As `Trainer.advance`, except that no replica that diverges is found and frozen."""
        inputs = [images, target, *self._masks(target, number)]
        if len(target) < self.batch_size:  # the last of an epoch
            self._unwatched(*inputs)
        elif not self._recordable:
            self._unwatched(*inputs)
        elif self._replay is None:
            before = fingerprint(self.rule.state())
            self._unwatched(*inputs)
            self._recordable = fingerprint(self.rule.state()) == before
            if not self._recordable:
                return
            self._inputs = [given.clone() for given in inputs]
            self._replay = capture(lambda: self._unwatched(*self._inputs), self.network.device)
        else:
            for kept, given in zip(self._inputs, inputs, strict=True):
                kept.copy_(given)
            self._replay()

    def _unwatched(self, images, target, *masks):
        network, activations = self._look(images, target, masks)
        self.rule.step(network, activations, target, self.optimizer)
        self._count(activations[-1], target)


def capture(function, device):
    """Record what `function`, which has run before, launches on `device`; returns a call that launches it again."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.device(device), torch.cuda.graph(graph, stream=torch.cuda.Stream(device)):
        function()
    return graph.replay
