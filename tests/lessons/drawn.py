"""What a test of a figure reads from its artists."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_hex

from tests.test_plots import assert_looks_like


def words(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks(axis):
    return dict(zip(axis.get_ticklocs(), [label.get_text() for label in axis.get_ticklabels()], strict=True))


def assert_line(line, x, y, color=None, style=None, label=None):
    """The line goes through (x, y), in this colour and line style, under this label, where given."""
    np.testing.assert_allclose(line.get_xdata(), x, rtol=1e-6)
    np.testing.assert_allclose(line.get_ydata(), y, rtol=1e-6)
    if color:
        assert to_hex(line.get_color()).upper() == color
    if style:
        assert line.get_linestyle() == style
    if label:
        assert line.get_label() == label


def assert_own_looks(lines):
    """No two lines share colour and line style."""
    looks = [(to_hex(line.get_color()), line.get_linestyle()) for line in lines]
    assert len(set(looks)) == len(looks)


def assert_rule(line, rule, x, y):
    """The line goes through (x, y) in the look of that rule, as matplotlib alone draws it."""
    assert_line(line, x, y)
    assert_looks_like(line, rule)


def assert_bands(ax, *bands):
    """The shaded bands, each (x, least, most), in the order in which they were drawn."""
    assert len(ax.collections) == len(bands)
    for found, (x, least, most) in zip(ax.collections, bands, strict=True):
        corners = found.get_paths()[0].vertices
        for value, low, high in zip(x, least, most, strict=True):
            heights = corners[np.isclose(corners[:, 0], value), 1]
            np.testing.assert_allclose([heights.min(), heights.max()], [low, high])


def history(rng, epochs=3, seeds=3, records=4, layers=1):
    values = rng.uniform(5, 30, (4, epochs, seeds))
    return SimpleNamespace(
        test_error=values[0],
        train_error=values[1],
        test_loss=values[2],
        train_loss=values[3],
        record_steps=np.arange(records) * 50,
        alignment=rng.uniform(20, 90, (records, layers, seeds)),
    )
