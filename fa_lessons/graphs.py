"""Training on a GPU: the step recorded once as a CUDA graph and replayed, so that its many small launches cost one."""

from copy import deepcopy

import torch

from fa_lessons import measures
from fa_lessons.training import Trainer

WARM_UP = 3  # steps


def trainer_on(device):
    """The class of trainer for a device: `RecordedTrainer` on CUDA, else `Trainer`."""
    return RecordedTrainer if torch.device(device).type == "cuda" else Trainer


class RecordedTrainer(Trainer):
    """A `Trainer` on CUDA that replays one recorded step for every full batch; float32 products are TF32.

    A replay cannot look for a replica that diverges. So an epoch with a loss that is not finite is taken back and
    trained again step by step, which finds the step; from then on every epoch goes step by step.
    What learns, `layers`, and by which rule is settled by the first epoch.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        torch.backends.cuda.matmul.allow_tf32 = True
        self._replay = self._inputs = None

    def run_epoch(self, on_step=lambda: None):
        step_by_step = super().advance
        if self._frozen:
            self._pass(step_by_step, on_step)
        else:
            before = deepcopy(self.state())
            self._pass(self.advance, on_step)
            if not self.total.isfinite().all():
                self.restore(before)
                self._pass(step_by_step, on_step=lambda: None)
        self._evaluate()

    def advance(self, images, target, number):
        """As `Trainer.advance`, except that no replica that diverges is found and frozen."""
        inputs = [images, target, *self._masks(target, number)]
        if len(target) < self.batch_size:  # the last of an epoch
            return self._unwatched(*inputs)
        if self._replay is None:
            self._record_step(inputs)
        for kept, given in zip(self._inputs, inputs, strict=True):
            kept.copy_(given)
        self._replay()

    def _unwatched(self, images, target, *masks):
        network, activations = self._look(images, target, masks)
        self._learn(network, activations, measures.error_signal(network, activations[-1], target))
        self._count(activations[-1], target)

    def _record_step(self, inputs):
        """Record the step on inputs that stay in place; what the warm-up learnt and counted is taken back."""
        before, counted = deepcopy(self.state()), (self.misses.clone(), self.total.clone())
        self._inputs = [given.clone() for given in inputs]
        self._replay = capture(lambda: self._unwatched(*self._inputs))
        self.restore(before)
        self.misses.copy_(counted[0])
        self.total.copy_(counted[1])


def capture(function):
    """Run `function` a few times to warm up, then record what it launches; returns a call that launches it again."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay
