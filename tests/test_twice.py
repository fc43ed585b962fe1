"""A cell run twice gives the same verdicts. The others train for minutes: `make twice`."""

import pytest

from fa_lessons.course import notebooks
from tests import twice


@pytest.mark.parametrize("path", notebooks.find(["2", "3"]), ids=lambda path: path.stem)
def test_every_cell_run_twice(path):
    assert twice.differences(path) == []
