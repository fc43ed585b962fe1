"""Lesson 8's explorer: a rule whose feedback learns or is borrowed, beside FA; its angle, and how far B is from W."""

from dataclasses import dataclass

import numpy as np

from fa_lessons import plots, require
from fa_lessons.lessons.lesson6.explorer import SIDE, small_task
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import ten_to, view

HIDDEN, CLASSES, BATCH, STEPS, EVERY, SEEDS, PROBE = 24, 10, 25, 400, 20, 2, 50
RULES = {"kp": "Kolen–Pollack", "wm": "weight mirror", "sign": "sign-symmetry"}
MIRROR = 0.02  # of the way to each estimate, from VECTORS noise vectors in every step
VECTORS = 16

__all__ = ["Picture", "draw_run", "explore", "feedback_run", "small_task", "verdict"]


@dataclass(frozen=True)
class FeedbackRun:
    """Of FA and of the chosen rule, by name: what was measured at each record, (records, SEEDS).

    angle: signal angle in degrees on held-out digits. gap: ‖W − Mᵀ‖ over its start; M is what carries the error.
    error: percent of held-out digits. law: what Kolen and Pollack's (1 − ηλ)ᵗ says of the gap, (records,).
    """

    rule: str
    steps: np.ndarray
    angle: dict
    gap: dict
    error: dict
    law: np.ndarray


def feedback_run(task, rule="kp", decay=0.01, learning_rate=0.5, seed=0):
    """Train 49-24-10 tanh networks for STEPS steps by FA and by `rule`, from the same starts: `FeedbackRun`.

    task: of `small_task`. rule: "kp", "wm" or "sign". decay: λ, of W and of what B learns alike; FA's B stays.
    Raises ValueError for another rule, a λ below 0, a learning rate that is not positive, or both too large together.
    """
    rule = require.one_of("rule", rule, RULES)
    decay, learning_rate = (
        require.number("decay", decay),
        require.number("learning_rate", learning_rate, open_minimum=True),
    )
    if decay * learning_rate >= 1:
        raise ValueError(f"decay times learning_rate must be below 1, got {decay:g} · {learning_rate:g}")
    images, targets, held_out, labels = task
    rng = np.random.default_rng(require.seed("seed", seed))
    shapes, bounds = ((SIDE**2, HIDDEN), (HIDDEN, CLASSES), (CLASSES, HIDDEN)), (1 / SIDE, HIDDEN**-0.5, 0.5)
    draws = [rng.uniform(-bound, bound, (SEEDS, *shape)) for shape, bound in zip(shapes, bounds, strict=True)]
    W1, W2, B = (np.concatenate([draw, draw]).astype(np.float32) for draw in draws)  # FA first
    mine = slice(SEEDS, None)
    records = []
    with np.errstate(all="ignore"):
        for step in range(STEPS + 1):
            M = B.copy()
            if rule == "sign":
                M[mine] = np.sign(_turned(W2[mine])) * np.abs(B[mine])
            if step % EVERY == 0:
                records.append(_measured(W1, W2, M, held_out, labels))
            rows = rng.integers(0, len(images), BATCH)
            x, target = images[rows], targets[rows]
            h = np.tanh(x @ W1)
            e = (_softmax(h @ W2) - target) / BATCH
            signal = (e @ M) * (1 - h * h)
            shrink, change = 1 - learning_rate * decay, learning_rate * (_turned(h) @ e)
            W2, W1 = shrink * W2 - change, shrink * W1 - learning_rate * (x.T @ signal)
            if rule == "kp":
                B[mine] = shrink * B[mine] - _turned(change[mine])
            if rule == "wm":
                noise = rng.standard_normal((VECTORS, HIDDEN), np.float32)
                B[mine] += MIRROR * (_turned(noise @ W2[mine]) @ noise / VECTORS - B[mine])
    angle, gap, error = (np.stack(values) for values in zip(*records, strict=True))
    steps = np.arange(0, STEPS + 1, EVERY)
    names = {"fa": slice(SEEDS), rule: mine}
    angle, gap, error = ({name: v[:, part] for name, part in names.items()} for v in (angle, gap / gap[0], error))
    return FeedbackRun(rule, steps, angle, gap, error, (1 - learning_rate * decay) ** steps)


def _measured(W1, W2, M, held_out, labels):
    """(signal angle, length of W − Mᵀ, error) of each network."""
    h = np.tanh(held_out @ W1)
    output = h @ W2
    finite = np.isfinite(output).all((1, 2))
    error = np.where(finite, 100 * (output.argmax(-1) != labels).mean(-1), np.nan)
    e = _softmax(output[:, :PROBE]) - np.eye(CLASSES)[labels[:PROBE]]
    slope = 1 - h[:, :PROBE] ** 2
    mine, backprop = (e @ M) * slope, (e @ _turned(W2)) * slope
    cosine = (mine * backprop).sum(-1) / np.linalg.norm(mine, axis=-1) / np.linalg.norm(backprop, axis=-1)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean(-1)
    return angle, np.linalg.norm(W2 - _turned(M), axis=(1, 2)), error


def _turned(matrices):
    return matrices.transpose(0, 2, 1)


def _softmax(a):
    powers = np.exp(a - a.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def draw_run(run, axes):
    """Signal angle, left, and gap, right, against steps: (lines by panel and rule, the law's line)."""
    lines = []
    for ax, measured in zip(axes, (run.angle, run.gap), strict=True):
        lines.append({})
        for place, (name, values) in enumerate(measured.items()):
            look = (
                plots.RULE_STYLE["fa"]
                if name == "fa"
                else {"color": plots.VERMILION, "marker": "o", "label": RULES[name]}
            )
            thin = [ax.plot(run.steps, v, color=look["color"], linewidth=0.8, alpha=0.5)[0] for v in values.T]
            lines[-1]["fa" if place == 0 else "mine"] = [
                ax.plot(run.steps, values.mean(1), markevery=4, **look)[0],
                *thin,
            ]
    left, right = axes
    (law,) = right.plot(run.steps, run.law, color=plots.PURPLE, linewidth=5, alpha=0.35, label="$(1-\\eta\\lambda)^t$")
    left.set(xlabel="step", ylabel="signal angle to backprop (degrees)", ylim=(0, 95), xlim=(0, STEPS))
    right.set(xlabel="step", ylabel="length of W − Mᵀ (start: 1)", ylim=(0, 2.6), xlim=(0, STEPS))
    return lines, law


class Picture(MovingPicture):
    """Angle and gap; `update` moves the lines."""

    def __init__(self, run):
        super().__init__(figsize=(9.6, 4.0), dpi=80)
        with self.style():
            self.axes = self.figure.subplots(1, 2)
            self.lines, self.law = draw_run(run, self.axes)
            self.legend = self.axes[1].legend(loc="upper right")
        self.figure.subplots_adjust(left=0.08, right=0.98, bottom=0.15, top=0.96, wspace=0.22)
        moving = [line for panel in self.lines for lines in panel.values() for line in lines]
        self.move([*moving, self.law, self.legend])

    def update(self, run):
        """Show another `FeedbackRun`."""
        for panel, measured in zip(self.lines, (run.angle, run.gap), strict=True):
            for (mean, *thin), values in zip(panel.values(), measured.values(), strict=True):
                mean.set_ydata(values.mean(1))
                for line, one in zip(thin, values.T, strict=True):
                    line.set_ydata(one)
        self.law.set_ydata(run.law)
        self.legend.get_texts()[1].set_text(RULES[run.rule])


def verdict(run):
    """One line: where FA and the rule end."""
    said = []
    for name in ("fa", run.rule):
        label = "FA" if name == "fa" else RULES[name]
        error, angle = run.error[name][-1].mean(), run.angle[name][-1].mean()
        said.append(f"{label} overflows" if np.isnan(error + angle) else f"{label} {error:.0f} % at {angle:.0f}°")
    return f"after {STEPS} steps: " + ", ".join(said)


def explore(data):
    """The widget: the rule, its decay λ and the learning rate."""
    import ipywidgets as widgets

    task = small_task(data)
    rule = widgets.Dropdown(options=[(label, name) for name, label in RULES.items()], description="rule")
    decay = widgets.FloatSlider(-2, min=-4, max=-0.5, step=0.25, description="λ 10^")
    rate = widgets.FloatSlider(-0.3, min=-1.5, max=0.5, step=0.1, description="rate 10^")
    picture = Picture(feedback_run(task, rule.value, ten_to(decay), ten_to(rate)))

    def show():
        run = feedback_run(task, rule.value, ten_to(decay), ten_to(rate))
        picture.update(run)
        return verdict(run)

    return view(picture, [[rule], [decay, rate]], show)
