// What a run is worth: test error, the angle of every layer's signal to backprop's, the sign of eᵀWBe
// (fa_lessons/measures.py and losses.py).

import { dot } from "./feedback.js";
import { product, productTransposed } from "./matrices.js";
import { errorSignal } from "./network.js";
import { RULES } from "./rules.js";

// Percent of the part's first `count` digits that the network gets wrong; NaN once its numbers overflowed.
export function percentWrong(network, part, count = part.count) {
  let wrong = 0;
  for (let first = 0; first < count; first += 100) {
    const rows = range(first, Math.min(first + 100, count));
    const prediction = network.forward(part.images(rows)).at(-1);
    if (!prediction.values.every(Number.isFinite)) return NaN;
    rows.forEach((row, r) => (wrong += largest(prediction.row(r)) !== part.labels[row]));
  }
  return (100 * wrong) / count;
}

// On the first `count` training digits: {angles: degrees of each hidden layer, positive: percent of digits with
// eᵀWBe > 0 at the last hidden layer, faded: the length of the first hidden layer's signal over the last one's}. NaN
// where the rule sends nothing.
export function probe({ network, rule, feedback, data }, count = 100) {
  const rows = range(0, count);
  const activations = network.forward(data.train.images(rows));
  const error = errorSignal(activations.at(-1), data.train.labelsOf(rows));
  const deltas = rule.deltas(network, activations, error, feedback);
  const truth = RULES.bp.deltas(network, activations, error, []);
  const angles = deltas.slice(0, -1).map((delta, layer) => (delta ? meanAngle(delta, truth[layer]) : NaN));
  const lengths = deltas.slice(0, -1).map((delta) => (delta ? dot(delta.values, delta.values) ** 0.5 : NaN));
  return { angles, positive: percentPositive(network, rule, feedback, error), faded: lengths[0] / lengths.at(-1) };
}

// The mean over the digits of the angle between two signals, in degrees; digits without a signal do not count.
function meanAngle(delta, truth) {
  let sum = 0,
    count = 0;
  for (let r = 0; r < delta.rows; r++) {
    const [a, b] = [delta.row(r), truth.row(r)];
    const cosine = dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5;
    if (Number.isNaN(cosine)) continue;
    sum += (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
    count += 1;
  }
  return count ? sum / count : NaN;
}

// How many digits' errors the path through the last hidden layer pushes back, percent: (e B) · (e Wᵀ) > 0.
function percentPositive(network, rule, feedback, error) {
  const last = network.sizes.length - 3;
  if (last < 0 || rule.name === "shallow" || !error.values.every(Number.isFinite)) return NaN;
  const down = rule.name === "ifa" ? ifaPath(network, feedback, error) : rule.carry(error, network, feedback, last);
  const back = productTransposed(error, network.weights.at(-1));
  let positive = 0;
  for (let r = 0; r < error.rows; r++) positive += dot(down.row(r), back.row(r)) > 0;
  return (100 * positive) / error.rows;
}

// IFA's error reaches the last hidden layer through B and the forward weights, slopes left aside.
function ifaPath(network, feedback, error) {
  return network.weights.slice(1, -1).reduce((signal, W) => product(signal, W), product(error, feedback[0]));
}

export function largest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

export function range(first, last) {
  return Array.from({ length: last - first }, (_, i) => first + i);
}
