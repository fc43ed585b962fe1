"""The figures of lesson 3: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import BoundaryNorm
from matplotlib.patheffects import withStroke

from fa_lessons import plots
from fa_lessons.lessons.lesson1.figures import ninety_degrees
from fa_lessons.lessons.lesson3 import theory as linear


def draw_strengths(ax, seen, strength, tau):
    ax.loglog(seen, strength, "o", color=plots.BLUE, label="$WB$, end of the flow")
    theory = 0.5 * (2 * tau) ** (2 / 3) * seen ** (1 / 3)
    ax.loglog(seen, theory, "-", color=plots.BLUE, label=r"theory: slope $\frac{1}{3}$")
    ax.loglog(seen, theory[-1] * seen / seen[-1], ":", color=plots.GREY, label="if $W=B^T$: slope 1")
    ax.loglog(seen, np.full(len(seen), theory[-1]), "--", color=plots.GREY, label="if $W=B^+$: slope 0")


def band(ax, x, values, **style):
    """Mean and range over the networks of values (records, networks)."""
    (line,) = ax.plot(x, values.mean(1), **style)
    ax.fill_between(x, values.min(1), values.max(1), color=line.get_color(), alpha=0.15, linewidth=0)


def condition(panels):
    """Lesson 1's picture of the 90° condition, a panel each. panels: {title: (Wᵀe, Be)}. Returns the figure."""
    figure, axes = plt.subplots(1, len(panels), figsize=(3.6 * len(panels), 4.4), squeeze=False)
    for ax, (title, pair) in zip(axes[0], panels.items(), strict=True):
        parts = ninety_degrees(ax, *pair)
        ax.set_title(f"{title}: {ax.get_title()}")
    figure.legend(handles=[parts["half-plane"], parts["border"]], loc="outside lower center", ncols=2)
    return figure


def modes(times, toys, measured, s, errors):
    """What is read off the modes: where each ends, how fast it gets there, and what a blind B leaves over.

    toys, measured: (times, modes), by lesson 2's equation and by the network's flow. s: the singular values of B T.
    errors: {name: (curve of ‖E‖ / ‖T‖, left over)}, at the same times.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13.3, 4.6))
    looks = list(zip((plots.BLUE, plots.VERMILION, plots.GREEN), ("-", "--", "-."), "os^", strict=True))
    every = slice(None, None, max(1, len(times) // 14))
    for i, (color, line, marker) in enumerate(looks[: len(s)]):
        name = f"$s_{i + 1}={s[i]:.1f}$"
        left.plot(times, toys[:, i], line, color=color, label=f"toy, {name}")
        left.plot(times[every], measured[every, i], marker, color=color, markerfacecolor="white")
        left.axhline(np.cbrt(2 * s[i]), color=plots.GREY, linestyle=":", linewidth=1, zorder=0)
        missing = 1 - toys[:, i] ** 3 / (2 * s[i])
        middle.semilogy(times, np.maximum(missing, 1e-16), line, color=color, label=name)
        late = np.flatnonzero(missing > 1e-5)[-1]  # the predicted slope, laid through a late point
        fall = missing[late] * np.exp(-1.5 * (2 * s[i]) ** (2 / 3) * (times - times[late]))
        middle.semilogy(times[fall < 0.5], fall[fall < 0.5], color=color, linewidth=6, alpha=0.25)
    left.plot([], [], "o", color=plots.BLACK, markerfacecolor="white", label=r"network: $u_i^TAv_i$")
    left.plot([], [], ":", color=plots.GREY, label=r"end: $(2s_i)^{1/3}$")
    left.set(xlabel="time", ylabel="strength of the mode", title="Each mode is lesson 2's toy", ylim=(0, None))
    left.legend(loc="lower right", fontsize=11)
    middle.plot([], [], color=plots.GREY, linewidth=5, alpha=0.4, label=r"rate $\frac{3}{2}(2s_i)^{2/3}$")
    middle.set(xlabel="time", ylabel=r"$1-a_i^3/(2s_i)$", title="Each dies out at a rate of its own", ylim=(1e-6, 100))
    middle.legend(loc="upper right", fontsize=11, ncols=2)
    for (name, (curve, rest)), (color, line, _) in zip(errors.items(), looks, strict=False):
        right.plot(times, curve, line, color=color, label=name)
        if rest > 1e-9:
            right.axhline(rest, color=plots.GREY, linestyle=":", label="left over, by formula")
    right.set(xlabel="time", ylabel=r"$\|E\|\,/\,\|T\|$", title="What $B$ does not see is left over", ylim=(0, 1.05))
    right.legend(loc="upper right", fontsize=11)
    return figure


def ball(path, without_K, landscape, times, energies):
    """A network of two hidden weights on its landscape U, and where the energy goes.

    path, without_K: (times, 2), the flow and the descent on U alone, from one start. landscape: (X, Y, U) on a grid.
    energies: {name: curve at `times`}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 5), width_ratios=(1, 1.05))
    X, Y, U = landscape
    levels = np.quantile(U, np.linspace(0, 0.9, 28))
    filled = left.contourf(X, Y, U, levels=levels, norm=BoundaryNorm(levels, 256), cmap="cividis", extend="max")
    outline = [withStroke(linewidth=5, foreground=plots.BLACK)]
    for course, color, line, name in (
        (path, "white", "-", "feedback alignment"),
        (without_K, plots.ORANGE, "--", "downhill alone, without $K$"),
    ):
        left.plot(*course.T, line, color=color, linewidth=2.5, label=name, path_effects=outline)
        lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(course, axis=0), axis=1))])
        at = np.searchsorted(lengths, lengths[-1] / 2)
        arrow = {"arrowstyle": "-|>", "fc": color, "mutation_scale": 26, "lw": 0, "ec": plots.BLACK}
        left.annotate("", course[at + 1], course[at], arrowprops=arrow)
        left.plot(*course[-1], "o", color=color, markersize=9, markeredgecolor=plots.BLACK)
    left.plot(*path[0], "s", color="white", markersize=9, markeredgecolor=plots.BLACK, label="start")
    left.set(xlabel="hidden weight $a_1$", ylabel="hidden weight $a_2$", title="The landscape $U$: dark is low")
    left.grid(False)
    box = left.legend(loc="upper right", frameon=True, facecolor=plots.GREY, framealpha=0.9, fontsize=11)
    for text in box.get_texts():
        text.set_color("white")
    figure.colorbar(filled, ax=left, label="$U$ (levels of equal area)", format="%.0f", ticks=levels[::3])
    looks = ((plots.BLUE, "-"), (plots.VERMILION, "--"), (plots.BLACK, "-."))
    for (name, curve), (color, line) in zip(energies.items(), looks, strict=True):
        right.plot(times, curve, line, color=color, label=name)
    right.axhline(0, color=plots.GREY, linewidth=1)
    right.set(xlabel="time", ylabel="energy", title="$U$ may rise; $L=U+$ stored never does")
    right.legend(loc="upper right")
    return figure


def error_in_time(online_runs, times, on_flow):
    """The relative error of the flow and of online steps."""
    figure, ax = plt.subplots(figsize=(8, 4.2))
    for (rate, run), style, color in zip(online_runs.items(), (":", "--"), (plots.ORANGE, plots.BLUE), strict=True):
        ax.plot(*run, linestyle=style, color=color, label=f"online, $\\eta={rate:g}$")
    ax.plot(times, on_flow, color=plots.BLACK, linewidth=1.5, label="flow (the smallest rate lies on it)")
    ax.set(
        xlabel="time (learning rate × steps)",
        ylabel=r"$\|E\|\,/\,\|T\|$",
        title="The flow is the limit of small steps",
    )
    ax.legend()
    return figure


def drift(step_drift, times, flow_drift):
    """Drift of the constant C for the flow and for steps."""
    figure, ax = plt.subplots(figsize=(8, 4.2))
    looks = [(":", plots.ORANGE), ("-.", plots.GREEN), ("--", plots.BLUE)]
    for (rate, drift), (style, color) in zip(step_drift.items(), looks, strict=True):
        ax.semilogy(
            np.linspace(0, 4, len(drift))[1:],
            drift[1:],
            style,
            color=color,
            label=f"steps, $\\eta={rate:g}$",
        )
    ax.semilogy(
        times[1:],
        np.maximum(flow_drift[1:], 1e-12),
        color=plots.BLACK,
        label="flow, to the solver's tolerance",
    )
    ax.set(
        xlabel="time",
        ylabel=r"$\|C(t)-C(0)\|$",
        title="The invariant: kept by the flow, worn by steps",
        ylim=(1e-13, 50),
    )
    ax.legend(loc="center right", fontsize=12)
    return figure


def rate_of_V(starts, times, V_of, rates_of):
    """The rate of V, measured and by its terms, from zero and from another start."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2))
    for ax, title in zip(axes, starts, strict=True):
        ax.plot(
            times,
            np.gradient(V_of[title], times),
            color=plots.GREY,
            linewidth=6,
            alpha=0.5,
            label=r"$\dot V$, measured",
        )
        ax.plot(times, rates_of[title].sum(0), color=plots.BLUE, label="three terms")
        ax.plot(
            times,
            rates_of[title][:2].sum(0),
            "--",
            color=plots.VERMILION,
            label="the slide's two terms",
        )
        ax.axhline(0, color=plots.BLACK, linewidth=1)
        ax.set(xlabel="time", ylabel=r"$\dot V$", title=title, xlim=(0, 2))
        ax.legend(loc="lower right")
    axes[0].text(0.97, 0.6, "all three\ncoincide", transform=axes[0].transAxes, ha="right", color=plots.BLACK)
    axes[1].text(0.97, 0.82, "the three terms lie\non the measured rate", transform=axes[1].transAxes, ha="right")
    return figure


def barbalat_fails(examples, t, k):
    """Functions that settle while their slopes do not."""
    figure, axes = plt.subplots(2, 2, figsize=(10.5, 5.2), sharex=True)
    for column, (title, value, slope) in zip(axes.T, examples, strict=True):
        column[0].plot(t, value, color=plots.BLUE, linewidth=1.5)
        column[1].plot(t, slope, color=plots.VERMILION, linewidth=1)
        column[0].set_title(title + ": it settles …")
        column[1].set(title="… its slope does not", xlabel="time")
    axes[0, 0].set_ylabel("function")
    axes[1, 0].set_ylabel("slope")
    axes[1, 1].vlines(k, -1, 0, color=plots.VERMILION)
    return figure


def proof_quantities(chain, long, A, K_norm, bound):
    """The quantities of the proof against time."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2))
    for (label, curve), style in zip(chain.items(), ("-", "--", "-.", ":"), strict=True):
        left.semilogy(long, np.maximum(curve, 1e-12), style, label=label)
    left.set(xlabel="time", ylabel="size", title="Steps (iv) and (v): all go to 0", ylim=(1e-9, 300))
    left.legend(title="in the end, two and two\nlie on one another", title_fontsize=11)
    right.plot(long, linear.norm(A), color=plots.BLUE, label=r"$\|A\|$")
    right.plot(long, K_norm, "--", color=plots.VERMILION, label=r"$\|K\|$")
    right.axhline(bound, color=plots.GREY, linestyle=":", label=r"bound of (ii), $(2r\|BT\|)^{1/3}$")
    right.set(xlabel="time", ylabel="size", title="Steps (ii) and (iii): bounded", ylim=(-0.1, None))
    right.legend()
    return figure


def random_systems(log_times, losses, closeup, times):
    """The loss of many random systems, and of V."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4))
    left.loglog(log_times[1:], np.maximum(losses[:, 1:].T, 1e-16), color=plots.BLUE, linewidth=0.8)
    left.set(xlabel="time", ylabel="loss", title=f"{len(losses)} random systems, starts, covariances", ylim=(1e-12, 30))
    for (label, curve), style in zip(closeup.items(), ("-", "--", "-."), strict=True):
        right.plot(times, curve / curve[0], style, label=label)
    right.set(xlabel="time", ylabel="relative to the start", title="One start, opposed to $B$: $W=-3B^+$", xlim=(0, 2))
    right.legend()
    return figure


def dropped_assumptions(case_curves):
    """The error with one assumption dropped, a panel each."""
    figure, axes = plt.subplots(2, 3, figsize=(10.5, 5.4), sharex=True, sharey=True)
    for i, (ax, (title, curve)) in enumerate(zip(axes.ravel(), case_curves.items(), strict=True)):
        ax.semilogy(*curve, "-" if i < 3 else "--", color=plots.BLUE if i < 3 else plots.VERMILION)
        ax.set(title=title, ylim=(3e-4, 30), xlim=(0, 10))
        ax.set(xlabel="time" if i > 2 else "", ylabel=r"$\|E\|/\|T\|$" if i % 3 == 0 else "")
    return figure


def eigenvalues(to_backprop, to_gauss_newton, seen, strength, tau):
    """Eigenvalues of WB, and strengths of the readout, against theory."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4))
    draw_strengths(left, seen, strength, tau)
    left.set(xlabel="eigenvalue of $B^TB$", ylabel="eigenvalue of $WB$", title=r"$TT^T=\tau^2I$")
    left.set_xticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    left.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    left.minorticks_off()
    left.legend(loc="lower right")
    right.hist(
        to_backprop,
        np.arange(0, 61, 2),
        color=plots.ORANGE,
        hatch="//",
        alpha=0.7,
        label="to backprop's $W^Te$",
    )
    right.hist(
        to_gauss_newton,
        np.arange(0, 61, 2),
        color=plots.BLUE,
        alpha=0.7,
        label="to Gauss–Newton's $W^+e$",
    )
    right.set(xlabel="angle of $Be$ (degrees)", ylabel="random errors", title="1000 random errors $e$")
    right.legend(loc="upper right")
    return figure


def linear_task(curves, matched):
    """Normalised squared error against examples, by rule."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.4), sharey=True)
    titles = "as in the paper", "$W$ of BP, $A$ of shallow start at $\\pm0.5$, like $B$"
    for ax, runs, title in zip(axes, (curves, matched), titles, strict=True):
        for rule, run in runs.items():
            band(ax, run.examples, run.error, **plots.RULE_STYLE[rule], markevery=8)
        ax.set(xlabel="examples", title=title, yscale="log", ylim=(1e-4, 3))
    axes[0].set_ylabel("normalised squared error")
    axes[0].legend(loc="lower left")
    return figure


def angles_of_Be(fa):
    """Angles of B e against examples, and the share of errors with eᵀWBe > 0."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4))
    band(left, fa.examples, fa.to_backprop, color=plots.ORANGE, label="to backprop's $W^Te$")
    band(
        left,
        fa.examples,
        fa.to_gauss_newton,
        color=plots.BLUE,
        linestyle="--",
        label="to Gauss–Newton's $W^+e$",
    )
    left.axhline(90, color=plots.GREY, linewidth=1)
    left.set(xlabel="examples", ylabel="angle of $Be$ (degrees)", ylim=(0, 110), title="Angles, ten networks")
    left.legend()
    band(right, fa.examples, fa.positive, color=plots.GREEN)
    right.set(
        xlabel="examples",
        ylabel="fraction of errors",
        ylim=(0, 1.05),
        xlim=(-20, 600),
        title="$e^TWBe>0$",
    )
    return figure


def who_leads(small_times, lead, lag, B, T):
    """Norms of A and W against time from zero."""
    figure, ax = plt.subplots(figsize=(8, 4.2))
    ax.loglog(small_times, lead, color=plots.BLUE, label=r"$\|A\|$, hidden weights: leads")
    ax.loglog(small_times, lag, "--", color=plots.VERMILION, label=r"$\|W\|$, output weights: lags")
    theory = small_times * linear.norm(B @ T), small_times**2 / 2 * linear.norm(T @ T.T @ B.T)
    ax.loglog(
        small_times, np.transpose(theory), ":", color=plots.GREY, label=["if $E$ stayed $T$ (coincides at first)", "_"]
    )
    ax.set(
        xlabel="time",
        ylabel="norm",
        title="From zero: $A$ grows like $t$, $W$ like $t^2$",
        ylim=(1e-6, 50),
    )
    ax.legend(loc="lower right")
    return figure
