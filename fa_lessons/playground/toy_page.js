// Lesson 2's explorer: the plane of both weights, twice. From one start, feedback alignment left, backprop right.

import { axes, polyline, segment } from "./chart.js";
import { onLook, parts } from "./dom.js";
import { flag, initial, number } from "./fields.js";
import { inAddress, links, sliders, tell } from "./sliders.js";
import { attracts, BOX, describe, edge, flowPath, stepPath, summary, velocity } from "./toy.js";

// From here FA's error rises on its way, and the two rules end on different branches.
export const FIELDS = {
  w0: number(-1.5, -BOX, BOX),
  w1: number(0.5, -BOX, BOX),
  b: number(1, -3, 3),
  learning_rate: { ...number(0.1, 0.01, 2), step: 0.01 },
  basin: flag,
};
const LABELS = {
  w0: "start w0",
  w1: "start w1",
  b: "feedback b",
  learning_rate: "learning rate",
  basin: "shade where FA ends anti-aligned",
};
const TITLES = { fa: "Feedback alignment", bp: "Backprop" };
const FLOW = { fa: { colour: "plus", dash: [8, 4] }, bp: { colour: "text" } };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const integer = { min: -BOX, max: BOX, ticks: [-4, -3, -2, -1, 0, 1, 2, 3, 4], word: minus };

const plane = (rule) => `
  <section aria-label="${TITLES[rule]}">
    <h2>${TITLES[rule]}</h2>
    <p class="head" data-part="${rule}-head"></p>
    <canvas class="plane" data-part="${rule}" tabindex="0" role="application"></canvas>
  </section>`;
const LAYOUT = `
  <form class="sliders" data-part="form"></form>
  <div class="planes">${plane("fa")}${plane("bp")}</div>
  <p role="status" data-part="report"></p>
  <p class="legend">Square: the start. Thick line: the flow. Dots: steps of the learning rate. Green: the solutions
  w0 w1 = 1, dotted where the flow leaves them. Shaded, once you ask for it: FA ends with b w1 &lt; 0. Drag in a plane, or
  focus it and use the arrow keys, with Shift for larger moves.</p>`;

export class Toy {
  // onState(state, done): whether the hand that changes it has let go.
  constructor(root, onState = () => {}) {
    Object.assign(this, { onState, state: initial(FIELDS) });
    root.classList.add("fa-playground");
    root.dataset.lmSuppressShortcuts = "true"; // in JupyterLab the page's keys are its own
    root.insertAdjacentHTML("beforeend", LAYOUT);
    this.part = parts(root);
    this.part.form.addEventListener("submit", (event) => event.preventDefault());
    this.showSliders = sliders(this.part.form, FIELDS, LABELS, this.state, (done) => this.changed(done));
    for (const rule of ["fa", "bp"]) this.wire(this.part[rule], rule);
    this.close = onLook(root, () => this.draw());
  }

  show(state) {
    Object.assign(this.state, state);
    this.showSliders();
    this.draw();
  }

  changed(done) {
    this.show({});
    this.onState(this.state, done);
  }

  wire(canvas, rule) {
    const move = (w0, w1, done) => {
      const inside = (value) => Math.min(BOX, Math.max(-BOX, Number(value.toFixed(2))));
      Object.assign(this.state, { w0: inside(w0), w1: inside(w1) });
      this.changed(done);
    };
    const follow = ({ offsetX, offsetY }, done) => {
      const { X, Y } = this.frames[rule];
      move((offsetX - X(0)) / (X(1) - X(0)), (offsetY - Y(0)) / (Y(1) - Y(0)), done);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      follow(event, false);
    });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && follow(event, false));
    canvas.addEventListener("lostpointercapture", () => this.changed(true));
    canvas.addEventListener("keydown", (event) => {
      const by = MOVES[event.key];
      if (!by) return;
      event.preventDefault();
      const size = event.shiftKey ? 0.5 : 0.05;
      move(this.state.w0 + size * by[0], this.state.w1 + size * by[1], true);
    });
  }

  draw() {
    const { part, state } = this,
      { b, learning_rate, w0, w1 } = state;
    this.frames = {};
    const texts = ["fa", "bp"].map((rule) => {
      this.frames[rule] = drawPlane(part[rule], rule, state);
      part[`${rule}-head`].textContent = summary(rule, b, learning_rate, w0, w1);
      const text = describe(rule, b, learning_rate, w0, w1);
      part[rule].setAttribute(
        "aria-label",
        `${TITLES[rule]}: the plane of w0 and w1. Start at w0 ${w0.toFixed(2)}, w1 ${w1.toFixed(2)}. ${text} Arrow keys move the start.`,
      );
      return text;
    });
    part.report.textContent = texts.join(" ");
  }
}

// Draw one plane; returns its frame, or null while it is not on the page.
function drawPlane(canvas, rule, { w0, w1, b, learning_rate, basin }) {
  const frame = axes(canvas, { ...integer, title: "first weight w0" }, { ...integer, title: "second weight w1" });
  if (!frame) return null;
  const { pen, theme, X, Y } = frame;
  const far = (w) => Math.max(-1e4, Math.min(1e4, w));
  const at = ([x, y]) => [X(far(x)), Y(far(y))];
  pen.save();
  pen.beginPath();
  pen.rect(X(-BOX), Y(BOX), X(BOX) - X(-BOX), Y(-BOX) - Y(BOX));
  pen.clip();
  if (basin && rule === "fa" && b !== 0) shade(frame, b);
  for (const zero of [-BOX, BOX]) {
    segment(pen, theme.quiet, X(zero), Y(0), X(0), Y(0));
    segment(pen, theme.quiet, X(0), Y(zero), X(0), Y(0));
  }
  arrows(frame, rule, b);
  solutions(frame, rule, b);
  const steps = stepPath(rule, b, learning_rate, w0, w1).path.map(at);
  polyline(pen, steps, { colour: theme.minus, width: 1.5 });
  const { colour, dash } = FLOW[rule];
  polyline(pen, flowPath(rule, b, w0, w1).map(at), { colour: theme[colour], dash, width: 3 });
  for (const [x, y] of steps) {
    pen.beginPath();
    pen.arc(x, y, 3, 0, 7);
    pen.fillStyle = theme.minus;
    pen.fill();
  }
  pen.restore();
  pen.fillStyle = theme[colour];
  pen.fillRect(X(w0) - 6, Y(w1) - 6, 12, 12);
  return frame;
}

// The starts from which FA ends anti-aligned, a column of the canvas at a time.
function shade({ pen, theme, X, Y }, b) {
  pen.fillStyle = theme.plus;
  pen.globalAlpha = 0.25;
  const [left, right] = [X(-BOX), X(BOX)];
  for (let x = left; x < right; x++) {
    const w1 = edge(b, ((x - left) / (right - left)) * 2 * BOX - BOX);
    if (Number.isNaN(w1)) continue;
    const y = Y(Math.max(-BOX, Math.min(BOX, w1)));
    const [top, bottom] = b > 0 ? [y, Y(-BOX)] : [Y(BOX), y];
    pen.fillRect(x, top, 1, bottom - top);
  }
  pen.globalAlpha = 1;
}

// The direction of the flow, off the axes.
function arrows({ pen, theme, X, Y }, rule, b) {
  for (let x = 0.25 - BOX; x < BOX; x += 0.5)
    for (let y = 0.25 - BOX; y < BOX; y += 0.5) {
      const [v0, v1] = velocity(rule, b, x, y);
      const length = Math.hypot(v0, v1);
      if (!(length > 1e-9)) continue;
      const [d0, d1] = [(0.13 * v0) / length, (0.13 * v1) / length];
      const tip = [x + d0, y + d1];
      const barb = (side) => [tip[0] - 0.6 * d0 - side * d1, tip[1] - 0.6 * d1 + side * d0];
      for (const points of [
        [[x - d0, y - d1], tip],
        [barb(0.4), tip, barb(-0.4)],
      ])
        polyline(
          pen,
          points.map(([w0, w1]) => [X(w0), Y(w1)]),
          { colour: theme.quiet, width: 1, alpha: 0.7 },
        );
    }
}

// The two branches of w0 w1 = 1: thick where they attract, dotted where they repel.
function solutions({ pen, theme, X, Y }, rule, b) {
  for (const sign of [-1, 1])
    for (const stable of [true, false]) {
      const points = Array.from({ length: 401 }, (_, i) => sign * BOX ** (i / 200 - 1));
      const kept = points.map((w0) => [X(w0), attracts(rule, b, w0) === stable ? Y(1 / w0) : NaN]);
      polyline(pen, kept, { colour: theme.b, width: stable ? 3 : 2, dash: stable ? [] : [3, 4] });
    }
}

function minus(tick) {
  return String(tick).replace("-", "−");
}

// The page on its own: the state in the address.
export function openToy(root) {
  root.innerHTML = `<header><h1>Two neurons, live</h1>${links("toy.html")}</header>
    <p class="problem" data-part="problem" role="alert" hidden></p>`;
  const toy = new Toy(root, (_, done) => done && write());
  const write = inAddress(FIELDS, LABELS, toy.state, (problems) => {
    tell(toy.part.problem, problems);
    toy.show({});
  });
}
