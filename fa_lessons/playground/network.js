// Multilayer perceptrons (fa_lessons/networks.py): row vectors, a layer computes a = h @ W + b, softmax on top.

import { Matrix, product } from "./matrices.js";
import { uniform } from "./random.js";

// f, and its slope f' written in terms of h = f(a).
export const ACTIVATIONS = {
  tanh: [Math.tanh, (h) => 1 - h * h],
  sigmoid: [(a) => 1 / (1 + Math.exp(-a)), (h) => h - h * h],
  relu: [(a) => (a > 0 ? a : a === a ? 0 : a), (h) => (h > 0 ? 1 : 0)], // NaN stays NaN
  linear: [(a) => a, () => 1],
};

export class Network {
  // weights[l]: (n_in, n_out); biases[l]: n_out zeros. Replica r starts as replica r of the package's MLP does.
  constructor(sizes, activation = "tanh", seed = 0, replica = 0, initialScale = 1) {
    Object.assign(this, { sizes, activation, seed, replica });
    this.weights = sizes.slice(1).map((nOut, layer) => {
      const nIn = sizes[layer];
      return uniform(nIn, nOut, initialScale / nIn ** 0.5, [seed, "weights", layer, replica]);
    });
    this.biases = sizes.slice(1).map((nOut) => new Float32Array(nOut));
  }

  // [images, h_1, …, prediction], each (batch, units).
  forward(images) {
    const activations = [images];
    const [unit] = ACTIVATIONS[this.activation];
    const last = this.weights.length - 1;
    this.weights.forEach((W, layer) => {
      const a = product(activations[layer], W, this.biases[layer]);
      if (layer < last) for (let i = 0; i < a.values.length; i++) a.values[i] = unit(a.values[i]);
      else for (let r = 0; r < a.rows; r++) softmax(a.row(r));
      activations.push(a);
    });
    return activations;
  }

  // f'(a) of a hidden layer from its h.
  slope(h) {
    return h.values.map(ACTIVATIONS[this.activation][1]);
  }
}

function softmax(a) {
  const largest = a.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] = Math.exp(a[j] - largest);
  for (let j = 0; j < a.length; j++) a[j] /= sum;
}

// e = (prediction − target) / batch, the gradient of the cross-entropy with respect to the output's a.
export function errorSignal(prediction, labels) {
  const error = prediction.copy();
  for (let r = 0; r < error.rows; r++) error.values[r * error.columns + labels[r]] -= 1;
  return new Matrix(
    error.rows,
    error.columns,
    error.values.map((value) => value / error.rows),
  );
}
