// One run: the package's Trainer (fa_lessons/training.py) for one replica, with a plan of what happens on the way.

import { boundOf, drawFeedback } from "./feedback.js";
import { addProduct, scale } from "./matrices.js";
import { errorSignal, Network } from "./network.js";
import { generator, permutation, real } from "./random.js";
import { RULES } from "./rules.js";
import { parseSchedule } from "./schedule.js";

export class Trainer {
  // data: of digits.js. settings: those of one side in state.js. replica: which of the package's replicas this is.
  constructor(data, settings, replica = 0) {
    const { hidden, activation, seed, start } = settings;
    this.data = data;
    this.settings = settings;
    this.network = new Network([784, ...hidden, 10], activation, seed, replica, start);
    this.rule = RULES[settings.rule];
    this.draws = 0; // of B, after the first
    this.cuts = 0;
    this.feedback = drawFeedback(this.rule, this.network, settings);
    this.learning = this.network.weights.map(() => true);
    this.plan = parseSchedule(settings.plan);
    this.past = []; // [activations, error] of the last batches, newest first
    this.images = 0; // seen so far
    this.epoch = -1;
    this.divergedAt = null; // images seen when the numbers overflowed
    this.rewind();
  }

  rewind() {
    this.epoch += 1;
    this.next = 0;
    this.order = permutation(this.data.train.count, [this.settings.seed, "order", this.epoch]);
  }

  // One step on the next batch.
  step() {
    while (this.plan.length && this.plan[0].at <= this.images) this.act(this.plan.shift());
    if (this.divergedAt !== null) return;
    if (this.next >= this.order.length) this.rewind();
    const rows = this.order.subarray(this.next, this.next + this.settings.batch);
    this.next += rows.length;
    this.learn(this.data.train.images(rows), this.data.train.labelsOf(rows));
    this.images += rows.length;
  }

  learn(images, labels) {
    const { rate, decay, delay } = this.settings;
    const now = this.network.forward(images);
    if (!now.at(-1).values.every(Number.isFinite)) {
      this.divergedAt = this.images;
      return;
    }
    this.past.unshift([now, errorSignal(now.at(-1), labels)]);
    this.past.length = Math.min(this.past.length, delay + 1);
    const [activations, error] = this.past.at(-1); // an error that comes late meets the activations of its own digits
    const deltas = this.rule
      .deltas(this.network, activations, error, this.feedback)
      .map((delta, layer) => (this.learning[layer] ? delta : null));
    deltas.forEach((delta, layer) => {
      if (delta) this.update(layer, activations[layer], delta, rate, decay);
    });
    this.rule.learn(this.feedback, activations, deltas, rate, decay);
  }

  // W ← (1 − rate · decay) W − rate hᵀ δa; b ← b − rate Σ δa.
  update(layer, h, delta, rate, decay) {
    const W = this.network.weights[layer],
      bias = this.network.biases[layer];
    if (decay) scale(W.values, 1 - rate * decay);
    addProduct(W, h, delta, -rate);
    for (let r = 0; r < delta.rows; r++) delta.row(r).forEach((value, j) => (bias[j] -= rate * value));
  }

  // What a plan, or a hand, does in the middle of a run. Places that a network does not have do nothing.
  act({ action, where }) {
    const last = this.learning.length - 1;
    const layer = where[0] - 1;
    if (action === "all") this.learning.fill(true);
    else if (action === "readout") this.learning.fill(false).fill(true, last);
    else if (action === "hidden") this.learning.fill(true).fill(false, last);
    else if (action === "freeze" || action === "thaw") {
      if (layer in this.learning) this.learning[layer] = action === "thaw";
    } else if (action === "redraw") this.feedback = drawFeedback(this.rule, this.network, this.settings, ++this.draws);
    else if (where.length) this.changeLine(action, where);
    else this.changeLines(action);
  }

  changeLine(action, [layer, from, to, percent]) {
    const B = this.feedback[layer - 1];
    if (!B || from < 1 || to < 1 || from > B.rows || to > B.columns) return;
    const at = (from - 1) * B.columns + to - 1;
    const value = { flip: -B.values[at], cut: 0, set: (percent / 100) * boundOf(B, this.settings) };
    B.values[at] = value[action];
  }

  changeLines(action) {
    const random = generator([this.network.seed, "cut", this.network.replica, this.cuts++]);
    for (const B of this.feedback)
      B.values = B.values.map((value) => (action === "flip" ? -value : real(random) < 0.5 ? 0 : value));
  }
}
