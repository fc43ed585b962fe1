"""The picture at the top of the README, from a real run: `make picture` (half a minute on two cores)."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt

from fa_lessons import MLP, load_mnist, plots, train


def main():
    plots.use_house_style()
    data, histories = load_mnist(), {}
    for rule in ("bp", "fa", "shallow"):
        network = MLP((784, 100, 10), activation="sigmoid", initial_scale=6, replicas=5, seed=0)
        histories[rule] = train(network, data, rule, epochs=8, learning_rate=1.0)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    plots.error_curves(histories, left)
    plots.log_percent(left, [3, 5, 10, 20])
    left.set_title("MNIST, 784-100-10, five seeds")
    plots.angle_curves({"fa": histories["fa"]}, ax=right)
    right.set_title("Nobody adapts B; the weights align to it")
    figure.savefig(Path(__file__).with_name("fa_on_mnist.png"), dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
