"""The learning rules: where the error goes. Read from top to bottom, this file is the field.

A network's hidden layer computes h = f(a) with a = h_below @ W + b. Every rule here changes the weights by the
same product of what comes in below and an error signal δa for the layer,

    δW_l = -learning_rate · h_{l-1}ᵀ δa_l        (Nøkland 2016, eq. for δW_k, in row vectors),

and the rules differ in nothing but how δa reaches the hidden layers from the output's error e = prediction - target.
"""

import weakref
from itertools import pairwise

from fa_lessons import inputs, losses, require
from fa_lessons.draws import uniform
from fa_lessons.registry import RULES, attached, own_name, register, resolve, shapes
from fa_lessons.rule_state import Kept

__all__ = ["RULES", "Backpropagation", "DirectFeedbackAlignment", "FeedbackAlignment", "IndirectFeedbackAlignment"]
__all__ += ["Rule", "Shallow", "attached", "register", "resolve"]

_drawn = {}  # id of a rule: (the feedback that was drawn for it, for which network, with which settings)


class Rule(Kept):
    """A way for the error to reach the layers. "Write a rule" in docs/contributing.md shows what to override.

    name: what the rule is called; each class states its own. direct: whether a feedback matrix carries the output's
    error itself, past all layers above.
    feedback_scale: feedback is uniform in ± feedback_scale / sqrt(number of errors that it adds up),
        independently for every layer and replica, from `seed` (the network's own seed when left out).
    feedback: the list of feedback matrices B, each (replicas, n_from, n_to), set by `attach`.
    Raises ValueError for a seed that is not a whole number from 0.
    Whatever else a rule keeps, `select`, `save` and `load` keep too: see `Kept`.
    """

    name, direct, replicas = None, False, None
    feedback_scale, feedback, seed = 1.0, None, None

    def __init__(self, feedback_scale=1.0, seed=None):
        self.feedback_scale = list(feedback_scale) if isinstance(feedback_scale, tuple) else feedback_scale
        self.feedback = None
        self.seed = None if seed is None else require.seed("seed", seed)

    def feedback_shapes(self, sizes):
        """(n_from, n_to) of each feedback matrix in a network of these layer sizes; none by default."""
        return []

    def attach(self, network):
        """Draw the feedback that fits `network`, unless there is some already; return the rule.

        Raises ValueError for a class that states no name of its own, for feedback that was drawn with other settings
        or for a network of another seed, and for feedback that learns with another network.
        """
        own_name(type(self), vars(self).get("name"))
        inputs.network("network", network)
        self.replicas = network.replicas
        seed = network.seed if self.seed is None else self.seed
        scale = inputs.per_replica("feedback_scale", self.feedback_scale, network.replicas)
        settings = seed, scale.tolist()
        if self.feedback is None:
            self.feedback = [
                uniform(shape, scale / shape[0] ** 0.5, network.replicas, (seed, self.name, layer)).to(
                    network.device, network.dtype
                )
                for layer, shape in enumerate(shapes(self, network))
            ]
            _drawn[id(self)] = self.feedback, weakref.ref(network), settings
            weakref.finalize(self, _drawn.pop, id(self), None)
        elif self.feedback is _drawn.get(id(self), [None])[0]:
            self._refuse_another(network, settings, *_drawn[id(self)][1:])
        return self

    def _refuse_another(self, network, settings, drawn_for, drawn_with):
        if settings != drawn_with and len(settings[1]) == len(drawn_with[1]):
            raise ValueError(
                f"rule must be a new {type(self).__name__} for another seed or feedback_scale: its feedback was drawn "
                f"with {drawn_with}, got {settings}; set rule.feedback to share B between networks"
            )
        if overrides(self, "learn") and drawn_for() not in (None, network):
            raise ValueError(
                f"rule must be a new {type(self).__name__} for every network: its feedback learns with another one"
            )

    def feedback_path(self, network):
        """The matrices by which the error comes down, one a hidden layer, input side first: the feedback."""
        return self.feedback

    def deltas(self, network, activations, error):
        """The error signal δa of every layer, input side first; None for a layer that does not learn. Changes nothing.

        activations: as `network.forward` gives them; error: e, (replicas, batch, classes), divided by the batch, so
        the target is activations[-1] - error * error.shape[1].
        Here δa_l = (δa_{l+1} M_l) ⊙ f'(a_l), with the matrices M of `feedback_path`.
        """
        deltas = [error]
        for M, h in zip(self.feedback_path(network)[::-1], activations[-2:0:-1], strict=True):
            deltas.insert(0, (deltas[0] @ M) * network.derivative(h))
        return deltas

    def learn(self, network, activations, deltas, optimizer):
        """Change the feedback, in place, after the weights' update of one step. Nothing, unless the feedback learns.

        deltas: as the step used them, None for a layer whose weights stood still. optimizer: with `update_feedback`,
        and its settings learning_rate and weight_decay, (replicas, 1, 1).
        """

    def step(self, network, activations, target, optimizer):
        """One training step after the forward pass. A method of two phases overrides this."""
        deltas = self.deltas(network, activations, losses.error_signal(network, activations[-1], target))
        deltas = [delta if layer in optimizer.layers else None for layer, delta in enumerate(deltas)]
        for layer, (below, delta) in enumerate(zip(activations, deltas, strict=False)):
            if delta is not None:
                optimizer.update(layer, below, delta)
        self.learn(network, activations, deltas, optimizer)


def overrides(rule, method):
    """Whether `rule` has another `method`, by name, than `Rule`: with "learn", whether its feedback learns."""
    return getattr(getattr(rule, method), "__func__", None) is not getattr(Rule, method)


@register
class Backpropagation(Rule):
    """δa_l = (δa_{l+1} W_{l+1}ᵀ) ⊙ f'(a_l): the error returns through the forward weights, transposed."""

    name = "bp"

    def feedback_path(self, network):
        return [W.mT for W in network.weights[1:]]


@register
class FeedbackAlignment(Rule):
    """δa_l = (δa_{l+1} B_l) ⊙ f'(a_l): the same, through fixed random B (Lillicrap et al. 2016)."""

    name = "fa"

    def feedback_shapes(self, sizes):
        return [(n_from, n_to) for n_to, n_from in pairwise(sizes[1:])]


@register
class DirectFeedbackAlignment(Rule):
    """δa_l = (e B_l) ⊙ f'(a_l): every hidden layer hears the output's error itself (Nøkland 2016)."""

    name, direct = "dfa", True

    def feedback_shapes(self, sizes):
        return [(sizes[-1], n_to) for n_to in sizes[1:-1]]

    def deltas(self, network, activations, error):
        hidden = zip(self.feedback, activations[1:-1], strict=True)
        return [(error @ B) * network.derivative(h) for B, h in hidden] + [error]


@register
class IndirectFeedbackAlignment(Rule):
    """The error enters the first hidden layer as in DFA, and the signal is carried on *forward*:
    δa_1 = (e B_1) ⊙ f'(a_1), δa_{l+1} = (δa_l W_{l+1}) ⊙ f'(a_{l+1}) (Nøkland 2016)."""

    name, direct = "ifa", True

    def feedback_shapes(self, sizes):
        return [(sizes[-1], n_to) for n_to in sizes[1:2] if len(sizes) > 2]

    def deltas(self, network, activations, error):
        if not self.feedback:
            return [error]
        deltas = [(error @ self.feedback[0]) * network.derivative(activations[1])]
        for W, h in zip(network.weights[1:-1], activations[2:-1], strict=True):
            deltas.append((deltas[-1] @ W) * network.derivative(h))
        return [*deltas, error]


@register
class Shallow(Rule):
    """Only the output layer learns; the hidden layers keep their random start. The control for all others."""

    name = "shallow"

    def deltas(self, network, activations, error):
        return [None] * (len(activations) - 2) + [error]
