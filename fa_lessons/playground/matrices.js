// Matrices of float32, one example a row, and the four products of learning. Plain loops that skip zeros.

export class Matrix {
  constructor(rows, columns, values = new Float32Array(rows * columns)) {
    Object.assign(this, { rows, columns, values });
  }

  row(r) {
    return this.values.subarray(r * this.columns, (r + 1) * this.columns);
  }

  copy() {
    return new Matrix(this.rows, this.columns, this.values.slice());
  }
}

// The entries of one row or column that are not zero: how far along the other matrix they point, and what they are.
const PLACES = new Int32Array(4096);
const VALUES = new Float64Array(4096);

function keep(k, place, value) {
  PLACES[k] = place;
  VALUES[k] = value;
}

// out += Σ_k VALUES[k] · from[PLACES[k] …], eight at a time: a sum of rows, the inner loop of every product below.
function addRows(out, at, from, count, length) {
  for (; count % 8; count++) keep(count, PLACES[0], 0);
  for (let k = 0; k < count; k += 8) {
    const a = PLACES[k],
      b = PLACES[k + 1],
      c = PLACES[k + 2],
      d = PLACES[k + 3],
      e = PLACES[k + 4],
      f = PLACES[k + 5],
      g = PLACES[k + 6],
      h = PLACES[k + 7];
    const s = VALUES[k],
      t = VALUES[k + 1],
      u = VALUES[k + 2],
      v = VALUES[k + 3],
      w = VALUES[k + 4],
      x = VALUES[k + 5],
      y = VALUES[k + 6],
      z = VALUES[k + 7];
    for (let j = 0; j < length; j++)
      out[at + j] +=
        s * from[a + j] + t * from[b + j] + u * from[c + j] + v * from[d + j] +
        (w * from[e + j] + x * from[f + j] + y * from[g + j] + z * from[h + j]);
  }
}

// h @ W, plus the bias where there is one: (rows, n_in), (n_in, n_out) → (rows, n_out).
export function product(h, W, bias = null) {
  const out = new Matrix(h.rows, W.columns);
  for (let r = 0; r < h.rows; r++) {
    if (bias) out.values.set(bias, r * W.columns);
    let count = 0;
    for (let i = 0, at = r * h.columns; i < h.columns; i++) {
      const value = h.values[at + i];
      if (value !== 0) keep(count++, i * W.columns, value);
    }
    addRows(out.values, r * W.columns, W.values, count, W.columns);
  }
  return out;
}

// δ @ Wᵀ: (rows, n_out), (n_in, n_out) → (rows, n_in).
export function productTransposed(delta, W) {
  const out = new Matrix(delta.rows, W.rows);
  for (let r = 0; r < delta.rows; r++)
    for (let i = 0; i < W.rows; i++) {
      let sum = 0;
      for (let j = 0, d = r * W.columns, w = i * W.columns; j < W.columns; j++)
        sum += delta.values[d + j] * W.values[w + j];
      out.values[r * W.rows + i] = sum;
    }
  return out;
}

// W += factor · hᵀ δ, in place: (rows, n_in), (rows, n_out) → (n_in, n_out).
export function addProduct(W, h, delta, factor) {
  for (let i = 0; i < W.rows; i++) {
    let count = 0;
    for (let r = 0; r < h.rows; r++) {
      const value = h.values[r * h.columns + i];
      if (value !== 0) keep(count++, r * W.columns, factor * value);
    }
    addRows(W.values, i * W.columns, delta.values, count, W.columns);
  }
}

// δ ⊙ slope, entry by entry.
export function times(delta, slope) {
  return new Matrix(
    delta.rows,
    delta.columns,
    delta.values.map((value, i) => value * slope[i]),
  );
}

export function scale(values, factor) {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}
