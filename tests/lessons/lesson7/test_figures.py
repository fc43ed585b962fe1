"""The figures of lesson 7: what their artists show, in which look, on data made up here."""

import numpy as np
import pytest

from fa_lessons import plots
from fa_lessons.lessons.lesson7 import explorer, figures
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, ticks, words

rng = np.random.default_rng(7)


def marks(ax, color, marker):
    """(x, y) of the marks without a line in this look, those of the legend left out."""
    found = [line for line in ax.lines if (line.get_color(), line.get_marker()) == (color, marker)]
    return [line.get_xydata() for line in found if line.get_linestyle() == "None" and len(line.get_xdata())]


def test_the_trap_has_a_line_a_precision_a_mark_a_seed_and_the_predicted_strength():
    gammas = np.array([0.1, 0.01, 0.001])
    angles = {name: rng.uniform(0.01, 80, (3, 4)) for name in ("64 bits", "32 bits")}
    (ax,) = figures.precision_trap(gammas, angles, 0.005).axes
    lines = [line for line in ax.lines if line.get_label() in angles]
    for line, (name, values) in zip(lines, angles.items(), strict=True):
        color, style, _ = figures.PRECISION_LOOK[name]
        assert_line(line, gammas, values.mean(1), color, style, name)
        np.testing.assert_array_equal([m[:, 1] for m in marks(ax, color, ".")], values.T)
    assert_own_looks(lines)
    assert words(ax)[2].startswith("best γ") and set(ax.lines[-1].get_xdata()) == {0.005}
    assert ax.get_xscale() == ax.get_yscale() == "log" and any(set(line.get_ydata()) == {90} for line in ax.lines)


def test_four_settings_show_a_line_a_layer():
    gammas = explorer.GAMMAS
    settings = {f"setting {i}": explorer.LawCurves(gammas, rng.uniform(0.01, 90, (29, 3))) for i in range(4)}
    axes = figures.four_settings(settings).axes
    for ax, (title, curves) in zip(axes, settings.items(), strict=True):
        assert ax.get_title() == title
        for layer, look in enumerate(explorer.LAYER_STYLE):
            assert_line(ax.lines[layer], gammas, curves.angles[:, layer], *look, f"layer {layer + 1}")
    with pytest.raises(ValueError, match="zip"):
        figures.four_settings(dict(list(settings.items())[:3]))


def test_errors_and_angles_share_their_rows():
    errors = {"bp": np.array([3.0, 4]), "shallow": np.array([14.0, 15])}
    angles = {"bp": rng.uniform(0, 90, (3, 2)), "shallow": np.full((3, 2), np.nan)}
    left, right = figures.errors_and_angles(errors, angles, {"bp": "BP", "shallow": "only the top"}).axes
    for row, (found, values) in enumerate(zip(marks(left, plots.BLACK, "o"), errors.values(), strict=True)):
        np.testing.assert_array_equal(found, [[value, row] for value in values])
    for layer, look in enumerate(figures.LAYER_LOOK):
        first = marks(right, *look)[0]
        np.testing.assert_array_equal(first[:, 0], angles["bp"][layer])
        assert (abs(first[:, 1]) < 0.5).all()
    assert list(ticks(left.yaxis).values()) == ["BP", "only the top"] and left.get_ylim()[0] > left.get_ylim()[1]
    assert words(right) == ["layer 1", "layer 2", "layer 3"]


def test_features_are_pictures_of_weights_dreams_and_errors():
    weights, dreams = rng.normal(size=(784, 30)), rng.random((16, 784))
    errors = {"CD-1": np.array([7.0, 7.2]), "pixels": np.array([9.0, 9.1])}
    axes = figures.features(weights, dreams, errors, {"CD-1": "features", "pixels": "pixels"}).axes
    assert len(axes) == 24 + 16 + 1
    limits = {ax.images[0].get_clim() for ax in axes[:24]}
    assert limits == {(-np.abs(weights[:, :24]).max(), np.abs(weights[:, :24]).max())}
    np.testing.assert_array_equal(axes[5].images[0].get_array(), weights[:, 5].reshape(28, 28))
    np.testing.assert_array_equal(axes[24 + 3].images[0].get_array(), dreams[3].reshape(28, 28))
    found = marks(axes[-1], plots.BLACK, "o")
    np.testing.assert_array_equal([f[:, 0] for f in found], list(errors.values()))
    assert list(ticks(axes[-1].yaxis).values()) == ["features", "pixels"]


def test_dreaming_stops_shows_both_climbs_and_the_angle():
    steps = np.arange(0, 40, 10)
    likelihood = {name: rng.uniform(-6, -2, (4, 3)) for name in ("CD-1", "exact gradient")}
    angles = rng.uniform(0, 120, (4, 3))
    left, right = figures.dreaming_stops(steps, likelihood, angles, -1.8).axes
    for line, (name, values) in zip(left.lines, likelihood.items(), strict=False):
        assert_line(line, steps, values.mean(1), label=name)
    assert_own_looks(left.lines[:2])
    assert_bands(left, *((steps, values.min(1), values.max(1)) for values in likelihood.values()))
    assert set(left.lines[2].get_ydata()) == {-1.8} and set(right.lines[1].get_ydata()) == {90}
    assert_line(right.lines[0], steps, angles.mean(1))
    assert_bands(right, (steps, angles.min(1), angles.max(1)))


def test_two_limits_go_to_the_right():
    betas, variances = np.array([1, 0.1, 0.01]), np.array([1, 10])
    of_beta = {name: rng.uniform(0.01, 1, (3, 3)) for name in ("β against 0", "β against −β")}
    of_variance = rng.uniform(0.01, 1, (2, 3))
    left, right = figures.two_limits(betas, of_beta, variances, of_variance).axes
    for line, (name, values) in zip(left.lines, of_beta.items(), strict=True):
        assert_line(line, betas, values.mean(1), label=name)
    assert_own_looks(left.lines)
    assert left.get_xlim()[0] > left.get_xlim()[1] and right.get_xlim()[0] < right.get_xlim()[1]
    assert_line(right.lines[0], variances, of_variance.mean(1))
    assert_bands(right, (variances, of_variance.min(1), of_variance.max(1)))
