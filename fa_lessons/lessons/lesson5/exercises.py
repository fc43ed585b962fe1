"""Exercises of lesson 5: DFA and IFA in deep networks."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


def _dfa(error, feedback, hidden):
    """Unit by unit: the error comes straight from the output."""
    result = []
    for B, h in zip(feedback, hidden, strict=True):
        delta = np.empty_like(h)
        for example, unit in np.ndindex(*h.shape):
            sent = sum(error[example, k] * B[k, unit] for k in range(error.shape[1]))
            delta[example, unit] = sent * (1 - h[example, unit] ** 2)
        result.append(delta)
    return result


def _ifa(error, B, weights, hidden):
    """Unit by unit: the error enters at the bottom, and W carries the signal on."""
    below, result = error, []
    for matrix, h in zip([B, *weights], hidden, strict=True):
        delta = np.empty_like(h)
        for example, unit in np.ndindex(*h.shape):
            sent = sum(below[example, k] * matrix[k, unit] for k in range(below.shape[1]))
            delta[example, unit] = sent * (1 - h[example, unit] ** 2)
        below = delta
        result.append(delta)
    return result


def _chain(error, matrices, hidden, slope=lambda h: 1 - h**2, upward=True):
    """Error through `matrices` one after the other, from the bottom layer up or from the top layer down."""
    pairs = list(zip(matrices, hidden, strict=True))
    result, signal = [], error
    for matrix, h in pairs if upward else pairs[::-1]:
        signal = (signal @ matrix) * slope(h)
        result.append(signal)
    return result if upward else result[::-1]


def _draw_deep(rng):
    batch, units, layers = rng.integers(2, 5), rng.integers(3, 6), rng.integers(2, 5)
    matrices = [rng.normal(size=(units, units)) for _ in range(layers)]
    hidden = [rng.uniform(-0.9, 0.9, size=(batch, units)) for _ in range(layers)]
    return rng.normal(size=(batch, units)), matrices, hidden


def _draw_ifa(rng):
    error, matrices, hidden = _draw_deep(rng)
    return error, matrices[0], matrices[1:], hidden


def _skips_the_layers_above(answer, arguments):
    error, feedback, hidden = arguments
    changed = [*hidden[:-1], hidden[-1] / 2]
    return np.allclose(answer(error, feedback, hidden)[0], answer(error, feedback, changed)[0])


def _first_layer_ignores_the_weights(answer, arguments):
    error, B, weights, hidden = arguments
    return np.allclose(answer(error, B, weights, hidden)[0], answer(error, B, [W + 1 for W in weights], hidden)[0])


def _length_factors(rule, c, depth):
    """By counting the B's on each layer's road, one hop at a time."""
    factors = []
    for layer in range(depth):
        hops = range(layer, depth) if rule == "fa" else range(1)
        factors.append(np.prod([c for _ in hops]))
    return np.array(factors)


def _draw_factors(rng):
    return str(rng.choice(["fa", "dfa", "ifa"])), float(rng.uniform(1.5, 4)), int(rng.integers(3, 7))


def _powers(of_fa=None, of_ifa=None):
    """A wrong answer: c to the given powers (a function of the layers 1 … depth, and depth) for FA, or for IFA."""

    def wrong(rule, c, depth):
        power = {"fa": of_fa, "ifa": of_ifa}.get(rule)
        return _length_factors(rule, c, depth) if power is None else c ** power(np.arange(1, depth + 1), depth)

    return wrong


def _probe_error(train_features, train_labels, test_features, test_labels):
    """Ridge regression as least squares with one more row for every weight."""
    A = np.column_stack([train_features, np.ones(len(train_features))])
    targets = (train_labels[:, None] == np.arange(10)).astype(float)
    A, targets = np.vstack([A, np.eye(A.shape[1])]), np.vstack([targets, np.zeros((A.shape[1], 10))])
    readout = np.linalg.lstsq(A, targets, rcond=None)[0]
    scores = test_features @ readout[:-1] + readout[-1]
    return 100 * np.mean(scores.argmax(1) != test_labels)


def _without_bias(train_features, train_labels, test_features, test_labels):
    gram = train_features.T @ train_features + np.eye(train_features.shape[1])
    readout = np.linalg.solve(gram, train_features.T @ np.eye(10)[train_labels])
    return 100 * np.mean((test_features @ readout).argmax(1) != test_labels)


def _regression_on_the_digit(train_features, train_labels, test_features, test_labels):
    A = np.column_stack([train_features, np.ones(len(train_features))])
    readout = np.linalg.solve(A.T @ A + np.eye(A.shape[1]), A.T @ train_labels)
    guess = np.column_stack([test_features, np.ones(len(test_features))]) @ readout
    return 100 * np.mean(np.clip(np.round(guess), 0, 9) != test_labels)


def _draw_features(rng):
    centres = rng.normal(size=(10, 6)) + 2
    labels = [rng.permutation(np.arange(count) % 10) for count in (150, 400)]
    features = [centres[part] + rng.normal(scale=0.7, size=(len(part), 6)) for part in labels]
    return features[0], labels[0], features[1], labels[1]


def _moves_with_the_test_labels(answer, arguments):
    train_features, train_labels, test_features, test_labels = arguments
    shifted = answer(train_features, train_labels, test_features, (test_labels + 1) % 10)
    return shifted > answer(train_features, train_labels, test_features, test_labels)


def _shrinkage(scale, layers):
    """One layer at a time: a sum of n terms, each weight of variance scale² / 3n."""
    squared = 1.0
    for _ in range(layers):
        squared *= scale**2 / 3
    return np.sqrt(squared)


EXERCISES = {
    "dfa_deltas": Exercise(
        reference=_dfa,
        draw=_draw_deep,
        mistakes=(
            Mistake(
                "sends every layer the output's error",
                "Your signal still goes down from layer to layer: that is FA. Which signal does DFA hand to every B?",
                lambda e, B, h: _chain(e, B, h, upward=False),
            ),
            Mistake(
                "multiplies by the slope of the hidden units",
                "The error has reached the units' output h. It must pass the units themselves, too.",
                lambda e, B, h: [e @ matrix for matrix in B],
            ),
            Mistake(
                "uses the slope of tanh",
                "h (1 − h) is the slope of a sigmoid. These units are tanh.",
                lambda e, B, h: [(e @ matrix) * x * (1 - x) for matrix, x in zip(B, h, strict=True)],
            ),
            Mistake(
                "uses B as it is given",
                "Each B is (n_out, n_hidden) already, ready for e @ B. Do not transpose it.",
                lambda e, B, h: [(e @ matrix.T) * (1 - x**2) for matrix, x in zip(B, h, strict=True)],
            ),
            Mistake(
                "lists the layers from the input side",
                "Your signals are right, in the wrong order: the first of the list belongs to the first hidden layer.",
                lambda e, B, h: _dfa(e, B, h)[::-1],
            ),
        ),
        properties=(
            Property(
                "does not pass through the layers above",
                "Change the top layer's activation: in DFA the first layer's signal stays the same.",
                _skips_the_layers_above,
            ),
        ),
    ),
    "ifa_deltas": Exercise(
        reference=_ifa,
        draw=_draw_ifa,
        mistakes=(
            Mistake(
                "carries the signal on through W",
                "You use Wᵀ. IFA goes forward, the way the activation goes: δ @ W.",
                lambda e, B, W, h: _chain(e, [B, *[matrix.T for matrix in W]], h),
            ),
            Mistake(
                "carries the signal on",
                "You hand the output's error to every layer. Only the first hidden layer hears it; what does the "
                "second one hear?",
                lambda e, B, W, h: _dfa(e, [B] * len(h), h),
            ),
            Mistake(
                "multiplies by the slope in every layer",
                "Your signal passes W but not the units: every layer has its own f'.",
                lambda e, B, W, h: _chain(e, [B, *W], h, slope=np.ones_like),
            ),
            Mistake(
                "starts at the bottom",
                "You enter at the top hidden layer and go down. In IFA the error enters at the first hidden layer.",
                lambda e, B, W, h: _chain(e, [*W, B], h, upward=False),
            ),
        ),
        properties=(
            Property(
                "gives the first layer a signal without weights",
                "Change every W: the first hidden layer's signal is made of e and B alone.",
                _first_layer_ignores_the_weights,
            ),
        ),
    ),
    "length_factors": Exercise(
        reference=_length_factors,
        draw=_draw_factors,
        labels=("the factors, one a hidden layer",),
        hint="Count how many B's lie on the road from the output to each hidden layer.",
        mistakes=(
            Mistake(
                "counts every B on FA's road",
                "In FA the signal of a low layer has passed a B at every layer above it, each c times as long.",
                _powers(of_fa=lambda layers, depth: np.ones(depth)),
            ),
            Mistake(
                "starts with the first hidden layer",
                "Your factors belong to the layers in the reverse order: the first hidden layer is farthest from the "
                "output.",
                _powers(of_fa=lambda layers, depth: layers),
            ),
            Mistake(
                "gives the top hidden layer one B",
                "You are one B short: the top hidden layer, too, receives its signal through a B.",
                _powers(of_fa=lambda layers, depth: depth - layers),
            ),
            Mistake(
                "counts B only once in IFA",
                "IFA has a single B. What carries the signal on are forward weights, which nobody has rescaled.",
                _powers(of_ifa=lambda layers, depth: layers),
            ),
        ),
    ),
    "shrinkage": Exercise(
        reference=_shrinkage,
        draw=lambda rng: (float(rng.uniform(0.5, 3)), int(rng.integers(2, 30))),
        hint="How long is h @ W compared with h, when W has n × n entries uniform in ± scale / √n?",
        mistakes=(
            Mistake(
                "turns the bound into a standard deviation",
                "Numbers uniform in ± b have standard deviation b / √3, not b.",
                lambda scale, layers: scale**layers,
            ),
            Mistake(
                "is a factor of lengths",
                "You have the factor of squared lengths (of variances). Take the square root.",
                lambda scale, layers: (scale**2 / 3) ** layers,
            ),
            Mistake(
                "multiplies from layer to layer",
                "The factors of successive layers multiply; you added them.",
                lambda scale, layers: layers * scale / np.sqrt(3),
            ),
            Mistake(
                "counts every layer",
                "You are one layer short.",
                lambda scale, layers: (scale / np.sqrt(3)) ** (layers - 1),
            ),
        ),
    ),
    "first_depth_at_chance": Exercise(
        reference=lambda: 20,
        mistakes=(
            Mistake(
                "tells slow from stuck",
                "With 7 hidden layers backprop is late, but it leaves chance. Compute the shrinkage of its signal at "
                "the next depth.",
                lambda: 7,
            ),
            Mistake(
                "finds the first such depth",
                "100 layers are at chance, to be sure. Is there a smaller depth in the list that is?",
                lambda: 100,
            ),
            Mistake(
                "multiplies the gains",
                "The signal loses a factor 1.7 a layer. Four layers leave a ninth of it, and the optimiser, which "
                "divides by the gradient's size, makes up for that.",
                lambda: 4,
            ),
        ),
        hint="Choose one of 1, 2, 4, 7, 20, 100.",
    ),
    "probe_error": Exercise(
        reference=_probe_error,
        draw=_draw_features,
        mistakes=(
            Mistake(
                "measures on the test features",
                "You measured on the examples that the readout was fitted to.",
                lambda f, y, tf, ty: _probe_error(f, y, f, y),
            ),
            Mistake(
                "fits on the training features",
                "You fitted the readout to the test examples.",
                lambda f, y, tf, ty: _probe_error(tf, ty, tf, ty),
            ),
            Mistake("is an error", "Your number is the share of right answers.", lambda *a: 100 - _probe_error(*a)),
            Mistake("is in percent", "Your number is a fraction.", lambda *a: _probe_error(*a) / 100),
            Mistake("has a bias", "Your readout has no bias: append a column of ones.", _without_bias),
            Mistake(
                "has one output for each digit",
                "You fitted the digit as a number, as if a 3 lay between a 2 and a 4. Use one-hot targets and argmax.",
                _regression_on_the_digit,
            ),
        ),
        properties=(
            Property(
                "compares with the test labels",
                "Give every test example a wrong label: the error must rise.",
                _moves_with_the_test_labels,
            ),
        ),
    ),
}
