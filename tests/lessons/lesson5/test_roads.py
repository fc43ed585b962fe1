"""The diagram of who sends what to whom."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import ArrowStyle

from fa_lessons import plots
from fa_lessons.lessons.lesson5.roads import roads

# From layer, to layer, through which matrix: the equations of δa_2 and δa_1 in a network of two hidden layers.
TRUTH = {
    "bp": {(3, 2, "$W_3^T$"), (2, 1, "$W_2^T$")},
    "fa": {(3, 2, "$B_2$"), (2, 1, "$B_1$")},
    "dfa": {(3, 2, "$B_2$"), (3, 1, "$B_1$")},
    "ifa": {(3, 1, "$B_1$"), (1, 2, "$W_2$")},
}


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def signal_heights(ax):
    """{height: what is written in the node there}, of the error's column."""
    return {text.get_position()[1]: text.get_text() for text in ax.texts if text.get_position()[0] == 1}


def drawn(arrow):
    """(from, to): the levels that an arrow's ends are nearest to."""
    (_, begin), (_, end) = arrow._posA_posB
    return round(begin), round(end)


@pytest.mark.parametrize("rule", TRUTH)
def test_every_road_of_the_error_leads_from_layer_to_layer(rule, ax):
    arrows = roads(rule, ax)
    assert sorted(map(drawn, arrows)) == sorted((start, end) for start, end, _ in TRUTH[rule])
    assert all(isinstance(arrow.get_arrowstyle(), ArrowStyle.CurveFilledB) for arrow in ax.patches)  # heads at the ends
    assert signal_heights(ax) == {3: "$e$", 2: r"$\delta a_2$", 1: r"$\delta a_1$"}
    ax.figure.canvas.draw()


@pytest.mark.parametrize("rule", TRUTH)
def test_the_matrix_stands_beside_its_arrow(rule, ax):
    roads(rule, ax)
    labels = {text.get_text(): text.get_position() for text in ax.texts if 0.5 < text.get_position()[0] != 1}
    assert set(labels) == {label for _, _, label in TRUTH[rule]}
    for start, end, label in TRUTH[rule]:
        x, y = labels[label]
        assert y == (start + end) / 2
        assert (x < 1) == (abs(start - end) == 1)  # a long arrow is curved, and bulges to the right


@pytest.mark.parametrize("rule", TRUTH)
def test_the_errors_way_has_the_rules_colour_and_name_and_the_forward_way_is_grey(rule, ax):
    arrows = roads(rule, ax)
    color = plots.RULE_STYLE[rule]["color"]
    assert ax.get_title() == rule.upper()
    assert {to_hex(arrow.get_edgecolor()).upper() for arrow in arrows} == {color}
    forward = [patch for patch in ax.patches if patch not in arrows]
    assert sorted(map(tuple, np.round([np.ravel(a._posA_posB) for a in forward], 2).tolist())) == [
        (0, level + 0.27, 0, level + 0.73) for level in range(3)
    ]
    assert {to_hex(arrow.get_edgecolor()).upper() for arrow in forward} == {plots.GREY}
    written = {text.get_text(): text.get_position() for text in ax.texts if text.get_position()[0] <= 0}
    assert {name: place[1] for name, place in written.items()} == {
        "$x$": 0, "$h_1$": 1, "$h_2$": 2, r"$\hat y$": 3, "$W_1$": 0.5, "$W_2$": 1.5, "$W_3$": 2.5
    }  # fmt: skip


def test_a_rule_without_a_road_is_named(ax):
    with pytest.raises(ValueError, match="rule must be one of bp, fa, dfa, ifa, got 'hebb'"):
        roads("hebb", ax)
