"""The house style of figures, and the figures that several lessons share.

A figure function takes data and an optional `ax`, returns the artists, and decides no data.
"""

import base64
import html
import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.ticker import MaxNLocator, NullFormatter
from PIL import Image

from fa_lessons import require

# Okabe and Ito's palette: told apart by readers with any common form of colour blindness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#7F7F7F"

DIVERGING = "PuOr_r"  # of maps with a sign: orange above zero, purple below
# A learning rule has one colour and one line style everywhere.
RULE_STYLE = {
    "bp": {"color": BLACK, "linestyle": "-", "marker": "o", "label": "BP"},
    "fa": {"color": BLUE, "linestyle": "--", "marker": "s", "label": "FA"},
    "dfa": {"color": VERMILION, "linestyle": "-.", "marker": "^", "label": "DFA"},
    "ifa": {"color": GREEN, "linestyle": (0, (5, 1, 1, 1, 1, 1)), "marker": "D", "label": "IFA"},
    "shallow": {"color": GREY, "linestyle": ":", "marker": "x", "label": "shallow"},
}
# The looks of the others, in the order in which they are first drawn.
OTHER_COLORS, OTHER_LINES, OTHER_MARKERS = (ORANGE, PURPLE, SKY), ("-", "--", "-.", ":"), "vP*<>"
_others = {}

STYLE = {
    "figure.figsize": (7.0, 4.0),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.labelsize": 12,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK]),
    "lines.linewidth": 2,
    "lines.markersize": 5,
    "legend.frameon": False,
    "image.cmap": "cividis",
}


def rule_style(name):
    """The look of a rule: that of `RULE_STYLE`, or for a rule of your own one that it keeps for the session."""
    if name in RULE_STYLE:
        return RULE_STYLE[name]
    index = _others.setdefault(name, len(_others))
    color, line, marker = (looks[index % len(looks)] for looks in (OTHER_COLORS, OTHER_LINES, OTHER_MARKERS))
    return {"color": color, "linestyle": line, "marker": marker, "label": name}


def use_house_style():
    """Make matplotlib's defaults the house style, whatever style was in use before."""
    plt.style.use(["default", STYLE])


def show(figure, alt):
    """Display `figure` with the alternative text `alt`, and close it; outside of a notebook, print the text.

    The text is stored with the picture: in an `<img>` of HTML, which is what JupyterLab and nbconvert show, as the
    image's alt text, and as the output's plain-text form.
    Raises ValueError for an empty `alt`, or one that is no text; the figure is closed then, too.
    """
    from IPython.display import display

    try:
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"alt must say in words what the figure shows, got {alt!r}")
        display(Picture(figure, alt))
    finally:
        plt.close(figure)


class Picture:
    """A figure and its alternative text: a notebook shows and stores both, all else the text."""

    def __init__(self, figure, alt):
        self.figure, self.alt = figure, alt

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, **_):
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png")
        return spoken(buffer, self.alt), {"image/png": {"alt": self.alt}}


def spoken(file, alt):
    """The forms in which a PNG `file` is stored, {MIME type: content}: in 256 colours, a third of the bytes."""
    small = io.BytesIO()
    Image.open(file).convert("RGB").quantize(256).save(small, "PNG", optimize=True)
    picture = base64.b64encode(small.getvalue()).decode()
    tag = f'<img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}">'
    return {"image/png": picture, "text/html": tag, "text/plain": alt}


def log_percent(ax, ticks):
    """A logarithmic vertical axis with plain numbers at `ticks`."""
    ax.set_yscale("log")
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.yaxis.set_minor_formatter(NullFormatter())


def mean_and_range(x, values, ax, **style):
    """A line for the mean over replicas, with the band from least to most. values: (len(x), R). Returns the line.

    Both are of the replicas that have a number there, and leave a gap where none has.
    """
    values = np.ma.masked_invalid(values)
    (line,) = ax.plot(x, values.mean(1), **style)
    ax.fill_between(x, values.min(1), values.max(1), color=line.get_color(), alpha=0.15, linewidth=0)
    return line


def error_curves(histories, ax=None, which="test_error"):
    """Error in percent against epochs, one line a rule: the mean over replicas, with the band from least to most.

    histories: {rule name: History}; which: "test_error" or "train_error". Returns {rule name: line}.
    """
    require.one_of("which", which, ("test_error", "train_error"))
    ax = ax or plt.gca()
    lines = {}
    for rule, history in histories.items():
        errors = getattr(history, which)
        lines[rule] = mean_and_range(range(1, len(errors) + 1), errors, ax, **rule_style(rule))
    ax.set(xlabel="epoch", ylabel=f"{which.replace('_', ' ')} (%)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return lines


def angle_curves(histories, layer=0, ax=None):
    """Signal angle to backprop in degrees against training steps, for one hidden layer; bands as in `error_curves`.

    histories: {rule name: History}; a rule without signal is left out. layer: from 0 on, one that all of them have.
    Returns {rule name: line}.
    """
    hidden = min((history.alignment.shape[1] for history in histories.values()), default=1)
    require.count("layer", layer, maximum=hidden - 1, minimum=0)
    ax = ax or plt.gca()
    lines = {}
    for rule, history in histories.items():
        angles = history.alignment[:, layer]
        if (angles == angles).any():
            style = {**rule_style(rule), "markevery": max(1, len(angles) // 8)}
            lines[rule] = mean_and_range(history.record_steps, angles, ax, **style)
    ax.axhline(90, color=GREY, linewidth=1)
    ax.annotate("90°: chance", (1, 90), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=GREY)
    ax.set(xlabel="training step", ylabel="signal angle to backprop (degrees)")
    ax.set_ylim(0, max(100, ax.dataLim.ymax))
    ax.legend()
    return lines
