"""The figures of lesson 4: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots


def heat(ax, values, title, rates, columns, name, top=90):
    """One map, (rates, columns): a number in every field."""
    ax.imshow(values, origin="lower", vmin=0, vmax=top, cmap="cividis_r", aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        ax.text(
            column,
            row,
            f"{value:.0f}",
            ha="center",
            va="center",
            color="white" if value > top / 2 else "black",
        )
    ax.set_xticks(range(len(columns)), [f"{c:g}" for c in columns])
    ax.set_yticks(range(len(rates)), [f"{r:g}" for r in rates])
    ax.set(title=title, xlabel=name, ylabel="learning rate")
    ax.grid(False)


def one_of_each(data):
    """The first digit of each class."""
    figure, axes = plt.subplots(1, 10, figsize=(9, 1.3))
    for digit, ax in enumerate(axes):
        first = np.flatnonzero(data.train_labels == digit)[0]
        ax.imshow(data.train_images[first].reshape(28, 28), cmap="gray_r")
        ax.set_title(digit)
        ax.axis("off")
    return figure


def tuning_valleys(tuning, candidates):
    """Validation error against the learning rate, by rule."""
    figure, ax = plt.subplots()
    for rule, history in tuning.items():
        ax.plot(candidates, history.test_error[-1], **plots.RULE_STYLE[rule])
    ax.set(xscale="log", xlabel="learning rate", ylabel="validation error (%)", ylim=(0, 45))
    ax.legend(loc="upper left")
    return figure


def main_result(histories):
    """Test errors of the rules, and FA's signal angle."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    plots.error_curves(histories, left)
    plots.log_percent(left, [3, 5, 10, 20])
    left.set_title("784-100-10, five seeds")
    plots.angle_curves({"fa": histories["fa"]}, ax=right)
    right.set_title("FA's hidden signal turns towards backprop's")
    return figure


def watched(watched, moments):
    """Four measurements against the step, one line a hidden size."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), sharex=True)
    for ax, name in zip(axes.flat, watched[10], strict=True):
        for hidden, color in zip(watched, plt.cm.viridis(np.linspace(0, 0.9, 5)), strict=True):
            ax.plot(moments, watched[hidden][name], color=color, label=f"{hidden} hidden units")
        ax.set(ylabel=name, ylim=(0, 105), xscale="log")
        ax.axhline(50 if "digits" in name else 90, color=plots.GREY, linewidth=1)
    for ax in axes[1]:
        ax.set_xlabel("training step")
    axes[0, 0].legend(loc="lower left")
    return figure


def added_weights(networks, start):
    """What training added to hidden units' input weights, as pictures."""
    figure, axes = plt.subplots(2, 12, figsize=(11, 2.4))
    for row, rule in zip(axes, ("bp", "fa"), strict=True):
        added = (networks[rule].weights[0][0] - start).T.reshape(-1, 28, 28).numpy()
        for ax, picture in zip(row, added, strict=False):
            ax.imshow(picture, cmap="RdBu_r", vmin=-abs(picture).max(), vmax=abs(picture).max())
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(rule.upper(), rotation=0, ha="right", va="center")
    return figure


def thousand_units(paper):
    """Test errors with a thousand hidden units, and FA's signal angle."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    plots.error_curves(paper, left)
    left.axhline(3, color=plots.GREY, linewidth=1)
    plots.log_percent(left, [2, 3, 5, 10])
    left.set(title="784-1000-10, two seeds", xticks=range(1, 5))
    plots.angle_curves({"fa": paper["fa"]}, ax=right)
    right.set_title("Signal angle of the hidden layer")
    return figure


def forms_of_feedback(feedback, form_error, form_angle):
    """Error and signal angle for every form of B, a mark a draw."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), sharey=True)
    places = np.arange(len(feedback))
    for ax, values, unit in zip(
        axes, (form_error, form_angle), ("validation error (%)", "signal angle (degrees)"), strict=True
    ):
        for seed in (0, 1):
            ax.plot([v[seed] for v in values.values()], places, "s", color=plots.BLUE, alpha=0.7)
        ax.set(xlabel=unit, xlim=(0, None))
    axes[0].axvline(
        form_error["dense × 0"].mean(),
        **{**plots.RULE_STYLE["shallow"], "marker": None, "label": "no feedback"},
    )
    axes[0].legend(loc="center left", fontsize=11)
    axes[1].axvline(90, color=plots.GREY, linewidth=1)
    axes[1].set_xlim(0, 100)
    axes[0].set_yticks(places, list(feedback))
    axes[0].invert_yaxis()
    return figure


def sensitivity_maps(maps, rates, scales):
    """Heat maps over learning rate and starting scale."""
    figure, axes = plt.subplots(2, 3, figsize=(11, 6.6))
    fa, bp = maps["fa"], maps["bp"]
    plain = {name: values[:, :, 0] for name, values in fa.items()}
    for ax, rule in zip(axes[0], ("bp", "fa", "shallow"), strict=True):
        heat(
            ax,
            maps[rule]["error"][:, :, 0].mean(-1),
            f"{plots.RULE_STYLE[rule]['label']}: error (%)",
            rates,
            scales,
            "starting scale",
        )
    heat(axes[1, 0], plain["angle"].mean(-1), "FA: signal angle (degrees)", rates, scales, "starting scale")
    for ax, found, label in zip(axes[1, 1:], (bp, fa), ("BP", "FA"), strict=True):
        refused = 100 * (found["error"][:, :, 0] > 80).mean(-1)
        heat(ax, refused, f"{label}: refused (% of seeds)", rates, scales, "starting scale", top=100)
    return figure


def decay_maps(dfa, decays, fa, rates, scales):
    """Heat maps over learning rate and weight decay."""
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.6))
    heat(axes[0], dfa["error"][:, 0].mean(-1), "DFA: error (%)", rates, decays, "weight decay (L2)")
    heat(
        axes[1],
        dfa["angle"][:, 0].mean(-1),
        "DFA: angle, first layer (degrees)",
        rates,
        decays,
        "weight decay (L2)",
    )
    heat(axes[2], fa["error"][:, :, 1].mean(-1), "FA, decay 0.01: error (%)", rates, scales, "starting scale")
    return figure


def constant_decay(constant, true_decay):
    """Test error with L2 decay and with the slides' constant."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4))
    epochs = range(1, 6)
    axes[0].plot(epochs, constant["dfa"]["error"][:, 0], "-", color=plots.VERMILION, label="DFA, none")
    axes[0].plot(epochs, true_decay["error"], ":", color=plots.GREEN, label="DFA, L2 1e-3")
    axes[0].plot(epochs, constant["dfa"]["error"][:, 1], "-o", color=plots.PURPLE, label="DFA, constant 1e-4")
    axes[0].set(ylim=(0, 16), title="DFA: decay and constant")
    for rule in ("fa", "dfa"):
        axes[1].plot(epochs, constant[rule]["error"][:, 1], **plots.RULE_STYLE[rule])
    axes[1].plot(epochs, constant["fa"]["error"][:, 0], "-", color=plots.SKY, label="FA, no constant")
    axes[1].set(ylim=(0, 100), title="The constant 1e-4, as in the slides' code")
    for ax in axes:
        ax.set(xlabel="epoch", ylabel="test error (%)", xticks=epochs)
        ax.legend(fontsize=10)
    return figure


def accuracy_lost(too_large, naive, exact, frozen, both):
    """Three ways in which accuracy is gained and lost."""
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), sharey=True)
    steps = np.arange(0, 501, 20)
    axes[0].plot(steps, too_large[:, 0], color=plots.VERMILION, label="rate 1")
    axes[0].plot(steps, too_large[:, 1], "--", color=plots.BLUE, label="rate 0.1")
    axes[1].plot(steps, np.nan_to_num(naive, nan=90.2), color=plots.VERMILION, label="naive loss, by argmax")
    axes[1].plot(steps, exact, "--", color=plots.BLUE, label=r"$\hat y-y$")
    axes[2].plot(np.arange(0, 1001, 20), frozen.mean(1), color=plots.VERMILION, label="then hidden only")
    axes[2].plot(np.arange(0, 1001, 20), both.mean(1), "--", color=plots.BLUE, label="then both layers")
    for ax, title in zip(axes, ("Two: steps too large", "Three: NaN", "Four: readout first"), strict=True):
        ax.set(title=title, xlabel="training step", ylim=(0, 120), yticks=range(0, 101, 20))
        ax.legend(fontsize=10, loc="upper right")
    axes[0].set_ylabel("validation error (%)")
    return figure
