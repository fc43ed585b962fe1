// Lesson 2's explorer. First the arithmetic, which touches no page and mirrors explorer.py line by line; then the picture.

export const BOX = 4; // both axes run from -BOX to BOX
export const FLOW_STEPS = 2000;
export const STEPS = 500;
export const SMALL = 1e-6; // an error below it counts as learned
export const HUGE = 1e6; // a weight beyond it counts as diverged

export function velocity(rule, b, w0, w1) {
  const e = 1 - w0 * w1;
  return [(rule === "fa" ? b : w1) * e, e * w0];
}

// One step of the fourth-order Runge-Kutta method.
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
export function unitEdge(u) {
  if (u <= -1) return (u * u) / 2 - 1.5;
  return u < 0 ? 1 / u : NaN;
}

export function endsAntiAligned(b, w0, w1) {
  const root = Math.cbrt(b);
  return w1 * root <= unitEdge(w0 / root);
}

// A number that the picture can use, whatever came in.
export function clamp(value, low, high, fallback) {
  const number = Number(value);
  return value === null || value === "" || !Number.isFinite(number) ? fallback : Math.min(high, Math.max(low, number));
}

export function describe(rule, b, rate, w0, w1) {
  const [f0, f1] = flowPath(rule, b, w0, w1).at(-1);
  const { path, verdict } = stepPath(rule, b, rate, w0, w1);
  const [s0, s1] = path.at(-1);
  const at = (x, y) => `(${x.toFixed(2)}, ${y.toFixed(2)})`;
  const learned = Math.abs(1 - f0 * f1) < 1e-3;
  let flow = learned ? `flow ends at ${at(f0, f1)}` : `flow is left with error ${(1 - f0 * f1).toFixed(2)} at ${at(f0, f1)}`;
  if (rule === "fa" && b !== 0 && learned) flow += b * f1 > 0 ? ", aligned" : ", anti-aligned";
  const steps = { learned: `learned after ${path.length - 1} steps, at ${at(s0, s1)}`, diverged: `diverged after ${path.length} steps`, "not settled": `not settled after ${STEPS} steps` };
  return `${rule.toUpperCase()}: ${flow}; ${steps[verdict]}`;
}

// The state in a few words, for the head of a panel.
export function state(rule, b, rate, w0, w1) {
  const [f0, f1] = flowPath(rule, b, w0, w1).at(-1);
  const side = f0 > 0 ? "right" : "left";
  let flow = `flow ends ${side}`;
  if (Math.abs(1 - f0 * f1) >= 1e-3) flow = `flow leaves an error of ${(1 - f0 * f1).toFixed(2)}`;
  else if (rule === "fa" && b !== 0) flow += b * f1 > 0 ? ", aligned" : ", anti-aligned";
  return `${flow}; steps: ${stepPath(rule, b, rate, w0, w1).verdict}`;
}

// ---- The picture: two canvases, each a pointer target and a stop of the Tab key.

const BLACK = "#000000", GREY = "#7F7F7F", BLUE = "#0072B2", ORANGE = "#E69F00", GREEN = "#009E73", SKY = "#56B4E9";
const COLOR = { fa: BLUE, bp: BLACK };
const TITLE = { fa: "Feedback alignment", bp: "Backprop" };

function draw(canvas, rule, now) {
  const size = canvas.clientWidth;
  if (!(size > 0)) return; // not on the page yet, or folded away
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(size * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const scale = size / (2 * BOX);
  const X = (w) => (w + BOX) * scale;
  const Y = (w) => (BOX - w) * scale;
  const far = (w) => Math.max(-1e4, Math.min(1e4, w));
  const line = (points, color, width, dash) => {
    pen.beginPath();
    points.forEach(([x, y], i) => (i ? pen.lineTo(X(far(x)), Y(far(y))) : pen.moveTo(X(far(x)), Y(far(y)))));
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.setLineDash(dash || []);
    pen.stroke();
    pen.setLineDash([]);
  };
  pen.fillStyle = "#FFFFFF";
  pen.fillRect(0, 0, size, size);
  if (now.basin && rule === "fa" && now.b !== 0) shade(pen, size, scale, now.b);
  line([[-BOX, 0], [BOX, 0]], GREY, 1);
  line([[0, -BOX], [0, BOX]], GREY, 1);
  pen.fillStyle = GREY;
  pen.font = "13px sans-serif";
  for (let w = -3; w <= 3; w++) if (w) {
    pen.fillText(String(w).replace("-", "−"), X(w) - 5, Y(0) + 15);
    pen.fillText(String(w).replace("-", "−"), X(0) + 4, Y(w) + 4);
  }
  pen.fillText("w0", size - 20, Y(0) + 15);
  pen.fillText("w1", X(0) - 22, 14);
  arrows(line, rule, now.b);
  hyperbola(line, rule, now.b);
  const { path } = stepPath(rule, now.b, now.rate, now.w0, now.w1);
  line(path, ORANGE, 1.5);
  line(flowPath(rule, now.b, now.w0, now.w1), COLOR[rule], 3, rule === "fa" ? [8, 4] : []);
  for (const [x, y] of path) {
    pen.beginPath();
    pen.arc(X(far(x)), Y(far(y)), 3, 0, 7);
    pen.fillStyle = ORANGE;
    pen.fill();
    pen.strokeStyle = BLACK;
    pen.lineWidth = 0.5;
    pen.stroke();
  }
  pen.fillStyle = COLOR[rule];
  pen.fillRect(X(now.w0) - 6, Y(now.w1) - 6, 12, 12);
}

function shade(pen, size, scale, b) {
  const root = Math.cbrt(b);
  pen.fillStyle = SKY + "55";
  for (let x = 0; x < size; x++) {
    const edge = unitEdge((x / scale - BOX) / root) / root; // in w1
    if (Number.isNaN(edge)) continue;
    const y = Math.max(0, Math.min(size, (BOX - edge) * scale));
    if (b > 0) pen.fillRect(x, y, 1, size - y);
    else pen.fillRect(x, 0, 1, y);
  }
}

function arrows(line, rule, b) {
  for (let i = -8; i < 8; i++) for (let j = -8; j < 8; j++) {
    const [x, y] = [i / 2 + 0.25, j / 2 + 0.25]; // off the axes and their numbers
    const [v0, v1] = velocity(rule, b, x, y);
    const length = Math.hypot(v0, v1);
    if (!(length > 1e-9)) continue;
    const [d0, d1] = [(0.13 * v0) / length, (0.13 * v1) / length];
    const tip = [x + d0, y + d1];
    line([[x - d0, y - d1], tip], GREY, 1);
    line([[tip[0] - 0.6 * d0 - 0.4 * d1, tip[1] - 0.6 * d1 + 0.4 * d0], tip, [tip[0] - 0.6 * d0 + 0.4 * d1, tip[1] - 0.6 * d1 - 0.4 * d0]], GREY, 1);
  }
}

// The curve of solutions w0 w1 = 1: thick where it attracts, dashed where it repels.
function hyperbola(line, rule, b) {
  for (const sign of [-1, 1]) {
    let piece = [], stable = null;
    for (let i = -100; i <= 100; i++) {
      const w0 = sign * Math.exp((i / 100) * Math.log(BOX));
      const now = rule === "bp" || w0 * w0 + b / w0 > 0;
      piece.push([w0, 1 / w0]);
      if ((stable !== null && now !== stable) || i === 100) {
        line(piece, GREEN, stable ? 3 : 2, stable ? [] : [3, 4]);
        piece = [[w0, 1 / w0]];
      }
      stable = now;
    }
  }
}

function element(tag, parent, attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

export function render({ model, el }) {
  const now = {};
  const ranges = { w0: [-BOX, BOX, -1.5], w1: [-BOX, BOX, 0.5], b: [-3, 3, 1], rate: [0.01, 2, 0.1] };
  const root = element("div", el, { class: "two-neuron" });
  const controls = element("div", root, { class: "two-neuron-controls" });
  const labels = { w0: "start w0", w1: "start w1", b: "feedback b", rate: "learning rate" };
  const inputs = {};
  for (const name of Object.keys(ranges)) {
    const label = element("label", controls);
    label.append(labels[name] + " ");
    const [min, max] = ranges[name];
    inputs[name] = element("input", label, { type: "range", min, max, step: name === "rate" ? 0.01 : 0.05 });
    inputs[name].output = element("output", label);
  }
  const reveal = element("label", controls);
  const basin = element("input", reveal, { type: "checkbox" });
  reveal.append(" shade where FA ends anti-aligned");
  const panels = element("div", root, { class: "two-neuron-panels" });
  const canvases = {}, heads = {};
  for (const rule of ["fa", "bp"]) {
    const panel = element("div", panels, { class: "two-neuron-panel" });
    heads[rule] = element("div", panel, { class: "two-neuron-head" });
    canvases[rule] = element("canvas", panel, { tabindex: 0, role: "application" });
  }
  const report = element("div", root, { class: "two-neuron-report", role: "status", "aria-live": "polite" });
  element("div", root, { class: "two-neuron-legend" }).textContent =
    "Square: start. Thick line: the flow. Dots: steps of the learning rate. Green: solutions w0 w1 = 1, dotted where FA " +
    "leaves them. Shaded, once you ask for it: FA ends with b w1 < 0. Drag in a panel, or focus it and use the arrow keys (with Shift: larger).";

  const read = () => {
    for (const [name, [low, high, fallback]] of Object.entries(ranges)) {
      now[name] = clamp(model.get(name === "rate" ? "learning_rate" : name), low, high, fallback);
    }
    now.basin = model.get("basin") === true;
  };
  const redraw = () => {
    for (const name of Object.keys(inputs)) {
      inputs[name].value = now[name];
      inputs[name].output.textContent = now[name].toFixed(2).replace("-", "−");
    }
    basin.checked = now.basin;
    const texts = ["fa", "bp"].map((rule) => describe(rule, now.b, now.rate, now.w0, now.w1));
    report.replaceChildren(...texts.map((text) => Object.assign(document.createElement("div"), { textContent: text })));
    ["fa", "bp"].forEach((rule, i) => {
      draw(canvases[rule], rule, now);
      heads[rule].textContent = `${TITLE[rule]}: ${state(rule, now.b, now.rate, now.w0, now.w1)}`;
      canvases[rule].setAttribute("aria-label", `${TITLE[rule]}: plane of the weights w0 and w1. Start at w0 ${now.w0.toFixed(2)}, w1 ${now.w1.toFixed(2)}. ${texts[i]}. Arrow keys move the start.`);
    });
  };
  const change = (values, done) => {
    for (const [name, value] of Object.entries(values)) {
      const [low, high] = ranges[name];
      now[name] = clamp(value, low, high, now[name]);
      model.set(name === "rate" ? "learning_rate" : name, now[name]);
    }
    redraw();
    if (done) model.save_changes();
  };
  for (const [name, input] of Object.entries(inputs)) {
    input.addEventListener("input", () => change({ [name]: input.value }, false));
    input.addEventListener("change", () => change({ [name]: input.value }, true));
  }
  basin.addEventListener("change", () => {
    now.basin = basin.checked;
    model.set("basin", now.basin);
    redraw();
    model.save_changes();
  });
  for (const canvas of Object.values(canvases)) {
    const follow = (event, done) => {
      const box = canvas.getBoundingClientRect();
      const w0 = ((event.clientX - box.left) / box.width) * 2 * BOX - BOX;
      const w1 = BOX - ((event.clientY - box.top) / box.height) * 2 * BOX;
      change({ w0, w1 }, done);
    };
    let dragging = false;
    canvas.addEventListener("pointerdown", (event) => {
      dragging = true;
      canvas.focus();
      try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer has gone */ }
      follow(event, false);
    });
    canvas.addEventListener("pointermove", (event) => { if (dragging) follow(event, false); });
    canvas.addEventListener("pointerup", (event) => { if (dragging) follow(event, true); dragging = false; });
    canvas.addEventListener("pointercancel", () => { dragging = false; model.save_changes(); });
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      const by = event.shiftKey ? 0.5 : 0.05;
      change({ w0: now.w0 + by * move[0], w1: now.w1 + by * move[1] }, true);
    });
  }
  const refresh = () => { read(); redraw(); };
  for (const name of ["w0", "w1", "b", "learning_rate", "basin"]) model.on("change:" + name, refresh);
  const observer = new ResizeObserver(() => redraw());
  observer.observe(panels);
  refresh();
  return () => {
    observer.disconnect();
    for (const name of ["w0", "w1", "b", "learning_rate", "basin"]) model.off("change:" + name, refresh);
  };
}

export default { render };
