"""Exercises 5.3 to 5.6: the length of a signal, layer by layer."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 5.3 By counting the B's on each layer's road, one hop at a time.
def _length_factors(rule, c, depth):
    factors = []
    for layer in range(depth):
        hops = range(layer, depth) if rule == "fa" else range(1)
        factors.append(np.prod([c for _ in hops]))
    return np.array(factors)


def _draw_factors(rng):
    c = rng.uniform(1.5, 4) if rng.integers(2) else rng.uniform(0.3, 0.7)
    return str(rng.choice(["fa", "dfa", "ifa"])), float(c), int(rng.integers(3, 7))


def _all_rules():
    """Every rule, in networks of one to six hidden layers; the lesson's own c = 3, and a c without effect."""
    return [(rule, c, depth) for rule in ("fa", "dfa", "ifa") for depth in range(1, 7) for c in (3.0, 0.5, 1.0, 2)]


def _powers(**of):
    """A wrong answer: c to the given powers, a function of the layers 1 … depth and depth, for the rules named."""

    def wrong(rule, c, depth):
        return c ** of[rule](np.arange(1.0, depth + 1), depth) if rule in of else _length_factors(rule, c, depth)

    return wrong


def _factors(**of):
    """A wrong answer: other factors, a function of c, the layers and depth, for the rules named."""

    def wrong(rule, c, depth):
        return of[rule](c, np.arange(1.0, depth + 1), depth) if rule in of else _length_factors(rule, c, depth)

    return wrong


def _one(layers, depth):
    return np.ones(depth)


def _none(layers, depth):
    return np.zeros(depth)


def _down(layers, depth):
    return depth - layers + 1


def _up(layers, depth):
    return layers


# 5.4 One layer at a time: a sum of n terms, each weight of variance scale² / 3n.
def _shrinkage(scale, layers):
    squared = 1.0
    for _ in range(layers):
        squared *= scale**2 / 3
    return np.sqrt(squared)


def _known_depths():
    return [(1.0, 40), (1.0, 1), (3**0.5, 100), (2.0, 0), (6.0, 3)]


# 5.6 By the mean square of what a leaky unit hands on, for a symmetric input of variance 1, summed up numerically.
def _keeping_scale(slope):
    step = 1e-4
    a = np.arange(step / 2, 12, step)
    density = np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
    handed_on = ((a**2 + (slope * a) ** 2) * density).sum() * step
    return np.sqrt(3 / handed_on)


def _known_slopes():
    return [(0.0,), (1.0,), (0.01,), (0.5,)]


# 5.5 The first depth at which the signal of the bottom layer has shrunk below a thousandth.
def _first_depth_lost():
    return next(depth for depth in (1, 2, 4, 7, 20, 100) if _shrinkage(1, depth) < 1e-3)


DEPTH = {
    "length_factors": Exercise(
        reference=_length_factors,
        draw=_draw_factors,
        labels=("the factors, one a hidden layer",),
        hint="Count how many B's lie on the road from the output to each hidden layer.",
        mistakes=(
            *likewise(
                Mistake(
                    "gives one factor for each layer",
                    "One number is not enough, even where all layers share it: one factor for each hidden layer.",
                    _factors(dfa=lambda c, layers, depth: c, ifa=lambda c, layers, depth: c),
                ),
                lambda rule, c, depth: c,
                _factors(dfa=lambda c, layers, depth: c),
            ),
            *likewise(
                Mistake(
                    "counts every B on FA's road",
                    "In FA the signal of a low layer has passed a B at every layer above it, each c times as long.",
                    _powers(fa=_one),
                ),
                _powers(fa=lambda layers, depth: np.minimum(2, depth - layers + 1)),
            ),
            *likewise(
                Mistake(
                    "starts with the first hidden layer",
                    "Your factors belong to the layers in the reverse order: the first hidden layer is farthest from "
                    "the output.",
                    _powers(fa=_up),
                ),
                _powers(fa=lambda layers, depth: layers - 1),
            ),
            Mistake(
                "gives the top hidden layer one B",
                "You are one B short: the top hidden layer, too, receives its signal through a B.",
                _powers(fa=lambda layers, depth: depth - layers),
            ),
            Mistake(
                "counts no B at the output",
                "You are one B too many in FA: the output layer's own signal passes none.",
                _powers(fa=lambda layers, depth: depth - layers + 2),
            ),
            *likewise(
                Mistake(
                    "multiplies what stands in a row",
                    "You added: two matrices, each c times as long, one after the other, do not give 2 c.",
                    _factors(fa=lambda c, layers, depth: c * (depth - layers + 1)),
                ),
                _factors(fa=lambda c, layers, depth: c * layers),
            ),
            Mistake(
                "gives each layer its own power in FA",
                "All your layers have the bottom layer's factor. How many B's does the top one's signal pass?",
                _powers(fa=lambda layers, depth: depth * np.ones(depth)),
            ),
            *likewise(
                Mistake(
                    "counts B only once in IFA",
                    "IFA has a single B. What carries the signal on are forward weights, which nobody has rescaled.",
                    _powers(ifa=_up),
                ),
                _powers(ifa=_down),
            ),
            *likewise(
                Mistake(
                    "keeps IFA's factor on the way up",
                    "W carries on what it is given: a first signal c times as long makes the next one longer, too.",
                    _powers(ifa=lambda layers, depth: 1.0 * (layers == 1)),
                ),
                _powers(ifa=_none),
            ),
            *likewise(
                Mistake(
                    "counts B only once in DFA",
                    "In DFA every layer has a line of its own from the output: how many B's lie on it?",
                    _powers(dfa=_down),
                ),
                _powers(dfa=_up),
                _powers(dfa=_down, ifa=_down),
                _powers(dfa=_up, ifa=_up),
                _powers(dfa=_none),
                _powers(dfa=_none, ifa=_none),
            ),
        ),
        properties=(
            cases(
                "holds for every rule, depth and c",
                "The three rules, one to six hidden layers, a c above 1 and one below.",
                _length_factors,
                _all_rules,
            ),
        ),
    ),
    "shrinkage": Exercise(
        reference=_shrinkage,
        draw=lambda rng: (float(rng.uniform(0.5, 3)), int(rng.integers(2, 41))),
        atol=0,
        hint="How long is h @ W compared with h, when W has n × n entries uniform in ± scale / √n?",
        mistakes=(
            *likewise(
                Mistake(
                    "turns the bound into a standard deviation",
                    "The bound of uniform numbers is not their standard deviation. What is the mean of their squares?",
                    lambda scale, layers: scale**layers,
                ),
                lambda scale, layers: (scale / np.sqrt(12)) ** layers,
                lambda scale, layers: (scale / 2) ** layers,
                lambda scale, layers: (scale / np.sqrt(2)) ** layers,
            ),
            *likewise(
                Mistake(
                    "is a factor of lengths",
                    "You have the factor of squared lengths (of variances). Take the square root.",
                    lambda scale, layers: (scale**2 / 3) ** layers,
                ),
            ),
            *likewise(
                Mistake(
                    "takes one square root",
                    "The root of the variance is the standard deviation, which is the factor already: of scale and of "
                    "3 alike, once.",
                    lambda scale, layers: (scale / np.sqrt(3)) ** (layers / 2),
                ),
                lambda scale, layers: (scale / 3) ** layers,
                lambda scale, layers: (scale**2 / np.sqrt(3)) ** layers,
            ),
            *likewise(
                Mistake(
                    "multiplies from layer to layer",
                    "The factors of successive layers multiply; you added them.",
                    lambda scale, layers: layers * scale / np.sqrt(3),
                ),
                lambda scale, layers: scale / np.sqrt(3) / layers,
            ),
            *likewise(
                Mistake(
                    "takes the layers into account",
                    "That is the factor of a single layer.",
                    lambda scale, layers: scale / np.sqrt(3),
                ),
            ),
            *likewise(
                Mistake(
                    "raises all of it to the power",
                    "Every layer brings the whole factor: both the scale and the √3.",
                    lambda scale, layers: scale * (1 / np.sqrt(3)) ** layers,
                ),
                lambda scale, layers: scale**layers / np.sqrt(3),
                lambda scale, layers: (1 / np.sqrt(3)) ** layers,
                lambda scale, layers: scale**layers / 3,
            ),
            *likewise(
                Mistake(
                    "counts every layer",
                    "You are one layer short, or one too many: `layers` matrices, `layers` factors.",
                    lambda scale, layers: (scale / np.sqrt(3)) ** (layers - 1),
                ),
                lambda scale, layers: (scale / np.sqrt(3)) ** (layers + 1),
            ),
            *likewise(
                Mistake(
                    "is the length after, over the length before",
                    "That is the inverse: a small scale must give a factor below 1.",
                    lambda scale, layers: (np.sqrt(3) / scale) ** layers,
                ),
                lambda scale, layers: (scale / np.sqrt(3)) ** -layers,
            ),
        ),
        properties=(
            cases(
                "holds for the lesson's own numbers",
                "Scale 1 over 1 and 40 layers, a scale at which lengths stay, no layer at all: does yours hold there?",
                _shrinkage,
                _known_depths,
                atol=0,
            ),
        ),
    ),
    "keeping_scale": Exercise(
        reference=_keeping_scale,
        draw=lambda rng: (float(rng.uniform(0.05, 0.95)),),
        hint="What is the mean of f(a)² compared with that of a², when half of the a are negative?",
        mistakes=(
            *likewise(
                Mistake(
                    "counts what the units lose",
                    "That keeps lengths in a linear layer. These units hand on less: they cut down half of their "
                    "inputs.",
                    lambda slope: np.sqrt(3),
                ),
                lambda slope: 1.0,
            ),
            *likewise(
                Mistake(
                    "adds mean squares",
                    "Lengths add up by their squares: half of the inputs keep a², the other half keep (slope · a)².",
                    lambda slope: 2 * np.sqrt(3) / (1 + slope),
                ),
                lambda slope: np.sqrt(6 / (1 + slope)),
            ),
            *likewise(
                Mistake(
                    "lets negative inputs through, shortened",
                    "At this slope the units are not relu: negative inputs come through, too, slope times as large.",
                    lambda slope: np.sqrt(6),
                ),
            ),
            *likewise(
                Mistake(
                    "turns a standard deviation into a bound",
                    "That is the weights' standard deviation times √n. The bound of uniform numbers is √3 times that.",
                    lambda slope: np.sqrt(2 / (1 + slope**2)),
                ),
            ),
            *likewise(
                Mistake(
                    "takes the square root",
                    "You have the square of the scale: the variance that the weights need, times 3n.",
                    lambda slope: 6 / (1 + slope**2),
                ),
            ),
            *likewise(
                Mistake(
                    "halves once",
                    "Only half of the inputs are positive, and only half are negative: both halves need their ½.",
                    lambda slope: np.sqrt(3 / (1 + slope**2)),
                ),
                lambda slope: np.sqrt(3 / (0.5 + slope**2)),
            ),
        ),
        properties=(
            cases(
                "holds for a linear unit and for relu",
                "Slope 1 is a linear unit: there exercise 5.4 knows the answer. Slope 0 is relu.",
                _keeping_scale,
                _known_slopes,
                atol=0,
            ),
        ),
        rtol=1e-5,
    ),
    "first_depth_lost": Exercise(
        reference=_first_depth_lost,
        mistakes=(
            Mistake(
                "tells slow from stuck",
                "With 7 hidden layers backprop is late, but it gets there. Compute the shrinkage of its signal at the "
                "next depth.",
                lambda: 7,
            ),
            Mistake(
                "finds the first such depth",
                "100 layers are lost, to be sure. Is there a smaller depth in the list that is?",
                lambda: 100,
            ),
            *likewise(
                Mistake(
                    "multiplies the gains",
                    "The signal loses a factor 1.7 a layer. So few layers leave a ninth of it or more, and the "
                    "optimiser, which divides by the gradient's size, makes up for that.",
                    lambda: 4,
                ),
                lambda: 2,
                lambda: 1,
            ),
            *likewise(
                Mistake(
                    "is one of the depths trained",
                    "That is near the depth at which a signal has shrunk to a thousandth. Which of the networks is the "
                    "first beyond it?",
                    lambda: 13,
                ),
                *(lambda n=n: n for n in (12, 14, 12.58, 12.57, 12.6)),
            ),
            *likewise(
                Mistake("is a number of layers", "That is a width, or an index. The depth is asked for.", lambda: 64),
                *(lambda n=n: n for n in (240, 0, 5)),
            ),
        ),
        hint="Choose one of 1, 2, 4, 7, 20, 100.",
    ),
}
