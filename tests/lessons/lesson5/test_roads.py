"""The diagram of who sends what to whom."""

import matplotlib.pyplot as plt
import pytest

from fa_lessons.lessons.lesson5.roads import ROADS, roads


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.mark.parametrize("rule", ROADS)
def test_every_road_of_the_error_is_an_arrow_with_its_matrix(rule, ax):
    assert len(roads(rule, ax)) == len(ROADS[rule])
    written = {text.get_text() for text in ax.texts}
    assert written >= {label for _, _, label in ROADS[rule]} | {"$e$", "$x$", "$W_3$"}
    ax.figure.canvas.draw()


def test_a_rule_without_a_road_is_named(ax):
    with pytest.raises(ValueError, match="rule must be one of bp, fa, dfa, ifa, got 'hebb'"):
        roads("hebb", ax)
