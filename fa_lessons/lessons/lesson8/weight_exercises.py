"""Exercises 8.1 and 8.2: the angle between W and its signs, and the clock by which Kolen and Pollack's B meets W."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 8.1 The angle between W and its signs, by the vectors themselves.
def _sign_angle(W):
    signs = np.where(W > 0, 1.0, -1.0)
    cosine = np.vdot(W, signs) / np.sqrt(np.vdot(W, W) * signs.size)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def _draw_weights(rng):
    """Of any size and shape: uniform, Gaussian, heavy-tailed, or of one magnitude and a few large ones; no zeros."""
    shape = tuple(rng.integers(2, 30, 2))
    large = rng.random(shape) < 0.1
    large[0, :2] = True, False  # at an angle of 0 an arccos has few digits
    size = rng.choice([0.01, 1.0, 40.0])
    kinds = (
        rng.uniform(-1, 1, shape),
        rng.normal(size=shape),
        rng.standard_t(2, shape),
        1 + 4 * large,
    )
    magnitudes = np.abs(kinds[rng.integers(4)]) + 1e-3
    return (size * magnitudes * rng.choice([-1.0, 1.0], shape),)


def _known_weights():
    """The lesson's two kinds of start, weights of one magnitude, one weight, and a vector."""
    rng = np.random.default_rng(8)
    of_one = 0.3 * rng.choice([-1.0, 1.0], (5, 7))
    return [
        (W,)
        for W in (rng.uniform(-0.1, 0.1, (100, 10)), rng.normal(size=(100, 100)), of_one, np.array([[-2.0]]), of_one[0])
    ]


# 8.2 The first step after which W − Bᵀ is short enough, by going through the steps.
def _steps_left(learning_rates, weight_decay, share):
    left = 1.0
    for step, rate in enumerate(learning_rates, start=1):
        left *= 1 - rate * weight_decay
        if left <= share:
            return step
    return -1


def _draw_schedule(rng):
    """A constant rate, a falling one or one of two parts; a share in the middle of a step, or out of reach."""
    count = int(rng.integers(30, 80))
    top, decay = rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.3)
    kinds = (
        np.full(count, top),
        top / (1 + 0.1 * np.arange(count)),
        np.where(np.arange(count) < count // 3, top, top / 4),
    )
    rates = kinds[rng.integers(3)]
    left = np.concatenate([[1.0], np.cumprod(1 - rates * decay)])
    step = int(rng.integers(3, count - 5))
    share = left[-1] * 0.9 if rng.random() < 0.2 else left[step] + rng.uniform(0.3, 0.7) * (left[step + 1] - left[step])
    return rates, float(decay), float(share)


def _edges():
    """The lesson's own run, no decay, one step, a share reached at once, by the last step alone, and exactly."""
    rates = np.full(9000, 0.1)
    return [
        (rates, 1e-3, 0.5),
        (rates[:50], 0.0, 0.5),
        (rates[:1], 2.0, 0.9),
        (rates[:5], 2.0, 0.9),
        (np.array([0.5, 0.5, 0.5]), 1.0, 0.2),
        (np.array([0.5, 0.5]), 1.0, 0.5),
    ]


def _by_rate(rate):
    """A wrong answer: the law for a constant rate, of all rates."""

    def wrong(learning_rates, weight_decay, share):
        steps = int(np.ceil(np.log(share) / np.log(1 - rate(learning_rates) * weight_decay)))
        return steps if steps <= len(learning_rates) else -1

    return wrong


def _first(left):
    """A wrong answer: the first step at which `left(rates, decay)`, (steps,), is short enough."""

    def wrong(learning_rates, weight_decay, share):
        short = left(learning_rates, weight_decay) <= share
        return int(short.argmax()) + 1 if short.any() else -1

    return wrong


WEIGHTS = {
    "sign_angle": Exercise(
        reference=_sign_angle,
        draw=_draw_weights,
        hint="The angle of two matrices: the sum of their products over the product of their lengths. What is the "
        "length of a matrix of signs?",
        mistakes=(
            *likewise(
                Mistake(
                    "measures the signs' length by their number",
                    "A matrix of n signs has the length √n. You divided by another number.",
                    lambda W: np.degrees(np.arccos(np.clip(np.abs(W).sum() / np.linalg.norm(W) / W.size, -1, 1))),
                ),
                lambda W: np.degrees(np.arccos(np.clip(np.abs(W).mean() / np.linalg.norm(W), -1, 1))),
                lambda W: np.degrees(np.arccos(np.clip(np.abs(W).sum() / np.linalg.norm(W), -1, 1))),
            ),
            Mistake(
                "is in degrees",
                "That is the angle in radians.",
                lambda W: np.radians(_sign_angle(W)),
            ),
            *likewise(
                Mistake(
                    "is the angle and not its cosine",
                    "That is the cosine. Which function gives the angle?",
                    lambda W: np.abs(W).mean() / np.sqrt((W**2).mean()),
                ),
                lambda W: np.degrees(np.abs(W).mean() / np.sqrt((W**2).mean())),
            ),
            *likewise(
                Mistake(
                    "takes all weights together",
                    "You took the angle of each row or column, and their mean. The angle of two matrices is that of "
                    "all their entries together.",
                    lambda W: np.mean([_sign_angle(w) for w in W]),
                ),
                lambda W: np.mean([_sign_angle(w) for w in W.T]),
            ),
            *likewise(
                Mistake(
                    "is true of these weights",
                    "That is the angle for weights of one kind, uniform or Gaussian. Take it from the weights that "
                    "you get.",
                    lambda W: 30.0,
                ),
                lambda W: np.degrees(np.arccos(np.sqrt(2 / np.pi))),
            ),
            *likewise(
                Mistake(
                    "measures W against its signs",
                    "Signs that agree with W give a positive product: |W| is what is summed.",
                    lambda W: np.degrees(np.arccos(np.clip(W.sum() / np.linalg.norm(W) / W.size**0.5, -1, 1))),
                ),
                lambda W: 180 - _sign_angle(W),
            ),
        ),
        properties=(
            cases(
                "holds for weights of any kind",
                "Weights of one magnitude *are* their signs: the angle is 0, and a rounding must not make it NaN.",
                _sign_angle,
                _known_weights,
            ),
        ),
    ),
    "steps_left": Exercise(
        reference=_steps_left,
        draw=_draw_schedule,
        hint="Every step multiplies what is left of W − Bᵀ by its own 1 − ηλ. After which step is the product at most "
        "the share?",
        mistakes=(
            *likewise(
                Mistake(
                    "lets every step shrink by its own rate",
                    "You used one rate for all steps. The rate may change: multiply the factors.",
                    _by_rate(lambda rates: rates[0]),
                ),
                _by_rate(lambda rates: rates.mean()),
                _by_rate(lambda rates: rates[-1]),
            ),
            *likewise(
                Mistake(
                    "multiplies, and does not add",
                    "You took away ηλ of the *start* in each step. Each step takes away its part of what is left.",
                    _first(lambda rates, decay: 1 - np.cumsum(rates * decay)),
                ),
            ),
            *likewise(
                Mistake(
                    "takes the finite steps as they are",
                    "You took the exponential of the flow, exp(−λ Σ η). A step multiplies by 1 − ηλ exactly.",
                    _first(lambda rates, decay: np.exp(-np.cumsum(rates) * decay)),
                ),
            ),
            *likewise(
                Mistake(
                    "counts the steps from 1",
                    "You are one step off: after the first step the factor is 1 − ηλ, and that is step 1.",
                    lambda rates, decay, share: _steps_left(rates, decay, share) - 1,
                ),
                lambda rates, decay, share: _steps_left(rates, decay, share) + 1,
                lambda rates, decay, share: max(_steps_left(rates, decay, share) - 1, -1),
                lambda rates, decay, share: int((np.cumprod(1 - rates * decay) > share).sum()),
            ),
            *likewise(
                Mistake(
                    "gives -1 where the steps do not suffice",
                    "Sometimes the share is never reached. `argmax` of an array that is False everywhere is 0: treat "
                    "that case apart.",
                    lambda rates, decay, share: int((np.cumprod(1 - rates * decay) <= share).argmax()) + 1,
                ),
                lambda rates, decay, share: int((np.cumprod(1 - rates * decay) > share).sum()) + 1,
            ),
            *likewise(
                Mistake(
                    "decays by the rate times λ",
                    "The factor is 1 − ηλ: learning rate times decay.",
                    _first(lambda rates, decay: np.cumprod(np.full(len(rates), 1 - decay))),
                ),
                _first(lambda rates, decay: np.cumprod(1 - rates)),
                _first(lambda rates, decay: np.cumprod((1 - rates * decay) ** 2)),
                _first(lambda rates, decay: np.cumprod(1 - 2 * rates * decay)),
            ),
        ),
        properties=(
            cases(
                "holds for any schedule",
                "Without decay nothing shrinks; one step may be enough; the last step may be the one; and a share that "
                "is left exactly is at most that share.",
                _steps_left,
                _edges,
            ),
        ),
    ),
}
