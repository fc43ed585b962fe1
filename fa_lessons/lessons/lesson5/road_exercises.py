"""Exercises 5.1 and 5.2: the roads of DFA and IFA, written down."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.results import same


def _slope(h):
    return 1 - h**2


# 5.1 Unit by unit: the error comes straight from the output.
def _dfa(error, feedback, hidden):
    return [_through(error, B, h) for B, h in zip(feedback, hidden, strict=True)]


# 5.2 Unit by unit: the error enters at the bottom, and W carries the signal on.
def _ifa(error, B, weights, hidden):
    signal, result = error, []
    for matrix, h in zip([B, *weights], hidden, strict=True):
        signal = _through(signal, matrix, h)
        result.append(signal)
    return result


def _through(signal, matrix, h):
    """What reaches each unit through `matrix`, times the slope of tanh there."""
    delta = np.empty_like(h)
    for example, unit in np.ndindex(*h.shape):
        sent = sum(signal[example, k] * matrix[k, unit] for k in range(signal.shape[1]))
        delta[example, unit] = sent * (1 - h[example, unit] ** 2)
    return delta


def _chain(error, matrices, hidden, slope=_slope, upward=True, handed_on=None):
    """Error through `matrices` one after the other, from the bottom layer up or from the top layer down.

    `handed_on(signal, error, h)` is what a layer hands on, where that is not its signal.
    """
    pairs = list(zip(matrices, hidden, strict=True))
    result, signal = [], error
    for matrix, h in pairs if upward else pairs[::-1]:
        sent = signal @ matrix
        result.append(sent * slope(h))
        signal = handed_on(sent, error, h) if handed_on else result[-1]
    return result if upward else result[::-1]


def _ups(e, B, W, h, **options):
    """IFA's road with `options` of `_chain`."""
    return _chain(e, [B, *W], h, **options)


def _per_layer(signal):
    """A wrong DFA: the list of `signal(error, B, h)` over the layers."""
    return lambda e, feedback, hidden: [signal(e, B, h) for B, h in zip(feedback, hidden, strict=True)]


def _draw_square(rng):
    """All widths equal, so that the wrong roads, too, run to their end; the batch is of another size."""
    units, batch = (int(n) for n in rng.choice(np.arange(2, 8), 2, replace=False))
    return _dfa_case(rng, batch, units, [units] * rng.integers(2, 5))


def _draw_square_ifa(rng):
    error, matrices, hidden = _draw_square(rng)
    return error, matrices[0], matrices[1:], hidden


def _dfa_case(rng, batch, outputs, widths):
    feedback = [rng.normal(size=(outputs, width)) for width in widths]
    return rng.normal(size=(batch, outputs)), feedback, _activations(rng, batch, widths)


def _ifa_case(rng, batch, outputs, widths):
    first, *weights = (rng.normal(size=shape) for shape in zip([outputs, *widths], widths, strict=False))
    return rng.normal(size=(batch, outputs)), first, weights, _activations(rng, batch, widths)


def _activations(rng, batch, widths):
    return [rng.uniform(-0.95, 0.95, size=(batch, width)) for width in widths]


SIZES = (  # batch, outputs, widths of the hidden layers, all of them different
    (4, 3, [7, 5]),
    (3, 10, [8, 6, 4]),
    (5, 4, [2, 6, 3, 7]),
    (2, 5, [3]),
    (1, 3, [4, 2]),
    (3, 1, [2, 4]),
)


def _unequal(case):
    return lambda: [case(np.random.default_rng(5), *sizes) for sizes in SIZES]


def _skips_the_layers_above(answer, arguments):
    error, feedback, hidden = arguments
    changed = [*hidden[:-1], hidden[-1] / 2]
    return same(answer(error, feedback, changed)[0], answer(error, feedback, hidden)[0], 1e-3, 1e-4)


def _first_layer_ignores_the_weights(answer, arguments):
    error, B, weights, hidden = arguments
    changed = [W + 1 for W in weights]
    return same(answer(error, B, changed, hidden)[0], answer(error, B, weights, hidden)[0], 1e-3, 1e-4)


ROADS = {
    "dfa_deltas": Exercise(
        reference=_dfa,
        draw=_draw_square,
        hint="For every layer: the output's error, that layer's own B, that layer's own slope.",
        mistakes=(
            *likewise(
                Mistake(
                    "sends every layer the output's error",
                    "Your signal still goes down from layer to layer: that is FA. Which signal does DFA hand to every "
                    "B?",
                    lambda e, B, h: _chain(e, B, h, upward=False),
                ),
                lambda e, B, h: _chain(e, B, h, upward=False)[::-1],
                lambda e, B, h: _chain(e, B, h, upward=False, slope=np.ones_like),
            ),
            *likewise(
                Mistake(
                    "goes straight to every layer",
                    "Your signal goes up from layer to layer. In DFA nothing is handed on: every layer hears the "
                    "output itself.",
                    lambda e, B, h: _chain(e, B, h),
                ),
                lambda e, B, h: _chain(e, B, h, slope=np.ones_like),
            ),
            Mistake(
                "multiplies by the slope of the hidden units",
                "The error has reached the units' output h. It must pass the units themselves, too.",
                _per_layer(lambda e, B, h: e @ B),
            ),
            *likewise(
                Mistake(
                    "uses the slope of tanh",
                    "h (1 − h) is the slope of a sigmoid, and h > 0 that of relu. These units are tanh.",
                    _per_layer(lambda e, B, h: (e @ B) * h * (1 - h)),
                ),
                _per_layer(lambda e, B, h: (e @ B) * (h > 0)),
            ),
            *likewise(
                Mistake(
                    "takes the slope from the activation",
                    "`hidden` has passed tanh already. In terms of h the slope of tanh is a square less than 1, no "
                    "other function.",
                    _per_layer(lambda e, B, h: (e @ B) * (1 - np.tanh(h) ** 2)),
                ),
                _per_layer(lambda e, B, h: (e @ B) * (1 - h)),
                _per_layer(lambda e, B, h: (e @ B) * (1 + h**2)),
                _per_layer(lambda e, B, h: (e @ B) * h),
            ),
            Mistake(
                "applies the slope behind B",
                "The slope belongs to the hidden units, which the signal reaches after B, not before.",
                _per_layer(lambda e, B, h: (e * _slope(h)) @ B),
            ),
            *likewise(
                Mistake(
                    "uses B as it is given",
                    "Each B is (n_out, n_hidden) already, ready for e @ B. Do not transpose it.",
                    _per_layer(lambda e, B, h: (e @ B.T) * _slope(h)),
                ),
            ),
            Mistake(
                "lists the layers from the input side",
                "Your signals are right, in the wrong order: the first of the list belongs to the first hidden layer.",
                lambda e, B, h: _dfa(e, B, h)[::-1],
            ),
            *likewise(
                Mistake(
                    "pairs each B with its own layer",
                    "A layer's B meets another layer's activation: one of the two lists is turned round, or stands "
                    "still.",
                    lambda e, B, h: _dfa(e, B[::-1], h),
                ),
                lambda e, B, h: _dfa(e, B, h[::-1]),
                lambda e, B, h: _dfa(e, B, [h[-1]] * len(h)),
                lambda e, B, h: _dfa(e, B, [h[0]] * len(h)),
            ),
            *likewise(
                Mistake(
                    "gives every layer its own B",
                    "All your layers share one B.",
                    lambda e, B, h: _dfa(e, [B[0]] * len(h), h),
                ),
                lambda e, B, h: _dfa(e, [B[-1]] * len(h), h),
            ),
            Mistake(
                "keeps the sign of the error",
                "The update subtracts; the signal itself has no minus sign.",
                _per_layer(lambda e, B, h: -(e @ B) * _slope(h)),
            ),
            Mistake(
                "does not average",
                "Nothing is divided here: every example has its own signal.",
                _per_layer(lambda e, B, h: (e @ B) * _slope(h) / len(e)),
            ),
        ),
        properties=(
            Property(
                "does not pass through the layers above",
                "Change the top layer's activation: in DFA the first layer's signal stays the same.",
                _skips_the_layers_above,
            ),
            cases(
                "works for layers of any width",
                "The layers of a network differ in width, and from the number of outputs. Every B fits its own layer "
                "as it is: no transpose, no reshape.",
                _dfa,
                _unequal(_dfa_case),
            ),
        ),
    ),
    "ifa_deltas": Exercise(
        reference=_ifa,
        draw=_draw_square_ifa,
        hint="The signal of a layer is made of the signal below it, the weights between the two, and its own slope.",
        mistakes=(
            *likewise(
                Mistake(
                    "carries the signal on through W",
                    "You use Wᵀ. IFA goes forward, the way the activation goes: δ @ W.",
                    lambda e, B, W, h: _ups(e, B, [matrix.T for matrix in W], h),
                ),
                lambda e, B, W, h: _ups(e, B.T, W, h),
            ),
            Mistake(
                "carries the signal on",
                "You hand the output's error to every layer. Only the first hidden layer hears it; what does the "
                "second one hear?",
                lambda e, B, W, h: _dfa(e, [B] * len(h), h),
            ),
            *likewise(
                Mistake(
                    "carries on the signal below, not the error",
                    "Your upper layers hear the output's error through W. What W carries is the signal of the layer "
                    "below.",
                    lambda e, B, W, h: _dfa(e, [B, *W], h),
                ),
                lambda e, B, W, h: _dfa(e, [B, *(B @ matrix for matrix in W)], h),
                lambda e, B, W, h: [
                    _through(e, B, h[0]),
                    *(_through(e @ B, w, x) for w, x in zip(W, h[1:], strict=True)),
                ],
            ),
            *likewise(
                Mistake(
                    "multiplies by the slope in every layer",
                    "Your signal passes W but not the units, at least not in all layers: every layer has its own f'.",
                    lambda e, B, W, h: _ups(e, B, W, h, slope=np.ones_like),
                ),
                lambda e, B, W, h: [_through(e, B, h[0]), *_chain(_through(e, B, h[0]), W, h[1:], slope=np.ones_like)],
                lambda e, B, W, h: [e @ B, *_chain(e @ B, W, h[1:])],
            ),
            Mistake(
                "hands on the signal with its slope",
                "Each δa has its slope, but what you carry on to the next layer has none.",
                lambda e, B, W, h: _ups(e, B, W, h, handed_on=lambda sent, error, x: sent),
            ),
            *likewise(
                Mistake(
                    "uses the slope of tanh",
                    "h (1 − h) is the slope of a sigmoid, and h > 0 that of relu. These units are tanh.",
                    lambda e, B, W, h: _ups(e, B, W, h, slope=lambda x: x * (1 - x)),
                ),
                lambda e, B, W, h: _ups(e, B, W, h, slope=lambda x: 1.0 * (x > 0)),
            ),
            *likewise(
                Mistake(
                    "takes the slope from the activation",
                    "`hidden` has passed tanh already. In terms of h the slope of tanh is a square less than 1, no "
                    "other function.",
                    lambda e, B, W, h: _ups(e, B, W, h, slope=lambda x: 1 - np.tanh(x) ** 2),
                ),
                lambda e, B, W, h: _ups(e, B, W, h, slope=lambda x: 1 - x),
                lambda e, B, W, h: _ups(e, B, W, h, slope=lambda x: 1 + x**2),
            ),
            *likewise(
                Mistake(
                    "starts at the bottom",
                    "You enter at the top hidden layer and go down. In IFA the error enters at the first hidden layer.",
                    lambda e, B, W, h: _chain(e, [*W, B], h, upward=False),
                ),
                lambda e, B, W, h: _chain(e, [*(matrix.T for matrix in W), B], h, upward=False),
                lambda e, B, W, h: _chain(e, [B, *W][::-1], h, upward=False),
            ),
            *likewise(
                Mistake(
                    "lists the layers from the input side",
                    "Your signals are right, in the wrong order: the first of the list belongs to the first hidden "
                    "layer.",
                    lambda e, B, W, h: _ifa(e, B, W, h)[::-1],
                ),
            ),
            *likewise(
                Mistake(
                    "pairs the weights with their own layers",
                    "Weights and activations do not belong together: one of the two lists is turned round, or one "
                    "place off.",
                    lambda e, B, W, h: _ifa(e, B, W[::-1], h),
                ),
                lambda e, B, W, h: _ifa(e, B, W, h[::-1]),
                lambda e, B, W, h: _ifa(e, B, W, [h[0], *h[:-1]]),
            ),
            Mistake(
                "sends the error to the first layer alone",
                "You add the output's error in every layer. That is DFA and IFA at once.",
                lambda e, B, W, h: [
                    _through(e, B, h[0]),
                    *(d + _through(e, B, x) for d, x in zip(_ifa(e, B, W, h)[1:], h[1:], strict=True)),
                ],
            ),
            Mistake(
                "keeps the sign of the error",
                "The update subtracts; the signal itself has no minus sign.",
                lambda e, B, W, h: _ifa(-e, B, W, h),
            ),
        ),
        properties=(
            Property(
                "gives the first layer a signal without weights",
                "Change every W: the first hidden layer's signal is made of e and B alone.",
                _first_layer_ignores_the_weights,
            ),
            cases(
                "works for layers of any width",
                "The layers of a network differ in width, and from the number of outputs. B and every W fit as they "
                "are: no transpose, no reshape. A single hidden layer has no W above it.",
                _ifa,
                _unequal(_ifa_case),
            ),
        ),
    ),
}
