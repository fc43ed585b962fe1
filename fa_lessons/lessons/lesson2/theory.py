"""Lesson 2: y = w1 w0 x with target y = x and one feedback weight b. Everything here is vectorised.

The mean input power is 1 and e = 1 - w0 w1 (target minus prediction, per unit of input), so the flows are
FA: w0' = b e, w1' = e w0, and BP: w0' = w1 e, w1' = w0 e. Weights, b and c broadcast against each other.
Every b is b = 1 on other axes: u = w0 / b^(1/3), v = w1 b^(1/3), and the clock |b|^(2/3) t (real cube roots).
The toy: Lillicrap et al. 2016. The closed forms are derived in lesson 2, which names the step for each.
"""

import numpy as np

from fa_lessons import require
from fa_lessons.lessons import flows

RULES = ("fa", "bp")


def error(w0, w1):
    """e = 1 - w0 w1: what is missing of the map y = x."""
    return 1 - np.multiply(w0, w1)


def flow(w0, w1, rule="fa", b=1.0):
    """(w0', w1'): the mean update of `rule`, "fa" or "bp", per unit of time. Raises ValueError for another rule."""
    require.one_of("rule", rule, RULES)
    w0, w1 = np.asarray(w0, dtype=float), np.asarray(w1, dtype=float)
    e = error(w0, w1)
    return (b if rule == "fa" else w1) * e, e * w0


def error_rate(w0, w1, rule="fa", b=1.0):
    """The rate r in e' = -r e: w0² + b w1 for FA, w0² + w1² for BP. |e| falls where it is positive."""
    require.one_of("rule", rule, RULES)
    return np.square(w0) + np.multiply(b if rule == "fa" else w1, w1)


def ends_anti_aligned(w0, w1, b=1.0):
    """Whether FA from (w0, w1) ends where b w1 < 0, with the hidden unit's error signal opposite to BP's."""
    u, v = _to_unit(w0, w1, b)
    with np.errstate(divide="ignore", over="ignore"):
        inner = (-1 < u) & (u < 0) & (v <= 1 / np.where(u < 0, u, -1.0))
    return ((u <= -1) & (v <= u**2 / 2 - 1.5)) | inner


def equilibria(c):
    """w0 where FA's parabola w1 = w0² / 2 + c, for b = 1, meets w0 w1 = 1: (far, middle, near).

    They solve w0³ / 2 + c w0 = 1, by Viète's and Cardano's formulas, then two Newton steps. `near` always exists, is
    stable and positive. The others are NaN but for c ≤ -3/2, and negative: `middle` is unstable, `far` is stable.
    """
    c = np.asarray(c, dtype=float)
    s = np.sqrt(2 * np.abs(c) / 3)
    with np.errstate(all="ignore"):
        x = s**-3.0
        near = np.where(c > 0, 2 * s * np.sinh(np.arcsinh(x) / 3), 2 * s * np.cosh(np.arccosh(np.maximum(x, 1)) / 3))
        third = np.arccos(np.minimum(x, 1)) / 3
        three = c <= -1.5
        near = np.where(three, 2 * s * np.cos(third), near)
        near = np.where(s < 1e-6, np.cbrt(2.0), near)
        near = _polish(_polish(near, c), c)
        far = np.where(three, 2 * s * np.cos(third - 4 * np.pi / 3), np.nan)
        far = np.where(c < -1.5, _polish(_polish(far, c), c), far)
    return far, 2 / (far * near), near  # the product of the roots is 2


def limit_fa(w0, w1, b=1.0):
    """(w0, w1) where FA's flow from (w0, w1) ends. w0 runs monotonically to the next equilibrium in its way."""
    u, v = _to_unit(w0, w1, b)
    far, _, near = equilibria(v - u**2 / 2)
    e = error(u, v)
    with np.errstate(invalid="ignore"):
        far = np.where(np.isnan(far), -1.0, far)  # so far out that 3/2 is lost in rounding
        end = np.where(ends_anti_aligned(w0, w1, b), far, near)
    end = np.where(e == 0, u, end)
    root = np.cbrt(_feedback(b))
    return root * end, 1 / (root * end)


def limit_bp(w0, w1):
    """(w0, w1) where BP's flow from (w0, w1) ends: w0² = (k + √(k² + 4)) / 2, with the sign of w0 + w1.

    From w0 = -w1 it is the saddle (0, 0), where nothing is learned.
    """
    w0, w1 = np.broadcast_arrays(np.asarray(w0, dtype=float), np.asarray(w1, dtype=float))
    k = (w0 + w1) * (w0 - w1)
    larger = np.sqrt((np.abs(k) + np.hypot(k, 2)) / 2)  # the larger of |w0|, |w1|: no cancellation
    sign = np.sign(w0 + w1)
    return sign * np.where(k >= 0, larger, 1 / larger), sign * np.where(k >= 0, 1 / larger, larger)


def time_from_origin(w0, b=1.0):
    """Time FA takes from (0, 0) to w0, which lies between 0 and the limit (2 b)^(1/3); inf at the limit.

    Partial fractions of w0' = b - w0³ / 2. Raises ValueError for a w0 that the flow never reaches.
    """
    b = _feedback(b)
    q = np.asarray(w0, dtype=float) / np.cbrt(2 * b)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError("w0 must lie between 0 and the limit (2 b)^(1/3)")
    with np.errstate(divide="ignore"):
        bracket = -np.log1p(-q) / 3 + np.log1p(q + q**2) / 6
    bracket = bracket + (np.arctan((2 * q + 1) / np.sqrt(3)) - np.pi / 6) / np.sqrt(3)
    return np.cbrt(2 / np.square(b)) * bracket


def learning_time_fa(tolerance, b=1.0):
    """Time FA takes from (0, 0) until |e| = tolerance, in (0, 1]: there w0³ = 2 b (1 - tolerance)."""
    tolerance = require.numbers("tolerance", tolerance, maximum=1, open_minimum=True)
    return time_from_origin(np.cbrt(2 * _feedback(b) * (1 - tolerance)), b)


def learning_time_bp(start, tolerance):
    """Time BP takes from (start, start), 0 < start² < 1 - tolerance, until |e| = tolerance: w0 w1 grows logistically.

    Raises ValueError for a start out of range.
    """
    first, last = np.square(start), 1 - require.numbers("tolerance", tolerance, maximum=1, open_minimum=True)
    if not np.all((first > 0) & (first < last)):
        raise ValueError(f"start² must lie between 0 and 1 - tolerance, got start {start}")
    return (np.log(last / (1 - last)) - np.log(first / (1 - first))) / 2


def solve(w0, w1, times, rule="fa", b=1.0, tolerance=1e-10):
    """The flow from (w0, w1) at rising `times` from 0 on: w0 and w1, each (len(times), *shape).

    tolerance: relative error allowed in a step. Raises ValueError for numbers that are not finite, a tolerance that is
    not positive and times that do not rise, and RuntimeError where the solver stops early.
    """
    numbers = [require.numbers(name, value, -np.inf) for name, value in (("w0", w0), ("w1", w1), ("b", b))]
    tolerance = require.number("tolerance", tolerance, open_minimum=True)
    *start, b = np.broadcast_arrays(*numbers)
    start = np.stack(start)

    def slope(_, state):
        return np.stack(np.broadcast_arrays(*flow(*state.reshape(start.shape), rule, b))).ravel()

    found = flows.states(slope, start.ravel(), times, "DOP853", tolerance, tolerance)
    return tuple(np.moveaxis(found.reshape(*start.shape, -1), -1, 1))


def step(w0, w1, learning_rate, rule="fa", b=1.0):
    """One step of the mean update, both weights from the same state: e becomes e (1 - η r - η² e (b w0 or w0 w1))."""
    w0_dot, w1_dot = flow(w0, w1, rule, b)
    return w0 + learning_rate * w0_dot, w1 + learning_rate * w1_dot


def local_limit(w0, w1, rule="fa", b=1.0):
    """The learning rate above which a step overshoots by more than it mends near (w0, w1): 2 / r, NaN where r ≤ 0."""
    rate = np.asarray(error_rate(w0, w1, rule, b), dtype=float)
    return np.where(rate > 0, 2 / np.where(rate > 0, rate, 1), np.nan)


def largest_useful_rate(rule="fa", b=1.0):
    """No aligned FA equilibrium, and no BP equilibrium, is stable above this learning rate.

    The flattest one has r = 3 |b / 2|^(2/3) for FA, at w0 = (b / 2)^(1/3), and r = 2 for BP, at w0 = w1 = ±1.
    """
    require.one_of("rule", rule, RULES)
    return 2 / (3 * np.cbrt(np.square(_feedback(b) / 2))) if rule == "fa" else np.ones_like(_feedback(b))


def _polish(u, c):
    slope = 1.5 * u**2 + c
    change = (u**3 / 2 + c * u - 1) / slope
    return np.where(np.abs(change) < 1e-3 * np.abs(u), u - change, u)


def _to_unit(w0, w1, b):
    root = np.cbrt(_feedback(b))
    return np.asarray(w0, dtype=float) / root, np.asarray(w1, dtype=float) * root


def _feedback(b):
    b = np.asarray(b, dtype=float)
    if not np.all(np.isfinite(b) & (b != 0)):
        raise ValueError(f"b must be finite and not 0, got {b}")
    return b
