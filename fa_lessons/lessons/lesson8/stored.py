"""Runs of lesson 8 too long for a lesson, kept in results; made by `python -m fa_lessons.lessons.lesson8.stored`.

convolution: `ConvNet`, once through 60,000 images, three seeds; learning rates chosen on 10,000 held-out images first.
transformer: `charlm.run` of every rule from two starts, of two more widths, and one long run.
"""

import json
import sys
import time

import numpy as np

from fa_lessons import data, places, rules
from fa_lessons.files import write_atomically
from fa_lessons.lessons.lesson8 import charlm, convolution, feedback

FOLDER = "after-fa"
SEEDS = 3
RULES = {
    "bp": rules.Backpropagation,
    "kp": feedback.KolenPollack,
    "sign": feedback.SignSymmetry,
    "dfa": rules.DirectFeedbackAlignment,
    "fa": rules.FeedbackAlignment,
    "frozen": lambda: None,
}
SHARED_RATES, OWN_RATES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6), (1.0, 2.0, 4.0)
FROZEN_RATES = (0.4, 1.6, 6.4, 12.8, 25.6, 51.2)  # a readout alone takes larger ones
TRIED = 200  # steps


def _conv(rule, images, learning_rate, own, replicas, seed, steps=None):
    network = convolution.ConvNet(replicas, own=own, seed=seed)
    made = RULES[rule]()
    if made:
        network.attach(made)
    decay, readout = (1e-3 if rule == "kp" else 0.0), (0.2 if own else None)
    return convolution.train(network, images, made, learning_rate, readout, decay, steps)


def _convolution():
    """Cells of one rule, one set of images, shared or own filters."""
    for load in (data.load_mnist, data.load_fashion_mnist):
        images = load()
        held_out = images.validation_split()
        for own, rates in ((False, SHARED_RATES), (True, OWN_RATES)):
            for rule in RULES if not own else ("bp", "dfa", "fa"):
                tried = FROZEN_RATES if rule == "frozen" else rates
                errors = [float(_conv(rule, held_out, rate, own, 1, 9, TRIED)[2][0]) for rate in tried]
                rate = tried[int(np.argmin(errors))]
                steps, angles, error = _conv(rule, images, rate, own, SEEDS, 0)
                yield {
                    **{"images": images.name, "own": own, "rule": rule, "seeds": SEEDS, "learning_rate": rate},
                    **{"tried": list(tried), "held_out_error": errors, "steps": steps, "test_error": _plain(error)},
                    "angles": None if angles is None else _plain(angles.round(1)),
                }


def _transformer():
    text = charlm.characters()
    usual = {"width": 64, "steps": 400, "start": 1.0}
    plans = [
        {**usual, "rule": r, "start": start, "seed": s} for start in (1.0, 0.02) for r in charlm.RULES for s in range(3)
    ]
    plans += [
        {**usual, "rule": r, "width": w, "seed": s} for w in (16, 32) for r in ("bp", "dfa", "frozen") for s in range(3)
    ]
    plans += [{**usual, "rule": r, "steps": 1500, "seed": 0} for r in charlm.RULES]
    for plan in plans:
        steps, losses, angles = charlm.run(text=text, **plan)
        yield {**plan, "records": steps, "losses": _rounded(losses, 4), "angles": _rounded(angles, 1)}


PARTS = {"convolution": _convolution, "transformer": _transformer}


def read(part):
    """The stored cells of `part`, a list of dictionaries."""
    return json.loads((places.brought("results") / FOLDER / f"{part}.json").read_text(encoding="utf-8"))


def write(part):
    """Run all cells of `part` and store them, one line a cell."""
    cells = []
    for cell in PARTS[part]():
        cells.append(json.dumps(cell))
        print(f"{time.strftime('%H:%M:%S')} {part}: {len(cells)} cells", file=sys.stderr)
    file = places.own("results") / FOLDER / f"{part}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, lambda out: out.write(("[\n" + ",\n".join(cells) + "\n]\n").encode()))


def _plain(array):
    return np.round(np.asarray(array, float), 2).tolist()


def _rounded(values, digits):
    return [round(value, digits) for value in values]


if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        write(part)
