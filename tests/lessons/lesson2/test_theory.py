"""Lesson 2's closed forms against an accurate solver, against each other, and at their edges."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fa_lessons.lessons import flows
from fa_lessons.lessons.lesson2 import theory as toy

# The engine flushes subnormal numbers for the whole process, and hypothesis refuses to draw them then.
weights = st.floats(-4, 4, allow_subnormal=False)
sizes = st.floats(0.2, 4)
feedback = st.builds(lambda size, sign: size * sign, sizes, st.sampled_from([-1, 1]))


def starts(count, seed, box=4):
    return np.random.default_rng(seed).uniform(-box, box, (2, count))


def invariant_fa(w0, w1, b=1.0):
    """FA moves along the parabola w1 = w0² / (2 b) + c: this is c."""
    return np.asarray(w1) - np.square(w0) / (2 * b)


def invariant_bp(w0, w1):
    """BP moves along a hyperbola."""
    return np.square(w0) - np.square(w1)


def far_from_the_edge(w0, w1, b=1.0):
    """Starts whose parabola is not about to touch the hyperbola and that are not near its unstable piece."""
    u, v = np.asarray(w0) / np.cbrt(b), np.asarray(w1) * np.cbrt(b)
    c = v - u**2 / 2
    middle = np.nan_to_num(toy.equilibria(c)[1], nan=99)
    return (np.abs(c + 1.5) > 0.05) & (np.abs(u - middle) > 0.02)


@given(w0=weights, w1=weights, b=feedback, x=st.floats(0.1, 3))
def test_the_flow_is_the_update_on_one_example_of_power_one(w0, w1, b, x):
    h, y = w0 * x, w1 * w0 * x
    e = x - y
    for rule, down in (("fa", b), ("bp", w1)):
        assert np.allclose(np.multiply(toy.flow(w0, w1, rule, b), x**2), (down * e * x, e * h), rtol=1e-9, atol=1e-9)


@given(w0=weights, w1=weights)
def test_bp_is_the_gradient_of_half_the_squared_error(w0, w1):
    numeric = [
        ((toy.error(w0 - a, w1 - c) ** 2 - toy.error(w0 + a, w1 + c) ** 2) / 4e-6) for a, c in ((1e-6, 0), (0, 1e-6))
    ]
    assert np.allclose(toy.flow(w0, w1, "bp"), numeric, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("rule", toy.RULES)
@pytest.mark.parametrize("b", [1.0, -1.0, 0.3, -2.5])
def test_invariants_and_error_rate_along_the_flow(rule, b):
    w0, w1 = starts(20, 1, box=2)
    times = np.linspace(0, 3, 301)
    path = toy.solve(w0, w1, times, rule, b, tolerance=1e-12)
    constant = invariant_fa(*path, b) if rule == "fa" else invariant_bp(*path)
    assert np.ptp(constant, axis=0).max() < 1e-8
    slope = np.gradient(toy.error(*path), times, axis=0, edge_order=2)[5:-5]
    expected = -(toy.error_rate(*path, rule, b) * toy.error(*path))[5:-5]
    assert np.abs(slope - expected).max() < 0.05 * np.abs(expected).max()


@given(c=st.floats(-50, 50, allow_subnormal=False))
@settings(max_examples=300)
def test_equilibria_are_all_the_roots_of_the_cubic_and_the_middle_one_is_unstable(c):
    assume(abs(c + 1.5) > 1e-4)
    found = np.array(toy.equilibria(c))
    far, middle, near = found
    roots = np.roots([1 / 2, 0, c, -1])
    real = np.sort(roots[np.abs(roots.imag) < 1e-7].real)
    assert len(real) == (3 if c < -1.5 else 1)
    assert np.allclose(found[np.isfinite(found)], real, rtol=1e-6, atol=1e-9)
    assert toy.error_rate(near, 1 / near) > 0
    assert c > -1.5 or toy.error_rate(far, 1 / far) > 0 > toy.error_rate(middle, 1 / middle)


def test_where_the_parabola_touches_the_hyperbola_two_equilibria_meet():
    far, middle, near = toy.equilibria(-1.5)
    assert (far, middle, near) == pytest.approx((-1, -1, 2))
    assert np.isnan(toy.equilibria(-1.49)[0]) and np.isfinite(toy.equilibria(-1.51)[0])


def test_equilibria_keep_their_digits_at_extreme_constants():
    c = np.array([1e12, -1e12, 1e-300, 0.0, 1e-9])
    far, middle, near = toy.equilibria(c)
    assert near == pytest.approx([1e-12, np.sqrt(2e12), 2 ** (1 / 3), 2 ** (1 / 3), 2 ** (1 / 3)])
    assert middle[1] == pytest.approx(-1e-12) and far[1] == pytest.approx(-np.sqrt(2e12))


@pytest.mark.parametrize("b", [1.0, -1.0, 0.4, -3.0])
def test_thousands_of_starts_end_where_the_closed_form_says(b):
    w0, w1 = starts(3000, 2)
    keep = far_from_the_edge(w0, w1, b)
    assert keep.mean() > 0.9
    w0, w1 = w0[keep], w1[keep]
    end = [path[-1] for path in toy.solve(w0, w1, [0, 60 / np.cbrt(b * b)], "fa", b, tolerance=1e-9)]
    expected = toy.limit_fa(w0, w1, b)
    assert np.abs(np.subtract(end, expected)).max() < 1e-4
    assert ((b * end[1] < 0) == toy.ends_anti_aligned(w0, w1, b)).all()
    assert 0.05 < toy.ends_anti_aligned(w0, w1, b).mean() < 0.6


def test_bp_ends_where_the_closed_form_says():
    w0, w1 = starts(3000, 3)
    keep = np.abs(w0 + w1) > 1e-3
    end = [path[-1] for path in toy.solve(w0[keep], w1[keep], [0, 30], "bp", tolerance=1e-9)]
    assert np.abs(np.subtract(end, toy.limit_bp(w0[keep], w1[keep]))).max() < 1e-6


def test_the_edges_of_the_basin():
    assert (
        toy.ends_anti_aligned(-2, -2) and not toy.ends_anti_aligned(0, -4) and not toy.ends_anti_aligned(-1.01, -0.98)
    )
    assert toy.ends_anti_aligned(-3, 2.9) and not toy.ends_anti_aligned(-3, 3.1)  # starts aligned, ends against b
    assert toy.limit_fa(-2, -0.5) == pytest.approx((-2, -0.5))  # an equilibrium stays
    assert toy.limit_fa(-0.5, -2) == pytest.approx((-0.5, -2))  # the unstable one, too
    assert toy.limit_fa(-2, 0.5) == pytest.approx((-1, -1))  # on the parabola that touches
    assert toy.ends_anti_aligned(-2e8, 2e16) and toy.limit_fa(-2e8, 2e16) == (-1, -1)  # u² / 2 - 3/2 is u² / 2 there
    assert not toy.ends_anti_aligned(-0.0, -1) and not toy.ends_anti_aligned(0, 0)


@given(w0=weights, w1=weights)
def test_limits_lie_on_the_hyperbola_and_on_the_curve_of_the_start(w0, w1):
    end = toy.limit_fa(w0, w1)
    assert end[0] * end[1] == pytest.approx(1)
    assert invariant_fa(*end) == pytest.approx(invariant_fa(w0, w1), rel=1e-6, abs=1e-5)
    assume(w0 + w1 != 0)
    end = toy.limit_bp(w0, w1)
    assert end[0] * end[1] == pytest.approx(1)
    assert invariant_bp(*end) == pytest.approx(invariant_bp(w0, w1), rel=1e-9, abs=1e-9)


@given(w0=weights, w1=weights, b=feedback)
def test_every_b_is_b_1_on_other_axes(w0, w1, b):
    root = np.cbrt(b)
    assume(far_from_the_edge(w0 / root, w1 * root))
    u, v = toy.limit_fa(w0 / root, w1 * root)
    assert toy.limit_fa(w0, w1, b) == pytest.approx((u * root, v / root))
    there = toy.step(w0 / root, w1 * root, 0.1 * root**2)
    assert toy.step(w0, w1, 0.1, "fa", b) == pytest.approx((there[0] * root, there[1] / root), abs=1e-9)


def test_the_error_never_changes_its_sign():
    w0, w1 = starts(200, 5, box=3)
    e = toy.error(*toy.solve(w0, w1, np.linspace(0, 10, 200), tolerance=1e-11))
    assert ((np.sign(e) == np.sign(e[0])) | (np.abs(e) < 1e-7)).all()


@pytest.mark.parametrize("b", [1.0, -1.0, 0.2, 5.0])
def test_the_exact_time_from_the_origin(b):
    times = np.array([0.1, 0.5, 1, 2, 4]) / np.cbrt(b * b)
    w0, _ = toy.solve(0.0, 0.0, np.concatenate([[0], times]), "fa", b, tolerance=1e-12)
    assert toy.time_from_origin(w0[1:], b) == pytest.approx(times, rel=1e-6)
    assert toy.time_from_origin(0, b) == pytest.approx(0, abs=1e-15)
    assert toy.time_from_origin(np.cbrt(2 * b), b) == np.inf


def test_learning_times():
    assert toy.learning_time_fa(0.01) == pytest.approx(3.00, abs=0.01)
    assert toy.learning_time_fa(0.01, b=-0.125) == pytest.approx(4 * toy.learning_time_fa(0.01))
    assert toy.learning_time_bp(10.0 ** -np.arange(1, 5), 0.01) == pytest.approx([4.6, 6.9, 9.2, 11.5], abs=0.05)
    for start in (0.5, 1e-3):
        w0, w1 = toy.solve(start, start, [0, toy.learning_time_bp(start, 0.01)], "bp", tolerance=1e-12)
        assert toy.error(w0[-1], w1[-1]) == pytest.approx(0.01, rel=1e-6)


def test_the_line_on_which_bp_never_learns():
    w0, w1 = toy.solve(2.0, -2.0, np.array([0, 1, 10]), "bp")
    assert np.allclose(w0, -w1) and abs(w0[-1]) < 1e-4
    assert toy.limit_bp(2.0, -2.0) == (0, 0) and toy.limit_bp(0, 0) == (0, 0)
    assert toy.limit_bp(2.0, -2.0 + 1e-9)[0] == pytest.approx(1)


@given(w0=weights, w1=weights, rate=st.floats(0.01, 1), b=feedback)
def test_one_step_of_the_error_and_of_the_invariants(w0, w1, rate, b):
    e = toy.error(w0, w1)
    after = toy.step(w0, w1, rate, "fa", b)
    factor = 1 - rate * toy.error_rate(w0, w1, "fa", b) - rate**2 * b * w0 * e
    assert toy.error(*after) == pytest.approx(e * factor, rel=1e-6, abs=1e-6)
    drop = invariant_fa(w0, w1, b) - invariant_fa(*after, b)
    assert drop == pytest.approx(rate**2 * b * e**2 / 2, rel=1e-6, abs=1e-6)
    after = toy.step(w0, w1, rate, "bp")
    factor = 1 - rate * toy.error_rate(w0, w1, "bp") - rate**2 * w0 * w1 * e
    assert toy.error(*after) == pytest.approx(e * factor, rel=1e-6, abs=1e-6)
    assert invariant_bp(*after) == pytest.approx(invariant_bp(w0, w1) * (1 - rate**2 * e**2), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("rule", toy.RULES)
@pytest.mark.parametrize("b", [1.0, -0.5])
def test_the_local_limit_divides_return_from_escape(rule, b):
    w0 = np.cbrt(b) * np.array([0.7, 1.26, 2.0])
    limit = toy.local_limit(w0, 1 / w0, rule, b)
    assert (limit > 0).all()
    for share, grows in ((0.95, False), (1.05, True)):
        path = w0 + 1e-6, 1 / w0
        before = np.abs(toy.error(*path))
        for _ in range(30):
            path = toy.step(*path, share * limit, rule, b)
        assert ((np.abs(toy.error(*path)) > 2 * before) == grows).all()
    assert np.isnan(toy.local_limit(-0.5, -2.0))


def test_a_little_above_the_limit_bp_finds_a_flatter_place_and_fa_only_from_the_left_of_the_flattest():
    for start, rule, learns in (
        (2.0, "bp", True),
        (0.5, "bp", True),
        (0.5, "fa", True),
        (0.7, "fa", False),  # flatter ground lies ahead, but nowhere flat enough
        (1.26, "fa", False),
        (-2.0, "fa", False),
    ):
        rate = 1.05 * toy.local_limit(start, 1 / start, rule)
        w0, w1 = start + 1e-3, 1 / start
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(3000):
                w0, w1 = toy.step(w0, w1, rate, rule)
        assert (np.abs(toy.error(w0, w1)) < 0.01) == np.isfinite(w0) == learns


@pytest.mark.parametrize("b", [1.0, -2.0, 0.1])
def test_no_aligned_equilibrium_is_stable_above_the_largest_useful_rate(b):
    w0 = np.cbrt(b) * np.geomspace(0.01, 100, 20001)
    assert toy.local_limit(w0, 1 / w0, "fa", b).max() == pytest.approx(toy.largest_useful_rate("fa", b), rel=1e-6)
    assert toy.local_limit(w0, 1 / w0, "bp").max() == pytest.approx(toy.largest_useful_rate("bp"), rel=1e-6)


def test_small_steps_follow_the_flow():
    w0, w1 = starts(200, 6, box=2)
    keep = far_from_the_edge(w0, w1)
    w0, w1 = w0[keep], w1[keep]
    expected = toy.limit_fa(w0, w1)
    for _ in range(8000):
        w0, w1 = toy.step(w0, w1, 0.002)
    assert np.abs(np.subtract((w0, w1), expected)).max() < 0.3
    assert np.median(np.abs(w0 - expected[0])) < 0.01


def test_bad_arguments_are_named():
    for call in (
        lambda: toy.flow(0, 0, "dfa"),
        lambda: toy.error_rate(0, 0, "dfa"),
        lambda: toy.largest_useful_rate("dfa"),
    ):
        with pytest.raises(ValueError, match="rule must be one of bp, fa"):
            call()
    for b in (0, np.nan, np.inf):
        with pytest.raises(ValueError, match="b must be finite and not 0"):
            toy.limit_fa(1, 1, b)
    for tolerance in (0, 1.1, np.nan, "x", [0.1, -0.1], None):
        with pytest.raises(ValueError, match=r"tolerance must be (above 0 to 1|a number or an array)"):
            toy.learning_time_fa(tolerance)
        with pytest.raises(ValueError, match="tolerance must be"):
            toy.learning_time_bp(0.1, tolerance)
    with pytest.raises(ValueError, match="start"):
        toy.learning_time_bp(2, 0.01)
    with pytest.raises(ValueError, match="w0 must lie between 0 and the limit"):
        toy.time_from_origin(1.3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"times": [0, np.nan]}, "times must be at least 0 and finite, got nan"),
        ({"times": [0, np.inf]}, "times must be at least 0 and finite, got inf"),
        ({"times": [-1, 1]}, "times must be at least 0 and finite, got -1"),
        ({"times": []}, r"times must rise and start at 0 or later, got \[\]"),
        ({"times": 1.0}, "times must rise and start at 0 or later, got 1.0"),
        ({"times": [1, 1]}, "times must rise and start at 0 or later"),
        ({"b": np.nan}, "b must be finite, got nan"),
        ({"w0": [0.1, np.inf]}, "w0 must be finite, got inf"),
        ({"tolerance": np.nan}, "tolerance must be positive and finite, got nan"),
        ({"tolerance": 0}, "tolerance must be positive and finite, got 0"),
    ],
)
def test_a_flow_is_solved_for_finite_numbers_alone(settings, message):
    with pytest.raises(ValueError, match=message):
        toy.solve(**{"w0": 0.1, "w1": 0.2, "times": [0, 1], **settings})


def test_a_flow_stays_at_its_start_where_no_time_passes():
    w0, w1 = toy.solve([0.1, 0.2], 0.3, [0])
    np.testing.assert_allclose([w0, w1], [[[0.1, 0.2]], [[0.3, 0.3]]])


def test_a_flow_of_many_b_has_their_shape():
    w0, _ = toy.solve(0.1, 0.2, [0, 1], b=[0.5, 2.0])
    np.testing.assert_allclose(w0[:, 1], toy.solve(0.1, 0.2, [0, 1], b=2.0)[0])


def test_a_flow_that_needs_too_many_steps_is_told(monkeypatch):
    monkeypatch.setattr(flows, "MOST", 2000)
    with pytest.raises(RuntimeError, match=r"the solver stopped at time .*: the flow takes more than 2000 evaluations"):
        toy.solve(1e3, 1e3, [0, 60])


# What lesson 2 says only under conditions: each with the case that breaks the stronger sentence.
def steps(w0, w1, learning_rate, rule, count):
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(count):
            w0, w1 = toy.step(w0, w1, learning_rate, rule)
    return w0, w1


@given(
    w0=st.floats(-1, 1, exclude_min=True, exclude_max=True, allow_subnormal=False),
    w1=st.floats(-1, 1, allow_subnormal=False),
    b=feedback,
)
def test_small_weights_always_end_aligned(w0, w1, b):
    root = np.cbrt(abs(b)) * (1 - 1e-12)
    assert not toy.ends_anti_aligned(w0 * root, w1 / np.cbrt(abs(b)) * (1 - 1e-12), b)
    assert b * toy.limit_fa(w0 * root, w1 / np.cbrt(abs(b)) * (1 - 1e-12), b)[1] > 0


def test_just_outside_the_square_of_small_weights_alignment_can_fail():
    assert toy.ends_anti_aligned(-1.0, -1.0) and toy.ends_anti_aligned(-0.99, -1.02)
    assert not toy.ends_anti_aligned(-0.99, -1.0)


@pytest.mark.parametrize(
    ("box", "anti", "acquires", "loses"), [(1, 0, 1, 0), (4, 0.29, 0.59, 0.17), (8, 0.39, 0.53, 0.30)]
)
def test_the_shares_depend_on_the_box(box, anti, acquires, loses):
    w0, w1 = starts(200_000, 8, box)
    ends = toy.ends_anti_aligned(w0, w1)
    assert ends.mean() == pytest.approx(anti, abs=0.01)
    assert (~ends)[w1 < 0].mean() == pytest.approx(acquires, abs=0.01)
    assert ends[w1 > 0].mean() == pytest.approx(loses, abs=0.01)


def test_the_height_lost_is_the_squared_error_added_up():
    def height(w0, c):
        return w0**4 / 8 + c * w0**2 / 2 - w0

    w0, w1 = starts(50, 9, box=3)
    c = invariant_fa(w0, w1)
    times = np.linspace(0, 3, 6001)
    path = toy.solve(w0, w1, times, tolerance=1e-11)
    lost = height(w0, c) - height(path[0][-1], c)
    assert lost == pytest.approx(np.trapezoid(toy.error(*path) ** 2, times, axis=0), rel=1e-4, abs=1e-4)
    middle, nudge = np.linspace(-4, 4, 50), 1e-6
    slope = (height(middle + nudge, c) - height(middle - nudge, c)) / (2 * nudge)
    assert slope == pytest.approx(-toy.flow(middle, middle**2 / 2 + c)[0], rel=1e-5, abs=1e-5)


def test_the_shelf_attracts_from_the_left_only():
    w0 = np.array([-3.0, -1.2, -0.999, -0.8])
    ends = toy.solve(w0, w0**2 / 2 - 1.5, [0, 2000], tolerance=1e-10)[0][-1]
    assert ends == pytest.approx([-1, -1, 2, 2], abs=1e-3)


def room(w0, w1, learning_rate):
    """Positive inside BP's ellipse."""
    return 4 / learning_rate - learning_rate - (w0**2 + w1**2 - learning_rate * w0 * w1)


@given(w0=weights, w1=weights, learning_rate=st.floats(0.01, 1.99))
def test_no_step_of_bp_crosses_the_ellipse(w0, w1, learning_rate):
    e = toy.error(w0, w1)
    expected = room(w0, w1, learning_rate) * (1 - learning_rate**2 * e * (1 - e))
    scale = 1 + (np.abs([w0, w1]).max() + learning_rate * np.abs(e) * np.abs([w0, w1]).max()) ** 2 + 4 / learning_rate
    assert abs(room(*toy.step(w0, w1, learning_rate, "bp"), learning_rate) - expected) < 1e-9 * scale**2


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 0.9])
def test_outside_the_ellipse_solutions_are_fixed_points_and_their_neighbours_leave(learning_rate):
    w0 = np.array([4.0, -8.0, 16.0])[np.array([4.0, 8.0, 16.0]) ** 2 > 4 / learning_rate]
    w0 = w0 if len(w0) else np.array([16.0])
    assert (room(w0, 1 / w0, learning_rate) < 0).all()
    assert np.array_equal(steps(w0, 1 / w0, learning_rate, "bp", 100), (w0, 1 / w0))
    assert not np.isfinite(steps(w0 * 1.001, 1 / w0, learning_rate, "bp", 300)[0]).any()


@given(w0=sizes, learning_rate=st.floats(0.05, 1.5))
def test_from_inside_the_ellipse_some_starts_land_on_the_line_that_never_learns(w0, learning_rate):
    after = toy.step(w0, (1 + 1 / learning_rate) / w0, learning_rate, "bp")
    assert sum(after) == pytest.approx(0, abs=1e-9 * (1 + np.abs(after).max()))
    balanced = np.sqrt(1 + 1 / learning_rate)
    assert room(balanced, balanced, learning_rate) > 0


def test_at_the_limit_itself_fa_settles_beside_one_half_and_is_lost_on_one_side_of_the_origins_end():
    for start, settles in ((0.5, (True, True)), (1.26, (True, False)), (-2.0, (False, True))):
        limit = toy.local_limit(start, 1 / start)
        for nudge, expected in zip((-1e-3, 1e-3), settles, strict=True):
            w0, w1 = steps(start + nudge, 1 / start, limit, "fa", 20_000)
            assert (abs(toy.error(w0, w1)) < 0.01) == np.isfinite(w0) == expected


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_fa_drifts_to_the_right_on_the_right_branch_and_to_the_left_on_the_left_one(share):
    for branch, way in ((np.linspace(0.3, 3, 28), 1), (np.linspace(-3, -1.3, 18), -1)):
        for start in branch:
            end = steps(start + 1e-2, 1 / start, share * toy.local_limit(start, 1 / start), "fa", 40)
            assert way * (toy.limit_fa(*end)[0] - toy.limit_fa(start + 1e-2, 1 / start)[0]) > 0
