"""The figures of lesson 3: what their artists show, in which look, on data made up here."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_hex

from fa_lessons import plots
from fa_lessons.lessons.lesson3 import figures
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, words

rng = np.random.default_rng(3)
t = np.linspace(0, 4, 9)


def some(*shape):
    return rng.uniform(0.1, 2, shape)


def test_error_in_time_has_both_rates_and_the_flow():
    runs, flow = {0.1: (t[::2], some(5)), 0.01: (t, some(9))}, some(9)
    (ax,) = figures.error_in_time(runs, t, flow).axes
    coarse, fine, limit = ax.lines
    assert_line(coarse, *runs[0.1], plots.ORANGE, ":", r"online, $\eta=0.1$")
    assert_line(fine, *runs[0.01], plots.BLUE, "--", r"online, $\eta=0.01$")
    assert_line(limit, t, flow, plots.BLACK, "-", "flow (the smallest rate lies on it)")


def test_condition_is_lesson_ones_picture_once_a_panel():
    pairs = {"first": (np.array([1.0, 0]), np.array([1.0, 1])), "then": (np.array([0, 1.0]), np.array([0, -1.0]))}
    figure = figures.condition(pairs)
    assert [ax.get_title() for ax in figure.axes] == ["first: $e^TWBe > 0$", "then: $e^TWBe < 0$"]
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 2 and "45°" in [text.get_text() for text in figure.axes[0].texts]


def test_modes_lie_on_their_toys_end_at_the_cube_root_and_die_out_at_their_rates():
    s, times = np.array([4.0, 0.5]), np.linspace(0, 6, 57)
    ends = np.cbrt(2 * s)  # toys that die out exactly at the rates: 1 - a³/(2s) = exp(-3/2 (2s)^(2/3) t)
    toys = ends * np.cbrt(1 - np.exp(-1.5 * ends**2 * times[:, None]))
    measured, errors = toys + 0.01, {"sees": (some(57), 0.0), "blind": (some(57), 0.4)}
    left, middle, right = figures.modes(times, toys, measured, s, errors).axes
    for i in range(2):
        curve, markers, end = left.lines[3 * i : 3 * i + 3]
        assert_line(curve, times, toys[:, i], label=f"toy, $s_{i + 1}={s[i]:.1f}$")
        assert_line(markers, times[::4], measured[::4, i])
        assert set(end.get_ydata()) == {ends[i]}
        missing, band = middle.lines[2 * i : 2 * i + 2]
        np.testing.assert_allclose(
            missing.get_ydata(), np.maximum(np.exp(-1.5 * ends[i] ** 2 * times), 1e-16), atol=1e-12
        )
        shown = band.get_xdata()
        np.testing.assert_allclose(band.get_ydata(), np.exp(-1.5 * ends[i] ** 2 * shown), rtol=1e-6)
        assert len(shown) > 5
    assert_own_looks([left.lines[0], left.lines[3]])
    sees, blind, rest = right.lines
    assert_line(sees, times, errors["sees"][0], label="sees")
    assert_line(blind, times, errors["blind"][0], label="blind")
    assert set(rest.get_ydata()) == {0.4} and rest.get_label() == "left over, by formula"
    assert all(ax.get_xlabel() == "time" and ax.get_ylabel() for ax in (left, middle, right))


def test_ball_shows_both_courses_with_arrows_on_the_landscape_and_where_the_energy_goes():
    X, Y = np.meshgrid(np.linspace(-2, 2, 20), np.linspace(-2, 2, 20))
    path, alone, energies = some(9, 2), some(9, 2), {name: some(9) for name in ("U", "stored", "L")}
    left, right, _ = figures.ball(path, alone, (X, Y, X**2 + Y**2), t, energies).axes
    course, end, other, other_end, start = left.lines
    assert_line(course, *path.T, label="feedback alignment")
    assert_line(other, *alone.T, plots.ORANGE, "--", "downhill alone, without $K$")
    for point, at in ((end, path[-1]), (other_end, alone[-1]), (start, path[0])):
        assert_line(point, [at[0]], [at[1]])
    assert len(left.texts) == 2  # an arrow on each course
    for line, (name, curve) in zip(right.lines, energies.items(), strict=False):
        assert_line(line, t, curve, label=name)
    assert_own_looks(right.lines[:3])


def test_drift_leaves_out_the_start_and_stops_at_the_solvers_tolerance():
    drifts, flow = {0.1: some(5), 0.05: some(9), 0.01: some(17)}, np.array([0, 1e-15, *some(7)])
    (ax,) = figures.drift(drifts, t, flow).axes
    *steps, kept = ax.lines
    looks = [(plots.ORANGE, ":"), (plots.GREEN, "-."), (plots.BLUE, "--")]
    for line, (rate, drift), look in zip(steps, drifts.items(), looks, strict=True):
        assert_line(line, 4 * np.arange(1, len(drift)) / (len(drift) - 1), drift[1:], *look)
        assert line.get_label() == rf"steps, $\eta={rate:g}$"
    assert_line(kept, t[1:], [1e-12, *flow[2:]], plots.BLACK)


def test_rate_of_V_is_the_slope_beside_the_sum_of_three_and_of_two_terms():
    values = {"zero": some(9), "other": some(9)}
    rates = {title: some(3, 9) for title in values}
    figure = figures.rate_of_V(list(values), t, values, rates)
    for ax, title in zip(figure.axes, values, strict=True):
        measured, three, two, zero = ax.lines
        assert_line(measured, t, np.gradient(values[title], t), plots.GREY, label=r"$\dot V$, measured")
        assert_line(three, t, rates[title][0] + rates[title][1] + rates[title][2], plots.BLUE, "-", "three terms")
        assert_line(two, t, rates[title][0] + rates[title][1], plots.VERMILION, "--")
        assert set(zero.get_ydata()) == {0} and ax.get_title() == title


def test_barbalat_fails_shows_each_function_above_its_slope():
    examples = [("a", some(9), some(9)), ("b", some(9), some(9))]
    axes = np.reshape(figures.barbalat_fails(examples, t, [1, 2]).axes, (2, 2))
    for (above, below), (title, value, slope) in zip(axes.T, examples, strict=True):
        assert_line(above.lines[0], t, value, plots.BLUE)
        assert_line(below.lines[0], t, slope, plots.VERMILION)
        assert above.get_title().startswith(title) and below.get_xlabel() == "time"
    spikes = axes[1, 1].collections[0].get_segments()
    np.testing.assert_array_equal(spikes, [[[1, -1], [1, 0]], [[2, -1], [2, 0]]])


def test_proof_quantities_go_to_zero_or_stay_under_the_bound():
    chain, A, K = {name: some(9) for name in "abcd"}, some(9, 2, 3), some(9)
    left, right = figures.proof_quantities(chain, t, A, K, 1.7).axes
    for line, (name, curve) in zip(left.lines, chain.items(), strict=True):
        assert_line(line, t, curve, label=name)
    assert_own_looks(left.lines)
    norm, other, bound = right.lines
    assert_line(norm, t, np.sqrt((A**2).sum((1, 2))), plots.BLUE, "-", r"$\|A\|$")
    assert_line(other, t, K, plots.VERMILION, "--", r"$\|K\|$")
    assert set(bound.get_ydata()) == {1.7} and left.get_yscale() == "log"


def test_random_systems_are_all_shown_and_the_closeup_starts_at_one():
    losses, closeup = some(6, 9), {name: some(9) for name in ("loss", "V", "other")}
    left, right = figures.random_systems(t, losses, closeup, t).axes
    for line, loss in zip(left.lines, losses, strict=True):
        assert_line(line, t[1:], loss[1:], plots.BLUE)
    for line, (name, curve) in zip(right.lines, closeup.items(), strict=True):
        assert_line(line, t, curve / curve[0], label=name)
        assert line.get_ydata()[0] == 1
    assert_own_looks(right.lines)


def test_dropped_assumptions_have_a_panel_each_three_that_hold_and_three_that_fail():
    cases = {f"case {i}": (t, some(9)) for i in range(6)}
    axes = figures.dropped_assumptions(cases).axes
    for i, (ax, (title, curve)) in enumerate(zip(axes, cases.items(), strict=True)):
        look = (plots.BLUE, "-") if i < 3 else (plots.VERMILION, "--")
        assert_line(ax.lines[0], *curve, *look)
        assert ax.get_title() == title and ax.get_yscale() == "log"


def test_eigenvalues_stand_against_the_cube_root_of_theory():
    seen, strength, angles = np.array([1.0, 8, 27]), some(3), (rng.uniform(0, 60, 50), rng.uniform(0, 60, 50))
    left, right = figures.eigenvalues(*angles, seen, strength, 4).axes
    found, theory, straight, flat = left.lines
    assert_line(found, seen, strength, plots.BLUE)
    assert_line(theory, seen, 2 * np.array([1, 2, 3]), plots.BLUE, "-")  # (2 τ)^(2/3) / 2 = 2 for τ = 4
    assert_line(straight, seen, 6 * seen / 27, plots.GREY, ":")
    assert_line(flat, seen, [6, 6, 6], plots.GREY, "--")
    assert left.get_xscale() == left.get_yscale() == "log"
    heights = [patch.get_height() for patch in right.patches]
    for counted, values in zip((heights[:30], heights[30:]), angles, strict=True):
        np.testing.assert_array_equal(counted, np.histogram(values, np.arange(0, 61, 2))[0])
    colors = [to_hex(right.patches[i].get_facecolor()).upper() for i in (0, 30)]
    assert colors == [plots.ORANGE, plots.BLUE] and words(right) == ["to backprop's $W^Te$", "to Gauss–Newton's $W^+e$"]


def run():
    kinds = {name: some(9, 4) for name in ("error", "to_backprop", "to_gauss_newton", "positive")}
    return SimpleNamespace(examples=t * 100, **kinds)


def spread(found, name):
    values = getattr(found, name)
    return found.examples, values.min(1), values.max(1)


def test_linear_task_shows_mean_and_range_by_rule_for_both_starts():
    curves, matched = ({rule: run() for rule in ("bp", "fa", "shallow")} for _ in range(2))
    axes = figures.linear_task(curves, matched).axes
    for ax, runs in zip(axes, (curves, matched), strict=True):
        for line, (rule, found) in zip(ax.lines, runs.items(), strict=True):
            assert_rule(line, rule, found.examples, found.error.mean(1))
        assert_bands(ax, *(spread(found, "error") for found in runs.values()))
    assert words(axes[0]) == ["BP", "FA", "shallow"] and axes[0].get_title() == "as in the paper"


def test_angles_of_Be_show_both_angles_and_the_positive_share():
    fa = run()
    left, right = figures.angles_of_Be(fa).axes
    backprop, gauss_newton, ninety = left.lines
    assert_line(backprop, fa.examples, fa.to_backprop.mean(1), plots.ORANGE, "-", "to backprop's $W^Te$")
    assert_line(gauss_newton, fa.examples, fa.to_gauss_newton.mean(1), plots.BLUE, "--")
    assert set(ninety.get_ydata()) == {90}
    assert_bands(left, spread(fa, "to_backprop"), spread(fa, "to_gauss_newton"))
    assert_line(right.lines[0], fa.examples, fa.positive.mean(1), plots.GREEN)
    assert_bands(right, spread(fa, "positive"))


def test_who_leads_draws_the_first_terms_of_the_series():
    B, T, times = some(4, 2), some(2, 3), np.array([0.01, 0.1, 1])
    (ax,) = figures.who_leads(times, 3 * times, times**2, B, T).axes
    lead, lag, of_A, of_W = ax.lines
    assert_line(lead, times, 3 * times, plots.BLUE, "-")
    assert_line(lag, times, times**2, plots.VERMILION, "--")
    assert_line(of_A, times, times * np.linalg.norm(B @ T), plots.GREY, ":")
    assert_line(of_W, times, times**2 / 2 * np.linalg.norm(T @ T.T @ B.T), plots.GREY, ":")
