"""The widget that all moving pictures share: controls above, a line of text, the picture."""

from itertools import chain

import numpy as np


def view(picture, columns, show):
    """A widget that redraws `picture`, a `MovingPicture`, whenever a control changes.

    columns: the controls, a list for each column. show(): moves the picture to what the controls say and returns the
    line of text; the message of its ValueError takes the line's place, and the picture stays as it is.
    """
    import ipywidgets as widgets

    image, label = widgets.Image(format="png"), widgets.Label()

    def redraw(*_):
        try:
            label.value = show()
        except ValueError as error:
            label.value = f"✗ {error}"
        else:
            image.value = picture.png()

    for control in chain.from_iterable(columns):
        control.observe(redraw, "value")
    redraw()
    return widgets.VBox([widgets.HBox([widgets.VBox(column) for column in columns]), label, image])


def ten_to(control):
    """10 to the value of a slider; infinite, without a warning, where that is too large."""
    with np.errstate(over="ignore"):
        return float(np.power(10.0, control.value))
