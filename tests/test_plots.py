"""Figures: what their artists show, and in which look."""

import base64
import io
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from fa_lessons import plots
from fa_lessons.lessons.moving import MovingPicture

RULES = ("bp", "fa", "dfa", "ifa", "shallow")


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def history(seed, epochs=4, records=17, layers=2, replicas=3):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        test_error=rng.uniform(1, 90, (epochs, replicas)),
        train_error=rng.uniform(1, 90, (epochs, replicas)),
        record_steps=np.arange(records) * 25,
        alignment=rng.uniform(0, 180, (records, layers, replicas)),
    )


HISTORIES = {rule: history(seed) for seed, rule in enumerate(RULES)}


def assert_looks_like(line, rule):
    """As the rule's own line, drawn by matplotlib alone."""
    (wanted,) = plt.figure().add_subplot().plot([0], [0], **plots.RULE_STYLE[rule])
    assert (line.get_color(), line.get_marker(), line.get_label()) == (
        wanted.get_color(),
        wanted.get_marker(),
        wanted.get_label(),
    )
    assert line._dash_pattern == wanted._dash_pattern
    plt.close(wanted.figure)


def band(ax, color):
    """(x, least, most) of the one shaded band of that colour."""
    (found,) = [c for c in ax.collections if to_hex(c.get_facecolor()[0][:3]).upper() == color]
    assert found.get_facecolor()[0][3] == pytest.approx(0.15)
    corners = found.get_paths()[0].vertices
    x = np.unique(corners[:, 0])
    return x, *(np.array([edge(corners[corners[:, 0] == value, 1]) for value in x]) for edge in (np.min, np.max))


@pytest.mark.parametrize("which", ["test_error", "train_error"])
def test_error_curves_show_mean_and_range_of_every_rule_in_its_look(ax, which):
    lines = plots.error_curves(HISTORIES, ax, which)
    assert tuple(lines) == RULES and list(lines.values()) == ax.get_lines()
    for rule, line in lines.items():
        errors = getattr(HISTORIES[rule], which)
        np.testing.assert_allclose(line.get_xydata(), np.c_[1:5, errors.mean(1)])
        assert_looks_like(line, rule)
        np.testing.assert_allclose(band(ax, line.get_color()), [range(1, 5), errors.min(1), errors.max(1)])
    assert ax.get_xlabel() == "epoch" and ax.get_ylabel() == which.replace("_", " ") + " (%)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["BP", "FA", "DFA", "IFA", "shallow"]
    assert all(float(tick).is_integer() for tick in ax.get_xticks())


@pytest.mark.parametrize("layer", [0, 1])
def test_angle_curves_show_one_layer_and_leave_out_a_rule_without_signal(ax, layer):
    silent = history(9)
    silent.alignment[:, layer] = np.nan
    lines = plots.angle_curves({**HISTORIES, "shallow": silent}, layer, ax)
    assert tuple(lines) == RULES[:-1]
    for rule, line in lines.items():
        angles = HISTORIES[rule].alignment[:, layer]
        np.testing.assert_allclose(line.get_xydata(), np.c_[np.arange(17) * 25, angles.mean(1)])
        assert_looks_like(line, rule)
        assert line.get_markevery() == 2
        np.testing.assert_allclose(band(ax, line.get_color())[1:], [angles.min(1), angles.max(1)])
    (chance,) = [line for line in ax.get_lines() if line not in lines.values()]
    assert set(chance.get_ydata()) == {90} and chance.get_color() == plots.GREY
    assert [text.get_text() for text in ax.texts] == ["90°: chance"] and ax.texts[0].xy == (1, 90)
    assert ax.get_ylim() == (0, max(HISTORIES[rule].alignment[:, layer].max() for rule in lines))
    assert ax.get_xlabel() == "training step" and ax.get_legend() is not None


def test_angles_are_shown_from_zero_to_a_hundred_or_as_far_as_they_go(ax):
    low = history(0)
    low.alignment[:] = 60
    plots.angle_curves({"fa": low}, ax=ax)
    assert ax.get_ylim() == (0, 100)
    low.alignment[3, 0, 1] = 150
    plots.angle_curves({"dfa": low}, ax=ax)
    assert ax.get_ylim() == (0, 150)
    plots.angle_curves({"fa": low}, layer=1, ax=ax)  # beside what is drawn already
    assert ax.get_ylim() == (0, 150)


def test_a_replica_without_a_number_hides_no_other(ax, recwarn):
    some = history(0)
    some.alignment[2:, :, 1] = some.test_error[1:, 1] = np.nan
    some.alignment[5, :, :] = np.nan  # of none
    left = some.alignment[:, 0, [0, 2]]
    angle, error = plots.angle_curves({"fa": some}, ax=ax)["fa"], plots.error_curves({"dfa": some}, ax)["dfa"]
    expected = np.r_[some.alignment[:2, 0].mean(1), left[2:].mean(1)]
    np.testing.assert_allclose(angle.get_xydata()[:, 1], expected)
    np.testing.assert_allclose(error.get_xydata()[1:, 1], some.test_error[1:, [0, 2]].mean(1))
    np.testing.assert_allclose(band(ax, error.get_color())[2][1:], some.test_error[1:, [0, 2]].max(1))
    assert not recwarn.list


@pytest.mark.parametrize("layer", [2, -1, "0", 0.0, True, None])
def test_a_layer_that_is_none_is_refused(ax, layer):
    with pytest.raises(ValueError, match="layer must be a whole number from 0 to 1, got"):
        plots.angle_curves(HISTORIES, layer, ax)


@pytest.mark.parametrize("which", ["x", "alignment", None, ["test_error"]])
def test_a_curve_that_is_no_error_is_refused(ax, which):
    with pytest.raises(ValueError, match="which must be one of test_error, train_error, got"):
        plots.error_curves(HISTORIES, ax, which)


def test_without_axes_a_figure_function_draws_on_the_current_ones():
    figure, ax = plt.subplots()
    assert plots.error_curves(HISTORIES)["fa"].axes is ax and plots.angle_curves(HISTORIES)["fa"].axes is ax
    plt.close(figure)


def test_every_rule_has_a_look_that_no_other_has():
    for part in ("color", "linestyle", "marker", "label"):
        assert len({plots.RULE_STYLE[rule][part] for rule in RULES}) == len(RULES), part
    assert plots.RULE_STYLE["fa"]["color"] == plots.BLUE and plots.RULE_STYLE["dfa"]["color"] == plots.VERMILION


def luminance(color):
    """Relative luminance, by WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("rule", RULES)
def test_a_rules_colour_is_seen_on_white(rule):
    assert 1.05 / (luminance(plots.RULE_STYLE[rule]["color"]) + 0.05) > 3


def test_the_palette_is_okabe_and_itos():
    names = ("BLACK", "ORANGE", "SKY", "GREEN", "YELLOW", "BLUE", "VERMILION", "PURPLE")
    published = [(0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178)]
    for name, rgb in zip(names, [*published, (213, 94, 0), (204, 121, 167)], strict=True):
        assert to_rgb(getattr(plots, name)) == pytest.approx(np.array(rgb) / 255)


def test_a_logarithmic_axis_has_plain_numbers(ax):
    plots.log_percent(ax, [1, 2.5, 10])
    ax.set_ylim(1, 20)
    ax.figure.canvas.draw()
    assert ax.get_yscale() == "log" and [t.get_text() for t in ax.get_yticklabels()] == ["1", "2.5", "10"]
    assert not any(t.get_text() for t in ax.get_yticklabels(minor=True))


def test_a_shown_figure_carries_its_text_and_is_closed(capsys):
    figure, _ = plt.subplots()
    alt = 'A line that falls below "90°" & stays < 80°.'
    data, metadata = DisplayFormatter().format(plots.Picture(figure, alt))
    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert data["text/plain"] == alt and data["image/png"].startswith("iVBORw0KGgo")
    image = ElementTree.fromstring(data["text/html"].replace(">", "/>"))
    assert image.tag == "img"
    assert image.attrib == {"src": f"data:image/png;base64,{data['image/png']}", "alt": alt}
    assert metadata == {"image/png": {"alt": alt}}
    plots.show(figure, alt=alt)
    assert capsys.readouterr().out == alt + "\n"  # in plain Python
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", [" \n", "", None, 3])
def test_a_figure_without_words_is_refused_and_closed(alt):
    figure = plt.figure()
    with pytest.raises(ValueError, match="alt must say in words what the figure shows, got"):
        plots.show(figure, alt=alt)
    assert not plt.fignum_exists(figure.number)


def test_the_house_style_is_matplotlibs_default_from_then_on():
    with plt.rc_context():
        plots.use_house_style()
        figure, ax = plt.subplots()
        assert figure.get_layout_engine() is not None and not ax.spines["top"].get_visible()
        assert ax.xaxis.label.get_size() >= 12 and ax.plot([0, 1])[0].get_color() == plots.BLUE
        plt.close(figure)


def pixels_of_curves():
    """A figure with lines, bands, a legend and words, in the house style, as pixels."""
    plots.use_house_style()
    figure, ax = plt.subplots()
    plots.angle_curves(HISTORIES, ax=ax)
    ax.annotate("words", (100, 50))
    figure.suptitle("title")
    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    return np.asarray(Image.open(file))


class Square(MovingPicture):
    def __init__(self):
        super().__init__((3, 2), 100)
        with self.style():
            ax = self.figure.add_axes((0.2, 0.2, 0.7, 0.7), title="square")
            self.move(ax.plot([0, 1], [0, 1], label="line") + [ax.legend()])


@pytest.mark.parametrize("before", ["dark_background", "ggplot", "classic"])
def test_a_figure_looks_the_same_whatever_style_was_in_use(before):
    with plt.rc_context():
        plain, square = pixels_of_curves(), Square().png()
        assert (plain[0, 0] == 255).all() and plain.min() == 0
        plt.style.use(before)
        assert Square().png() == square
        np.testing.assert_array_equal(pixels_of_curves(), plain)


def test_a_stored_picture_is_small_and_looks_like_the_figure():
    figure, ax = plt.subplots(figsize=(7, 4))
    ax.imshow(np.random.default_rng(0).uniform(size=(20, 20)), cmap="cividis")
    whole = io.BytesIO()
    figure.savefig(whole, format="png")
    plt.close(figure)
    stored = base64.b64decode(plots.spoken(whole, "noise")["image/png"])
    pixels = [np.asarray(Image.open(file).convert("RGB"), float) for file in (whole, io.BytesIO(stored))]
    assert len(stored) < 0.6 * len(whole.getvalue())
    assert np.abs(pixels[0] - pixels[1]).mean() < 1
