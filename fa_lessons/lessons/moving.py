"""A picture that redraws fast: axes and labels are drawn once, then only what moves."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from fa_lessons import plots


class MovingPicture:
    """`figure` in the house style. A subclass draws on it, then calls `move` with the artists that move."""

    def __init__(self, figsize, dpi):
        with self.style():
            self.figure = Figure(figsize=figsize, dpi=dpi)
        FigureCanvasAgg(self.figure)
        self._moving, self._background = [], None

    @staticmethod
    def style():
        """The house style, as a context: a subclass makes its axes in it."""
        return plots.plt.style.context(["default", plots.STYLE, {"figure.constrained_layout.use": False}])

    def move(self, artists):
        """Draw these artists anew at every `png`, in this order, and nothing else."""
        self._moving = list(artists)
        for artist in self._moving:
            artist.set_animated(True)

    def png(self):
        """The picture as PNG bytes."""
        canvas = self.figure.canvas
        with self.style():  # ticks are made when they are first drawn
            if self._background is None:
                canvas.draw()
                self._background = canvas.copy_from_bbox(self.figure.bbox)
            canvas.restore_region(self._background)
            for artist in self._moving:
                artist.axes.draw_artist(artist)
        buffer = io.BytesIO()
        Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(buffer, "png", compress_level=1)
        return buffer.getvalue()
