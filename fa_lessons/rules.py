"""The learning rules: where the error goes. Read from top to bottom, this file is the field.

A network's hidden layer computes h = f(a) with a = h_below @ W + b. Every rule here changes the weights by the
same product of what comes in below and an error signal δa for the layer,

    δW_l = -learning_rate · h_{l-1}ᵀ δa_l        (Nøkland 2016, eq. for δW_k, in row vectors),

and the rules differ in nothing but how δa reaches the hidden layers from the output's error e = prediction - target.
"""

from itertools import pairwise

from fa_lessons import inputs
from fa_lessons.draws import uniform

RULES = {}


class Rule:
    """What the rules have in common: a name to be found by, and fixed random feedback matrices.

    feedback_scale: feedback is uniform in ± feedback_scale / sqrt(number of errors that it adds up),
        independently for every layer and replica, from `seed` (the network's own seed when left out).
    feedback: the list of feedback matrices B, each (replicas, n_from, n_to), set by `attach`.
    """

    def __init_subclass__(cls):
        RULES[cls.name] = cls

    def __init__(self, feedback_scale=1.0, seed=None):
        self.feedback_scale, self.seed, self.feedback = feedback_scale, seed, None

    def feedback_shapes(self, sizes):
        """(n_from, n_to) of each feedback matrix in a network of these layer sizes; none by default."""
        return []

    def attach(self, network):
        """Draw the feedback that fits `network`, unless there is some already; return the rule."""
        if self.feedback is None:
            seed = network.seed if self.seed is None else self.seed
            scale = inputs.per_replica("feedback_scale", self.feedback_scale, network.replicas)
            self.feedback = [
                uniform(shape, scale / shape[0] ** 0.5, network.replicas, (seed, self.name, layer)).to(
                    network.device, network.dtype
                )
                for layer, shape in enumerate(self.feedback_shapes(network.sizes))
            ]
        return self

    def select(self, chosen):
        """A copy of this rule with the feedback of the `chosen` replicas only."""
        part = type(self)(self.feedback_scale, self.seed)
        part.feedback = None if self.feedback is None else [B[chosen].clone() for B in self.feedback]
        return part

    def deltas(self, network, activations, error):
        """The error signal δa of every layer, input side first; None for a layer that does not learn.

        activations: as `network.forward` gives them; error: (replicas, batch, classes).
        """
        raise NotImplementedError


class Backpropagation(Rule):
    """δa_l = (δa_{l+1} W_{l+1}ᵀ) ⊙ f'(a_l): the error returns through the forward weights, transposed."""

    name = "bp"

    def deltas(self, network, activations, error):
        deltas = [error]
        for W, h in zip(network.weights[:0:-1], activations[-2:0:-1], strict=True):
            deltas.insert(0, (deltas[0] @ W.mT) * network.derivative(h))
        return deltas


class FeedbackAlignment(Rule):
    """δa_l = (δa_{l+1} B_l) ⊙ f'(a_l): the same, through fixed random B (Lillicrap et al. 2016)."""

    name = "fa"

    def feedback_shapes(self, sizes):
        return [(n_from, n_to) for n_to, n_from in pairwise(sizes[1:])]

    def deltas(self, network, activations, error):
        deltas = [error]
        for B, h in zip(self.feedback[::-1], activations[-2:0:-1], strict=True):
            deltas.insert(0, (deltas[0] @ B) * network.derivative(h))
        return deltas


class DirectFeedbackAlignment(Rule):
    """δa_l = (e B_l) ⊙ f'(a_l): every hidden layer hears the output's error itself (Nøkland 2016)."""

    name = "dfa"

    def feedback_shapes(self, sizes):
        return [(sizes[-1], n_to) for n_to in sizes[1:-1]]

    def deltas(self, network, activations, error):
        hidden = zip(self.feedback, activations[1:-1], strict=True)
        return [(error @ B) * network.derivative(h) for B, h in hidden] + [error]


class IndirectFeedbackAlignment(Rule):
    """The error enters the first hidden layer as in DFA, and the signal is carried on *forward*:
    δa_1 = (e B_1) ⊙ f'(a_1), δa_{l+1} = (δa_l W_{l+1}) ⊙ f'(a_{l+1}) (Nøkland 2016)."""

    name = "ifa"

    def feedback_shapes(self, sizes):
        return [(sizes[-1], n_to) for n_to in sizes[1:2] if len(sizes) > 2]

    def deltas(self, network, activations, error):
        if not self.feedback:
            return [error]
        deltas = [(error @ self.feedback[0]) * network.derivative(activations[1])]
        for W, h in zip(network.weights[1:-1], activations[2:-1], strict=True):
            deltas.append((deltas[-1] @ W) * network.derivative(h))
        return [*deltas, error]


class Shallow(Rule):
    """Only the output layer learns; the hidden layers keep their random start. The control for all others."""

    name = "shallow"

    def deltas(self, network, activations, error):
        return [None] * (len(activations) - 2) + [error]


def resolve(rule, network):
    """The rule object for a name or a rule object, attached to `network` and remembered there.

    A name that the network has met before gives the same object, with the same feedback.
    Raises ValueError for an unknown name, listing the known ones, and for feedback of the wrong shape.
    """
    if not isinstance(rule, Rule):
        if rule not in RULES:
            raise ValueError(f"rule must be one of {', '.join(sorted(RULES))} or a Rule, got {rule!r}")
        rule = network.rules.get(rule) or RULES[rule]()
    rule.attach(network)
    expected = [(network.replicas, *shape) for shape in rule.feedback_shapes(network.sizes)]
    found = [tuple(B.shape) for B in rule.feedback]
    if found != expected:
        raise ValueError(f"rule.feedback must have shapes {expected} for this network, got {found}")
    network.rules[rule.name] = rule
    return rule
