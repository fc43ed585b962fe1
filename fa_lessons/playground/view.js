// What a page needs to draw a run: small samples of weights and feedback, activations, answers.

import { range } from "./measures.js";
import { PIXELS } from "./digits.js";
import { boundOf } from "./feedback.js";

export const UNITS = 8; // shown of each hidden layer
export const LAYERS = 4; // hidden layers shown; of more, the first and the last two

// The ten test digits whose answers are shown: the first of each class.
export function shownDigits(part) {
  return range(0, 10).map((label) => part.labels.indexOf(label));
}

// The hidden layers that a drawing shows, from 0.
export function shownLayers(hidden) {
  return hidden <= LAYERS ? range(0, hidden) : [0, 1, hidden - 2, hidden - 1];
}

// The error is measured anew each time that a fifth more images were seen, and 300 at least.
export function recordDue(last, images) {
  return images >= Math.max(last + 300, last * 1.2);
}

// {images, divergedAt, layers, pictures, forward, feedback, hidden, answers, drawn, sizes, learning}
export function view(trainer, drawn) {
  const { network, feedback, data, rule } = trainer;
  const depth = network.sizes.length - 2;
  const shown = shownLayers(depth);
  const activations = network.forward(data.test.images(shownDigits(data.test)));
  const corner = (matrix, rows, columns) => ({
    rows: Math.min(rows, matrix.rows),
    columns: Math.min(columns, matrix.columns),
    values: sample(matrix, rows, columns),
    rms: rootMeanSquare(matrix.values),
  });
  const first = network.weights[0];
  return {
    images: trainer.images,
    divergedAt: trainer.divergedAt,
    shown,
    learning: trainer.learning,
    sizes: network.sizes,
    pictures: range(0, Math.min(depth ? UNITS : 10, first.columns)).map((unit) => column(first, unit)),
    forward: network.weights.map((W, l) =>
      l && (shown.includes(l - 1) || l === depth) ? corner(W, UNITS, l === depth ? 10 : UNITS) : null,
    ),
    feedback: feedback.map((B, l) => ({
      ...corner(B, fromOutput(rule, l, depth) ? 10 : UNITS, UNITS),
      bound: boundOf(B, trainer.settings),
    })),
    rule: rule.name,
    hidden: activations
      .slice(1, -1)
      .map((h, l) => (shown.includes(l) ? range(0, 10).map((r) => h.row(r).slice(0, UNITS)) : null)),
    answers: range(0, 10).map((r) => activations.at(-1).row(r).slice()),
    drawn: drawn ? network.forward(drawn).at(-1).row(0).slice() : null,
  };
}

// Whether B of this hidden layer hears the output's error itself.
function fromOutput(rule, layer, depth) {
  return rule.name === "dfa" || rule.name === "ifa" || layer === depth - 1;
}

function sample(matrix, rows, columns) {
  const values = new Float32Array(Math.min(rows, matrix.rows) * Math.min(columns, matrix.columns));
  const width = Math.min(columns, matrix.columns);
  for (let r = 0; r < Math.min(rows, matrix.rows); r++) values.set(matrix.row(r).subarray(0, width), r * width);
  return values;
}

function column(matrix, unit) {
  return Float32Array.from({ length: PIXELS }, (_, i) => matrix.values[i * matrix.columns + unit]);
}

function rootMeanSquare(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return (sum / values.length) ** 0.5;
}
