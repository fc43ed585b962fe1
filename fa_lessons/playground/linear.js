// Feedback alignment in a linear network y = W A x with white inputs, as a flow and as steps (lesson 3's theory.py).
// Columns, as in the papers: A (m, n), W (p, m), B (m, p), T (p, n). A matrix is a list of rows.

import { generator, real } from "./random.js";

export const transpose = (a) => a[0].map((_, j) => a.map((row) => row[j]));
export const times = (a, b) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
export const plus = (a, b, factor = 1) => a.map((row, i) => row.map((value, j) => value + factor * b[i][j]));
export const scaled = (a, factor) => a.map((row) => row.map((value) => factor * value));
export const inner = (a, b) => a.flat().reduce((sum, value, k) => sum + value * b.flat()[k], 0);
export const norm = (a) => Math.hypot(...a.flat());

// [Ẇ, Ȧ] = [E Aᵀ, B E] with E = T − W A.
export function velocity(W, A, B, T) {
  const E = plus(T, times(W, A), -1);
  return [times(E, transpose(A)), times(B, E)];
}

// One step of the fourth-order Runge–Kutta method.
export function rungeKutta(W, A, B, T, h) {
  const ahead = ([W_dot, A_dot], part) => velocity(plus(W, W_dot, part), plus(A, A_dot, part), B, T);
  const first = velocity(W, A, B, T);
  const second = ahead(first, h / 2);
  const third = ahead(second, h / 2);
  const fourth = ahead(third, h);
  return [W, A].map((start, k) => {
    const slope = plus(plus(first[k], fourth[k]), plus(second[k], third[k]), 2);
    return plus(start, slope, h / 6);
  });
}

// The flow from (W, A) at `count` + 1 equally spaced times from 0 to `time`.
export function flow(W, A, B, T, time, count) {
  const path = [[W, A]];
  for (let k = 1; k <= count; k++) {
    for (let left = time / count; left > 1e-12;) {
      const h = Math.min(left, 0.1 / (1 + norm(A) ** 2 + norm(W) * norm(B) + norm(B)));
      [W, A] = rungeKutta(W, A, B, T, h);
      left -= h;
    }
    path.push([W, A]);
  }
  return path;
}

// `count` steps of the learning rate; numbers that overflow stay infinite or NaN.
export function steps(W, A, B, T, rate, count) {
  const path = [[W, A]];
  for (let k = 0; k < count; k++) {
    const [W_dot, A_dot] = velocity(W, A, B, T);
    [W, A] = [plus(W, W_dot, rate), plus(A, A_dot, rate)];
    path.push([W, A]);
  }
  return path;
}

// C = B W + Wᵀ Bᵀ − A Aᵀ, which the flow keeps.
export function constant(W, A, B) {
  const BW = times(B, W);
  return plus(plus(BW, transpose(BW)), times(A, transpose(A)), -1);
}

// V = ‖B E‖², the paper's.
export function V(W, A, B, T) {
  return norm(times(B, plus(T, times(W, A), -1))) ** 2;
}

// L = ½‖K‖² + ⅛‖A Aᵀ‖² + ¼ tr(C A Aᵀ) − tr(B T Aᵀ), K = (B W − Wᵀ Bᵀ) / 2: never rises along the flow.
export function lyapunov(W, A, B, T) {
  const S = times(A, transpose(A)),
    BW = times(B, W);
  const K = scaled(plus(BW, transpose(BW), -1), 0.5);
  return inner(K, K) / 2 + inner(S, S) / 8 + inner(constant(W, A, B), S) / 4 - inner(times(B, T), A);
}

// {error, V, L, drift}, each a list along the path: ‖E‖/‖T‖; V/V(0); L, 1 at the start and 0 at its lowest;
// ‖C − C(0)‖/‖B T‖. NaN from where the numbers overflow.
export function curves(path, B, T) {
  const C0 = constant(...path[0], B);
  const all = path.map(([W, A]) => ({
    error: norm(plus(T, times(W, A), -1)) / norm(T),
    V: V(W, A, B, T) / (V(...path[0], B, T) || 1),
    L: lyapunov(W, A, B, T),
    drift: norm(plus(constant(W, A, B), C0, -1)) / (norm(times(B, T)) || 1),
  }));
  const sound = (now) => Object.values(now).every((value) => Math.abs(value) < 1e12);
  const end = all.findIndex((now) => !sound(now));
  const alive = all.slice(0, end < 0 ? all.length : end);
  const least = Math.min(...alive.map(({ L }) => L));
  const read = (name) => all.map((now, k) => (k < alive.length ? now[name] : NaN));
  const L = read("L").map((value) => (value - least) / (all[0].L - least || 1));
  return { error: read("error"), V: read("V"), L, drift: read("drift") };
}

// The pseudo-inverse, by Ben-Israel and Cohen's iteration X ← X (2 I − B X), until it stands still.
export function pseudoInverse(B) {
  let X = scaled(transpose(B), 1 / (norm(B) ** 2 || 1));
  for (let k = 0; k < 60; k++) {
    const change = plus(X, times(times(X, B), X), -1);
    X = plus(X, change);
    if (norm(change) <= 1e-9 * norm(X)) break;
  }
  return X;
}

// {A, B, T} of Gaussian entries, B of the given rank, from a seed.
export function randomSystem(seed, p, m, n, rank) {
  const random = generator([seed, "linear"]);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - real(random))) * Math.cos(2 * Math.PI * real(random));
  const draw = (rows, columns) => Array.from({ length: rows }, () => Array.from({ length: columns }, gauss));
  const T = draw(p, n),
    left = draw(m, Math.min(m, p)),
    right = draw(Math.min(m, p), p);
  const r = Math.min(rank, m, p);
  const B = r
    ? scaled(
        times(
          left.map((row) => row.slice(0, r)),
          right.slice(0, r),
        ),
        1 / r ** 0.5,
      )
    : left.map(() => Array(p).fill(0));
  return { A: draw(m, n).map((row) => row.map(() => 0)), B, T };
}
