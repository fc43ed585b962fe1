"""Lesson 2's explorer: drag the start, choose b and the learning rate, see feedback alignment's flow beside backprop's.

The widget is the playground's page (toy.js, toy_page.js) and integrates in the browser, so it runs without a kernel,
too. `paths` is the same arithmetic in Python, and `picture` its plain twin.
"""

import html
import json
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from fa_lessons import plots, require
from fa_lessons.lessons.lesson2 import theory as toy
from fa_lessons.playground import bundle

BOX, FLOW_STEPS, STEPS, SMALL, HUGE = 4.0, 2000, 500, 1e-6, 1e6
# From here FA's error rises on its way, and the two rules end on different branches.
START = {"w0": -1.5, "w1": 0.5, "b": 1.0, "learning_rate": 0.1, "basin": False}
RANGES = {"w0": (-BOX, BOX), "w1": (-BOX, BOX), "b": (-3.0, 3.0), "learning_rate": (0.01, 2.0)}


@dataclass(frozen=True)
class Paths:
    """One rule from one start: flow and steps, each (points, 2); verdict "learned", "diverged" or "not settled"."""

    flow: np.ndarray
    steps: np.ndarray
    verdict: str


def paths(w0, w1, rule="fa", b=1.0, learning_rate=0.3):
    """The flow from (w0, w1), by Runge and Kutta's method, and the steps of the learning rate.

    Raises ValueError for an unknown rule, or a number that is not finite.
    """
    for name, value in (("w0", w0), ("w1", w1), ("b", b), ("learning_rate", learning_rate)):
        require.number(name, value, minimum=-np.inf)
    flow = _flow(float(w0), float(w1), rule, b)
    steps, verdict = _steps(float(w0), float(w1), rule, b, learning_rate)
    return Paths(np.array(flow), np.array(steps), verdict)


def _flow(w0, w1, rule, b):
    path = [(w0, w1)]
    while len(path) <= FLOW_STEPS and abs(1 - w0 * w1) >= SMALL:
        h = 0.1 / (1 + w0 * w0 + abs((b if rule == "fa" else w1) * w1))
        a0, a1 = toy.flow(w0, w1, rule, b)
        b0, b1 = toy.flow(w0 + h / 2 * a0, w1 + h / 2 * a1, rule, b)
        c0, c1 = toy.flow(w0 + h / 2 * b0, w1 + h / 2 * b1, rule, b)
        d0, d1 = toy.flow(w0 + h * c0, w1 + h * c1, rule, b)
        w0, w1 = w0 + h / 6 * (a0 + 2 * b0 + 2 * c0 + d0), w1 + h / 6 * (a1 + 2 * b1 + 2 * c1 + d1)
        path.append((w0, w1))
    return path


def _steps(w0, w1, rule, b, learning_rate):
    path = [(w0, w1)]
    while len(path) <= STEPS and abs(1 - w0 * w1) >= SMALL:
        w0, w1 = toy.step(w0, w1, learning_rate, rule, b)
        if not (abs(w0) < HUGE and abs(w1) < HUGE):
            return path, "diverged"
        path.append((w0, w1))
    return path, "learned" if abs(1 - w0 * w1) < SMALL else "not settled"


def draw_solutions(ax, rule="fa", b=1.0):
    """The two branches of w0 w1 = 1, on which the error is zero, dotted where they repel. Returns their lines."""
    w0 = np.geomspace(1 / BOX, BOX, 400)
    lines = []
    for branch in (w0, -w0):
        stable = toy.error_rate(branch, 1 / branch, rule, b) > 0
        for keep, style in ((stable, {"linewidth": 3}), (~stable, {"linewidth": 2, "linestyle": ":"})):
            lines += ax.plot(branch, np.where(keep, 1 / branch, np.nan), color=plots.GREEN, zorder=2, **style)
    ax.set(
        xlim=(-BOX, BOX), ylim=(-BOX, BOX), xlabel="first weight $w_0$", ylabel="second weight $w_1$", aspect="equal"
    )
    return lines


def draw_plane(ax, rule="fa", b=1.0):
    """The plane of (w0, w1): the direction of the flow, and the solutions w0 w1 = 1, dotted where they repel.

    Returns the two branches' lines.
    """
    grid = np.linspace(-BOX, BOX, 18)[1:-1]
    x, y = np.meshgrid(grid, grid)
    v0, v1 = np.broadcast_arrays(*toy.flow(x, y, rule, b))
    length = np.hypot(v0, v1) + 1e-12
    ax.quiver(x, y, v0 / length, v1 / length, color=plots.GREY, alpha=0.6, scale=28, width=0.004, zorder=1)
    return draw_solutions(ax, rule, b)


def shade_basin(ax, b=1.0):
    """Shade the starts from which FA ends anti-aligned."""
    grid = np.linspace(-BOX, BOX, 401)
    inside = toy.ends_anti_aligned(*np.meshgrid(grid, grid), b)
    return ax.contourf(grid, grid, inside, levels=[0.5, 1.5], colors=[plots.SKY], alpha=0.35, zorder=0)


def state(found, rule, b):
    """What became of a start, in words: the flow's end, for FA against b, and the verdict on the steps."""
    w0, w1 = found.flow[-1]
    if abs(1 - w0 * w1) >= 1e-3:
        flow = f"flow leaves an error of {1 - w0 * w1:.2f}"
    elif rule == "bp" or b == 0:
        flow = f"flow ends {'right' if w0 > 0 else 'left'}"
    else:
        flow = f"flow ends {'right' if w0 > 0 else 'left'}, {'aligned' if b * w1 > 0 else 'anti-aligned'}"
    return f"{flow}; steps: {found.verdict}"


def picture(w0=START["w0"], w1=START["w1"], b=1.0, learning_rate=START["learning_rate"], basin=False):
    """The explorer as a plain figure: FA on the left, BP on the right."""
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    for ax, rule in zip(figure.subplots(1, 2), toy.RULES, strict=True):
        draw_plane(ax, rule, b)
        if basin and rule == "fa" and b != 0:
            shade_basin(ax, b)
        found, style = paths(w0, w1, rule, b, learning_rate), plots.RULE_STYLE[rule]
        dots = {"linewidth": 1, "markeredgecolor": plots.BLACK, "markersize": 4}
        ax.plot(*found.steps.T, "o-", color=plots.ORANGE, label="steps", **dots)
        name = style["label"]
        ax.plot(
            *found.flow.T, color=style["color"], linestyle=style["linestyle"], linewidth=2.5, label=f"{name}'s flow"
        )
        ax.plot(w0, w1, "s", color=style["color"], markersize=10, label=f"{name}'s start")
        feedback = f"b = {b:g}, " if rule == "fa" else ""
        setting = f"{name} from ({w0:g}, {w1:g}), {feedback}learning rate {learning_rate:g}"
        ax.set_title(f"{setting}\n{state(found, rule, b)}")
        ax.plot([], [], color=plots.GREEN, linewidth=3, label="solutions, dotted where they repel")
    keys = {line.get_label(): line for ax in figure.axes for line in ax.get_lines() if line.get_label()[0] != "_"}
    figure.legend(handles=keys.values(), loc="outside lower center", ncol=3)
    return figure


@cache
def _script():
    return bundle.bundle("toy_page.js") + 'const { Toy } = modules["toy_page.js"];\n'


def page(**start):
    """A whole HTML page with the explorer in it, which needs neither a kernel nor the network.

    start: w0, w1, b, learning_rate, basin. Raises ValueError for another name, or a value that no slider has.
    """
    if unknown := set(start) - set(START):
        raise ValueError(f"start must name {', '.join(START)}, got {', '.join(sorted(unknown))}")
    state = {**START, **start}
    state |= {name: require.number(name, state[name], *ends) for name, ends in RANGES.items()}
    if not isinstance(state["basin"], bool):
        raise ValueError(f"basin must be True or False, got {state['basin']!r}")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Two neurons</title>
<style>body {{ margin: 0; }} {bundle.style()}</style></head>
<body><main></main><script type="module">
{_script()}
new Toy(document.querySelector("main")).show({json.dumps(state)});
</script></body></html>"""


WIDGET = """
export default { render({ model, el }) {
  const root = document.createElement("div"), names = Object.keys(modules["toy_page.js"].FIELDS);
  el.append(root);
  const toy = new Toy(root, (state, done) => {
    for (const name of names) model.set(name, state[name]);
    if (done) model.save_changes();
  });
  const refresh = () => toy.show(Object.fromEntries(names.map((name) => [name, model.get(name)])));
  for (const name of names) model.on("change:" + name, refresh);
  refresh();
  return () => {
    toy.close();
    for (const name of names) model.off("change:" + name, refresh);
  };
} };
"""


def explore(**start):
    """The widget. Its traits w0, w1, b, learning_rate and basin follow the reader's hand, and can be set from code."""
    import anywidget
    import traitlets

    class TwoNeuronExplorer(anywidget.AnyWidget):
        _esm = _script() + WIDGET
        _css = bundle.style()
        w0, w1, b, learning_rate = (
            traitlets.Float(START[name], min=low, max=high).tag(sync=True) for name, (low, high) in RANGES.items()
        )
        basin = traitlets.Bool(START["basin"]).tag(sync=True)

        def _repr_mimebundle_(self, **kwargs):
            """The widget's view; as HTML, the page without a kernel, for readers of a stored notebook."""
            bundled = super()._repr_mimebundle_(**kwargs)
            data, metadata = bundled if isinstance(bundled, tuple) else (bundled, {})
            values = {name: getattr(self, name) for name in START}
            source = html.escape(page(**values))
            size = 'width="100%" height="800"'
            frame = f'<iframe title="Explorer of the two-neuron toy" {size} srcdoc="{source}"></iframe>'
            return {**data, "text/html": frame}, metadata

    return TwoNeuronExplorer(**start)
