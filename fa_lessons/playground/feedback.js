// Feedback matrices: drawn as the package draws them, then shaped, then harmed by hand.

import { Matrix, product, productTransposed, scale } from "./matrices.js";
import { generator, real, uniform } from "./random.js";

// The list of B of `rule` for a network. shape: {scale, rank (0: full), density, signs}; draw: 0 for the package's own
// B, 1, 2, … for those that replace it.
export function drawFeedback(rule, network, shape, draw = 0) {
  const { seed, replica } = network;
  return rule.feedbackShapes(network.sizes).map(([nFrom, nTo], layer) => {
    const bound = shape.scale / nFrom ** 0.5;
    const key = [seed, rule.name, layer, replica, ...(draw ? [draw] : [])];
    let B = uniform(nFrom, nTo, bound, key);
    if (shape.rank > 0 && shape.rank < Math.min(nFrom, nTo)) B = ofRank(B, shape.rank, [...key, "rank"]);
    if (shape.signs) B.values = B.values.map((value) => (Math.sign(value) * bound) / 3 ** 0.5); // as long as before
    if (shape.density < 1) thin(B, shape.density, [...key, "density"]);
    return B;
  });
}

// The largest weight that a plain B is drawn from.
export function boundOf(B, shape) {
  return shape.scale / B.rows ** 0.5;
}

// B cut down to `rank` random directions of the error, and as long as before: Q Qᵀ B with orthonormal columns Q.
function ofRank(B, rank, key) {
  const Q = new Matrix(rank, B.rows); // a direction a row
  const draws = uniform(rank, B.rows, 1, key);
  for (let k = 0; k < rank; k++) {
    const row = Q.row(k);
    row.set(draws.row(k));
    for (let twice = 0; twice < 2; twice++)
      for (let other = 0; other < k; other++) {
        const along = dot(row, Q.row(other));
        Q.row(other).forEach((value, i) => (row[i] -= along * value));
      }
    scale(row, 1 / dot(row, row) ** 0.5);
  }
  const mix = productTransposed(transposed(Q), transposed(Q)); // Q Qᵀ, (n_from, n_from)
  const cut = product(mix, B);
  scale(cut.values, (dot(B.values, B.values) / dot(cut.values, cut.values)) ** 0.5);
  return cut;
}

// Every line stays with probability `density`; the others are silent.
function thin(B, density, key) {
  const random = generator(key);
  for (let i = 0; i < B.values.length; i++) if (real(random) >= density) B.values[i] = 0;
}

function transposed(matrix) {
  const turned = new Matrix(matrix.columns, matrix.rows);
  for (let r = 0; r < matrix.rows; r++)
    for (let c = 0; c < matrix.columns; c++) turned.values[c * matrix.rows + r] = matrix.values[r * matrix.columns + c];
  return turned;
}

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
