// Lesson 3's explorer: the four curves of the proof, for the flow and for steps of any size.

import { Chart } from "./chart.js";
import { onLook, parts } from "./dom.js";
import { initial, number } from "./fields.js";
import { curves, flow, pseudoInverse, randomSystem, scaled, steps } from "./linear.js";
import { inAddress, links, sliders, tell } from "./sliders.js";

const STEPS = 400,
  POINTS = 200,
  FLOOR = 1e-9;
export const FIELDS = {
  p: number(3, 1, 8, true),
  m: number(5, 1, 8, true),
  n: number(4, 1, 8, true),
  rank: number(3, 0, 8, true),
  start: number(-2, -3, 3),
  rate: number(-2, -3, 0),
  seed: number(0, 0, 999, true),
};
const LABELS = {
  p: "outputs",
  m: "hidden units",
  n: "inputs",
  rank: "rank of B",
  start: "start: W / B⁺",
  rate: "learning rate, 10 to the",
  seed: "seed",
};
const power = (tick) =>
  `10${[...String(Math.round(Math.log10(tick)))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("")}`;
const CHARTS = {
  error: { title: "error ‖E‖ / ‖T‖", min: 1e-6, max: 20, ticks: [1e-6, 1e-4, 1e-2, 1], bend: Math.log, word: power },
  V: {
    title: "V = ‖BE‖², start = 1",
    min: 1e-9,
    max: 100,
    ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1, 100],
    bend: Math.log,
    word: power,
  },
  L: { title: "L, start = 1, lowest = 0", min: -0.1, max: 1.6, ticks: [0, 0.5, 1, 1.5], word: String },
  drift: {
    title: "drift of BW + WᵀBᵀ − AAᵀ",
    min: 1e-9,
    max: 20,
    ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1],
    bend: Math.log,
    word: power,
  },
};
const LAYOUT = `
  <header><h1>The proof, live: feedback alignment in a linear network</h1>${links("linear.html")}</header>
  <p class="sentence">Black: the flow Ẇ = EAᵀ, Ȧ = BE. Green, dashed: steps of the learning rate, at the time that they stand for.</p>
  <p class="problem" data-part="problem" role="alert" hidden></p>
  <form class="sliders" data-part="form"></form>
  <p class="numbers" role="status" data-part="verdict"></p>
  <div class="four">${Object.keys(CHARTS)
    .map((name) => `<canvas data-part="${name}" role="img"></canvas>`)
    .join("")}</div>`;

// What a state computes: {time, flow, steps}, the last two as `curves` gives them.
export function compute({ p, m, n, rank, start, rate, seed }) {
  const { A, B, T } = randomSystem(seed, p, m, n, rank);
  const W = scaled(pseudoInverse(B), start),
    time = STEPS * 10 ** rate;
  return {
    time,
    flow: curves(flow(W, A, B, T, time, POINTS), B, T),
    steps: curves(steps(W, A, B, T, 10 ** rate, STEPS), B, T),
  };
}

// One line: what happened.
export function verdict({ flow, steps }) {
  const rises = flow.V.some((value, k) => k && value > flow.V[k - 1] + 1e-6);
  const sound = steps.error.filter(Number.isFinite).length;
  const ends =
    sound <= STEPS
      ? `the steps are too large: they overflow after ${sound}`
      : `the steps end at ${steps.error.at(-1).toExponential(1)}`;
  return `The flow's error ends at ${flow.error.at(-1).toExponential(1)}, and V ${rises ? "rises on its way" : "never rises"}; ${ends}.`;
}

export function openLinear(root) {
  root.classList.add("fa-playground");
  root.innerHTML = LAYOUT;
  const part = parts(root),
    state = initial(FIELDS);
  const x = {
    title: "time",
    word: (tick) => `${Number(tick.toPrecision(2))}`,
    ticks: (most) => [0, 0.25, 0.5, 0.75, 1].map((share) => share * most),
  };
  const charts = Object.entries(CHARTS).map(([name, y]) => [name, new Chart(part[name], y, x)]);
  let found;

  const draw = () => {
    for (const [name, chart] of charts) {
      const line = (values, look) => ({
        ...look,
        points: values.map((value, k) => [
          (k / (values.length - 1)) * found.time,
          CHARTS[name].bend && value < FLOOR ? NaN : value,
        ]),
      });
      chart.draw(
        [line(found.flow[name], { colour: "a" }), line(found.steps[name], { colour: "b", dash: [8, 4] })],
        found.time,
      );
      const end = (values) => values.at(-1).toExponential(1);
      part[name].setAttribute(
        "aria-label",
        `${CHARTS[name].title} against time: the flow ends at ${end(found.flow[name])}, the steps at ${end(found.steps[name])}`,
      );
    }
  };
  const update = () => {
    found = compute(state);
    part.verdict.textContent = verdict(found);
    draw();
  };
  const show = sliders(part.form, FIELDS, LABELS, state, () => {
    write();
    update();
  });
  const write = inAddress(FIELDS, LABELS, state, (problems) => {
    tell(part.problem, problems);
    show();
    update();
  });
  onLook(root, draw);
}
