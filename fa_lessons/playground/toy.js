// Lesson 2's toy, y = w1 w0 x with one feedback weight b: its flow and its steps (lesson2's explorer.py and theory.py).

export const BOX = 4; // both axes run from -BOX to BOX
export const STEPS = 500;
const FLOW_STEPS = 2000;
const SMALL = 1e-6; // an error below it counts as learned
const HUGE = 1e6; // a weight beyond it counts as diverged

export function velocity(rule, b, w0, w1) {
  const e = 1 - w0 * w1;
  return [(rule === "fa" ? b : w1) * e, e * w0];
}

// One step of the fourth-order Runge–Kutta method.
export function rungeKutta(rule, b, w0, w1, h) {
  const [a0, a1] = velocity(rule, b, w0, w1);
  const [b0, b1] = velocity(rule, b, w0 + (h / 2) * a0, w1 + (h / 2) * a1);
  const [c0, c1] = velocity(rule, b, w0 + (h / 2) * b0, w1 + (h / 2) * b1);
  const [d0, d1] = velocity(rule, b, w0 + h * c0, w1 + h * c1);
  return [w0 + (h / 6) * (a0 + 2 * b0 + 2 * c0 + d0), w1 + (h / 6) * (a1 + 2 * b1 + 2 * c1 + d1)];
}

// The flow as a list of points, until the error is small.
export function flowPath(rule, b, w0, w1) {
  const path = [[w0, w1]];
  for (let i = 0; i < FLOW_STEPS && Math.abs(1 - w0 * w1) >= SMALL; i++) {
    const h = 0.1 / (1 + w0 * w0 + Math.abs((rule === "fa" ? b : w1) * w1));
    [w0, w1] = rungeKutta(rule, b, w0, w1, h);
    path.push([w0, w1]);
  }
  return path;
}

// Steps of the learning rate, and what became of them: "learned", "diverged" or "not settled".
export function stepPath(rule, b, rate, w0, w1) {
  const path = [[w0, w1]];
  for (let i = 0; i < STEPS && Math.abs(1 - w0 * w1) >= SMALL; i++) {
    const [v0, v1] = velocity(rule, b, w0, w1);
    w0 = w0 + rate * v0;
    w1 = w1 + rate * v1;
    if (!(Math.abs(w0) < HUGE && Math.abs(w1) < HUGE)) return { path, verdict: "diverged" };
    path.push([w0, w1]);
  }
  return { path, verdict: Math.abs(1 - w0 * w1) < SMALL ? "learned" : "not settled" };
}

// Below which w1 does FA end anti-aligned, for b = 1? NaN where it never does.
function unitEdge(u) {
  if (u <= -1) return (u * u) / 2 - 1.5;
  return u < 0 ? 1 / u : NaN;
}

// The w1 at which FA's end changes sides, for this w0; NaN where it never does. Anti-aligned: below, above for b < 0.
export function edge(b, w0) {
  const root = Math.cbrt(b);
  return unitEdge(w0 / root) / root;
}

export function endsAntiAligned(b, w0, w1) {
  return b > 0 ? w1 <= edge(b, w0) : w1 >= edge(b, w0);
}

// Whether the flow near the solution (w0, 1 / w0) is drawn to it.
export function attracts(rule, b, w0) {
  return rule === "bp" || w0 * w0 + b / w0 > 0;
}

// What became of a start, in one sentence.
export function describe(rule, b, rate, w0, w1) {
  const [f0, f1] = flowPath(rule, b, w0, w1).at(-1);
  const { path, verdict } = stepPath(rule, b, rate, w0, w1);
  const at = ([x, y]) => `(${x.toFixed(2)}, ${y.toFixed(2)})`;
  const learned = Math.abs(1 - f0 * f1) < 1e-3;
  const left = `flow is left with error ${(1 - f0 * f1).toFixed(2)} at ${at([f0, f1])}`;
  const flow = learned ? `flow ends at ${at([f0, f1])}${alignment(rule, b, f1)}` : left;
  const steps = {
    learned: `learned after ${path.length - 1} steps, at ${at(path.at(-1))}`,
    diverged: `diverged after ${path.length} steps`,
    "not settled": `not settled after ${STEPS} steps`,
  };
  return `${rule.toUpperCase()}: ${flow}; ${steps[verdict]}.`;
}

// The same in a few words, for the head of a plane.
export function summary(rule, b, rate, w0, w1) {
  const [f0, f1] = flowPath(rule, b, w0, w1).at(-1);
  const learned = Math.abs(1 - f0 * f1) < 1e-3;
  const end = `flow ends ${f0 > 0 ? "right" : "left"}${alignment(rule, b, f1)}`;
  const flow = learned ? end : `flow leaves an error of ${(1 - f0 * f1).toFixed(2)}`;
  return `${flow}; steps: ${stepPath(rule, b, rate, w0, w1).verdict}`;
}

function alignment(rule, b, w1) {
  if (rule !== "fa" || b === 0) return "";
  return b * w1 > 0 ? ", aligned" : ", anti-aligned";
}
