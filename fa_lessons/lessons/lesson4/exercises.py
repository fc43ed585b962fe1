"""Exercises of lesson 4: feedback alignment on MNIST."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


def _hidden_delta(delta_output, W_output, B, hidden):
    """Example by example and unit by unit, from the equation with its sums written out."""
    result = np.zeros_like(hidden)
    for example in range(hidden.shape[0]):
        for unit in range(hidden.shape[1]):
            sent = sum(delta_output[example, k] * B[k, unit] for k in range(B.shape[0]))
            result[example, unit] = sent * hidden[example, unit] * (1 - hidden[example, unit])
    return result


def _draw_hidden_delta(rng):
    batch, n_hidden, n_out = rng.choice(np.arange(2, 9), size=3, replace=False)
    return (
        rng.normal(size=(batch, n_out)),
        rng.normal(size=(n_hidden, n_out)),
        rng.normal(size=(n_out, n_hidden)),
        rng.uniform(0.1, 0.9, size=(batch, n_hidden)),
    )


def _ignores_the_forward_weights(answer, arguments):
    delta_output, W_output, B, hidden = arguments
    return np.allclose(answer(delta_output, W_output, B, hidden), answer(delta_output, 3 * W_output + 1, B, hidden))


def _signal_angle(delta, backprop):
    angles = []
    for mine, truth in zip(delta, backprop, strict=True):
        mine, truth = mine / np.linalg.norm(mine), truth / np.linalg.norm(truth)
        angles.append(2 * np.arctan2(np.linalg.norm(mine - truth), np.linalg.norm(mine + truth)))
    return np.degrees(np.mean(angles))


def _cosines(delta, backprop):
    return (delta * backprop).sum(1) / np.linalg.norm(delta, axis=1) / np.linalg.norm(backprop, axis=1)


def _angle_of_the_means(delta, backprop):
    return _signal_angle(delta.mean(0, keepdims=True), backprop.mean(0, keepdims=True))


def _ignores_the_length(answer, arguments):
    delta, backprop = arguments
    return np.isclose(answer(delta, backprop), answer(7 * delta, backprop / 3))


def _push(error, W_output, B):
    """eᵀ(W B e) of each example, with the papers' column vectors."""
    return np.array([e @ (W_output.T @ (B.T @ e)) for e in error])


def _aligned_share(error, W_output, B):
    return 100 * np.mean(_push(error, W_output, B) > 0)


def _draw_aligned_share(rng):
    n_hidden, n_out = rng.choice(np.arange(3, 8), size=2, replace=False)
    error = rng.normal(size=(40, n_out))
    return error, rng.normal(size=(n_hidden, n_out)), rng.normal(size=(n_out, n_hidden))


def _ignores_the_scale_of_B(answer, arguments):
    error, W_output, B = arguments
    return np.isclose(answer(error, W_output, B), answer(error, W_output, 5 * B))


def _decay_step(W, b, gradient_W, gradient_b, learning_rate, decay):
    """One step down the gradient of loss + decay/2 · ‖W‖²."""
    return W * (1 - learning_rate * decay) - learning_rate * gradient_W, b - learning_rate * gradient_b


def _draw_decay_step(rng):
    n_in, n_out = rng.choice(np.arange(2, 9), size=2, replace=False)
    matrices = rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)
    gradients = rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)
    return *matrices, *gradients, float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.5))


def _leaves_zero_weights_to_the_gradient(answer, arguments):
    W, b, gradient_W, gradient_b, learning_rate, decay = arguments
    new, _ = answer(0 * W, b, 0 * gradient_W, gradient_b, learning_rate, decay)
    return np.allclose(new, 0)


def _honest_error(prediction, labels):
    """Percent wrong; an example without a finite prediction is wrong."""
    pairs = zip(prediction, labels, strict=True)
    right = [np.isfinite(p).all() and max(range(len(p)), key=p.__getitem__) == y for p, y in pairs]
    return 100 * (1 - sum(right) / len(right))


def _draw_honest_error(rng):
    """Predictions, some of them infinite, with zeros among their labels to reward a careless argmax."""
    prediction = rng.uniform(size=(12, rng.integers(3, 7)))
    labels = rng.integers(0, prediction.shape[1], size=12)
    labels[:7] = prediction[:7].argmax(1)
    prediction[8:11], labels[8:11] = np.inf, (0, 0, 1)
    order = rng.permutation(12)
    return prediction[order], labels[order]


def _counts_every_broken_kind(answer, arguments):
    """One NaN or infinity, in the last place of a good row that would otherwise count as right."""
    prediction, labels = arguments
    row = np.flatnonzero(np.isfinite(prediction).all(1))[0]
    for value in (np.nan, np.inf, -np.inf):
        broken, marked = prediction.copy(), labels.copy()
        broken[row, -1] = value
        marked[row] = broken[row].argmax()
        if not np.isclose(answer(broken, marked), _honest_error(broken, marked)):
            return False
    return True


def _careless(prediction, labels):
    return 100 * np.mean(prediction.argmax(1) != labels)


def _without_the_broken(prediction, labels):
    finite = np.isfinite(prediction).all(1)
    return _careless(prediction[finite], labels[finite])


def _one_error_per_unit(B):
    """Of every column only the entry of largest magnitude, scaled so that ‖B‖ stays."""
    sparse = np.zeros_like(B)
    for unit in range(B.shape[1]):
        loudest = max(range(B.shape[0]), key=lambda output: abs(B[output, unit]))
        sparse[loudest, unit] = B[loudest, unit]
    return sparse * np.sqrt((B**2).sum() / (sparse**2).sum())


def _keep_largest(B, axis, values=None):
    kept = np.abs(B) == np.abs(B).max(axis, keepdims=True)
    return np.where(kept, B if values is None else values, 0)


def _has_the_length_of_B(answer, arguments):
    (B,) = arguments
    return np.isclose(np.linalg.norm(answer(B)), np.linalg.norm(B))


EXERCISES = {
    "hidden_delta": Exercise(
        reference=_hidden_delta,
        draw=_draw_hidden_delta,
        mistakes=(
            Mistake(
                "sends the error back through B",
                "Your signal goes through the forward weights, transposed: that is backprop. Which matrix does "
                "feedback alignment put in their place?",
                lambda d, W, B, h: (d @ W.T) * h * (1 - h),
            ),
            Mistake(
                "multiplies by the slope of the hidden units",
                "The error has reached the units' output h. It must pass the units themselves, too.",
                lambda d, W, B, h: d @ B,
            ),
            Mistake(
                "uses the slope of the sigmoid",
                "1 − h² is the slope of tanh. This network has sigmoid units.",
                lambda d, W, B, h: (d @ B) * (1 - h**2),
            ),
            Mistake(
                "keeps the sign of the error",
                "Here e = prediction − target, and the update subtracts; the signal itself has no minus sign.",
                lambda d, W, B, h: -(d @ B) * h * (1 - h),
            ),
            Mistake(
                "averages in the right place",
                "The error was divided by the batch already. Do not divide again.",
                lambda d, W, B, h: (d @ B) * h * (1 - h) / len(d),
            ),
        ),
        properties=(
            Property(
                "does not depend on the forward weights",
                "Change W_output, keep the error: feedback alignment's signal must stay the same.",
                _ignores_the_forward_weights,
            ),
        ),
    ),
    "signal_angle": Exercise(
        reference=_signal_angle,
        draw=lambda rng: (rng.normal(size=(n := rng.integers(3, 9), 6)) + 0.5, rng.normal(size=(n, 6)) + 0.5),
        mistakes=(
            Mistake(
                "takes the angle of each example, then the mean",
                "You averaged the signals first. Opposite errors cancel in that mean, and the angle is another one.",
                _angle_of_the_means,
            ),
            Mistake("is in degrees", "Your number is in radians.", lambda d, b: np.arccos(_cosines(d, b)).mean()),
            Mistake("is an angle", "Your number is a cosine.", lambda d, b: _cosines(d, b).mean()),
            Mistake(
                "averages angles, not cosines",
                "The angle of the mean cosine is not the mean angle: apply arccos before the mean.",
                lambda d, b: np.degrees(np.arccos(_cosines(d, b).mean())),
            ),
        ),
        properties=(
            Property(
                "does not depend on the signals' lengths",
                "An angle compares directions: divide by both lengths.",
                _ignores_the_length,
            ),
        ),
    ),
    "aligned_share": Exercise(
        reference=_aligned_share,
        draw=_draw_aligned_share,
        hint="The error is a row here: eᵀ W B e of the papers is (e @ B) · (e @ W_outputᵀ).",
        mistakes=(
            Mistake(
                "is a share of examples",
                "That is the mean of eᵀWBe. Count the examples for which it is positive.",
                lambda e, W, B: np.mean(_push(e, W, B)),
            ),
            Mistake(
                "adds up the hidden units of an example",
                "You counted hidden units. eᵀWBe is one number for an example: the sum over its hidden units.",
                lambda e, W, B: 100 * np.mean((e @ B) * (e @ W.T) > 0),
            ),
            Mistake("is in percent", "Multiply the share by 100.", lambda e, W, B: np.mean(_push(e, W, B) > 0)),
            Mistake(
                "counts the positive ones",
                "That is the share of examples whose signals oppose each other: 100 minus the one asked for.",
                lambda e, W, B: 100 * np.mean(_push(e, W, B) < 0),
            ),
        ),
        properties=(
            Property(
                "does not depend on the scale of B",
                "A longer B makes eᵀWBe larger, but does not change its sign.",
                _ignores_the_scale_of_B,
            ),
        ),
    ),
    "decay_step": Exercise(
        reference=_decay_step,
        draw=_draw_decay_step,
        labels=("W", "b"),
        hint="Differentiate loss + decay/2 · ‖W‖² with respect to W, then with respect to b.",
        mistakes=(
            Mistake(
                "shrinks the weights in proportion",
                "You subtract the same constant from every weight. That pulls no weight towards zero: it pulls all "
                "of them down, negative ones too.",
                lambda W, b, gW, gb, r, d: (W - r * gW - d, b - r * gb - d),
            ),
            Mistake(
                "subtracts decay · W, not a constant",
                "The constant is multiplied by the learning rate now, but it is still the same for every weight.",
                lambda W, b, gW, gb, r, d: (W - r * (gW + d), b - r * (gb + d)),
            ),
            Mistake(
                "spares the biases",
                "The penalty is on W alone; the bias follows its own gradient.",
                lambda W, b, gW, gb, r, d: (W - r * (gW + d * W), b - r * (gb + d * b)),
            ),
            Mistake(
                "multiplies the decay by the learning rate",
                "The penalty is part of the loss: its gradient decay · W is multiplied by the learning rate, too.",
                lambda W, b, gW, gb, r, d: (W - r * gW - d * W, b - r * gb),
            ),
            Mistake(
                "shrinks, and does not grow",
                "The sign of the decay is reversed: your weights grow.",
                lambda W, b, gW, gb, r, d: (W - r * (gW - d * W), b - r * gb),
            ),
        ),
        properties=(
            Property(
                "leaves a zero weight without gradient at zero",
                "Nothing pushes such a weight. Yours moves.",
                _leaves_zero_weights_to_the_gradient,
            ),
        ),
    ),
    "drift": Exercise(
        reference=lambda: -0.6,
        rtol=0.02,
        hint="Count the steps, then ask what every step subtracts, whatever the weight and the gradient are.",
        mistakes=(
            Mistake("has the right sign", "The constant is subtracted.", lambda: 0.6),
            Mistake(
                "counts the steps",
                "That is one epoch's drift, or ten single steps'. The constant is subtracted once a step.",
                lambda: -0.06,
            ),
            Mistake(
                "leaves the learning rate out",
                "In `w - alpha * gradient - decay` the learning rate multiplies the gradient only.",
                lambda: -0.3,
            ),
        ),
    ),
    "honest_error": Exercise(
        reference=_honest_error,
        draw=_draw_honest_error,
        hint="An example counts as right only if its prediction is finite and its largest output is the label's.",
        mistakes=(
            Mistake(
                "does not read a broken prediction as class 0",
                "argmax of a row of NaN, or of infinities, is 0, so that every broken zero counts as right.",
                _careless,
            ),
            Mistake(
                "keeps the broken examples in the count",
                "You left them out. A network that answers nothing would then be judged by nothing.",
                _without_the_broken,
            ),
            Mistake("is the error", "That is the accuracy.", lambda p, y: 100 - _honest_error(p, y)),
            Mistake("is in percent", "Multiply the share by 100.", lambda p, y: _honest_error(p, y) / 100),
        ),
        properties=(
            Property(
                "counts one NaN or infinity in a row as broken",
                "NaN, inf and -inf, in any one place of the row, make it wrong.",
                _counts_every_broken_kind,
            ),
        ),
    ),
    "one_error_per_unit": Exercise(
        reference=_one_error_per_unit,
        draw=lambda rng: (rng.normal(size=(rng.integers(3, 6), rng.integers(6, 10))),),
        mistakes=(
            Mistake(
                "keeps B's length",
                "Your B is shorter than the one it comes from. A shorter B is a smaller step of the hidden layer, "
                "so that two things would change at once.",
                lambda B: _keep_largest(B, 0),
            ),
            Mistake(
                "keeps one entry for every hidden unit",
                "You kept one hidden unit for every output. A hidden unit is a column of B.",
                lambda B: (s := _keep_largest(B, 1)) * np.linalg.norm(B) / np.linalg.norm(s),
            ),
            Mistake(
                "looks at magnitudes",
                "You kept the largest entry, with its sign. The loudest one may be negative.",
                lambda B: (s := np.where(B == B.max(0), B, 0)) * np.linalg.norm(B) / np.linalg.norm(s),
            ),
            Mistake(
                "keeps the signs",
                "Your entries are all positive.",
                lambda B: np.abs(_one_error_per_unit(B)),
            ),
        ),
        properties=(
            Property("keeps the length of B", "Compare np.linalg.norm before and after.", _has_the_length_of_B),
        ),
    ),
}
