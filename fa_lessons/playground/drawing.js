// The drawing of a network: above, what goes forward; below, the road of the error. Lines carry the weights' colours.

import { segment } from "./chart.js";
import { colours, diverging, paint, penFor } from "./dom.js";

const NODE = 8;
const PATHS = {
  bp: "error, back through Wᵀ",
  fa: "error, back through B",
  dfa: "error, directly through B",
  ifa: "error, through B, then forward through W",
};
Object.assign(PATHS, {
  shallow: "no error comes down",
  "sign-symmetry": "error, back through the signs of W",
  kp: "error, back through B, which learns",
});

export class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.lines = []; // feedback lines that a hand can change: {layer, from, to, ends}
    this.chosen = null; // the one under the keyboard's cursor, an index
  }

  // view: of view.js. digit: which of the ten is shown; pixels: its image, 784 bytes. phase: 0 to 1, of the flow.
  draw(view, digit, pixels, phase) {
    const found = penFor(this.canvas);
    if (!found || !view) return;
    const theme = colours(this.canvas);
    Object.assign(this, found, { view, theme, digit });
    this.layOut();
    this.title(
      "forward: " +
        view.sizes
          .map((units) => units)
          .slice(0, 5)
          .join(" – ") +
        (view.sizes.length > 5 ? ` … (${view.sizes.length - 2} hidden layers)` : ""),
      15,
    );
    this.title(PATHS[view.rule], this.middle + 15);
    this.forward(pixels);
    this.backward(phase);
  }

  layOut() {
    const { view, width, height } = this;
    this.middle = Math.round(height * 0.54);
    const columns = view.shown.length + 2;
    const right = width - 44;
    this.X = (column) => 30 + (column * (right - 30)) / (columns - 1);
    this.rows = (count, top, bottom) => (k) => top + ((k + 0.5) * (bottom - top)) / count;
    const above = [24, this.middle - 6],
      below = [this.middle + 24, height - 4];
    this.up = (count) => this.rows(count, ...above);
    this.down = (count) => this.rows(count, ...below);
  }

  title(text, y) {
    const { pen, theme } = this;
    pen.font = `14px ${theme.font}`;
    pen.textAlign = "left";
    pen.fillStyle = theme.quiet;
    pen.fillText(text, 4, y, this.width - 8);
  }

  units(column) {
    const { view } = this;
    return Math.min(8, view.sizes[view.shown[column - 1] + 1]);
  }

  forward(pixels) {
    const { pen, theme, view, digit } = this;
    const last = view.shown.length + 1;
    const size = Math.min(56, this.X(1) - this.X(0) - 20);
    const centre = (this.middle + 20) / 2;
    const tile = Math.min(30, (this.middle - 30) / 8 - 2);
    for (let column = 1; column <= last; column++) {
      const count = column === last ? 10 : this.units(column),
        at = this.up(count);
      if (column === 1) for (let k = 0; k < count; k++) segment(pen, theme.line, this.X(0), centre, this.X(1), at(k));
      else if (this.follows(column))
        this.weights(this.matrixInto(column), this.X(column - 1), this.up(this.units(column - 1)), this.X(column), at);
      else this.gap((this.X(column - 1) + this.X(column)) / 2, centre);
    }
    const grey = (byte) => theme.groundRgb.map((from) => from + (byte / 255) * (255 - 2 * from) * 0.92);
    paint(pen, pixels, this.X(0) - size / 2, centre - size / 2, size, grey);
    pen.strokeStyle = theme.quiet;
    pen.strokeRect(this.X(0) - size / 2, centre - size / 2, size, size);
    for (let column = 1; column < last; column++) {
      const layer = view.shown[column - 1],
        count = this.units(column),
        at = this.up(count);
      for (let k = 0; k < count; k++) {
        if (column === 1) {
          const most = 3 * rms(view.pictures[k]) || 1;
          paint(pen, view.pictures[k], this.X(1) - tile / 2, at(k) - tile / 2, tile, diverging(theme, most));
          pen.strokeStyle = view.learning[layer] ? theme.quiet : theme.minus;
          pen.strokeRect(this.X(1) - tile / 2, at(k) - tile / 2, tile, tile);
        } else this.node(this.X(column), at(k), view.hidden[layer][digit][k]);
      }
    }
    this.outputs(last);
  }

  outputs(column) {
    const { pen, theme, view, digit } = this;
    const at = this.up(10),
      x = this.X(column),
      answer = view.answers[digit];
    const best = answer.indexOf(Math.max(...answer));
    for (let k = 0; k < 10; k++) {
      pen.fillStyle = theme.plus;
      pen.fillRect(x + 18, at(k) - 4, 24 * (answer[k] || 0), 8);
      pen.strokeStyle = theme.line;
      pen.strokeRect(x + 18, at(k) - 4, 24, 8);
      pen.fillStyle = theme.text;
      pen.textAlign = "center";
      pen.font = `${k === best ? "bold " : ""}14px ${theme.font}`;
      pen.fillText(k, x + 9, at(k) + 5);
    }
  }

  backward(phase) {
    const { pen, theme, view } = this;
    const last = view.shown.length + 1;
    this.lines = [];
    const error = view.answers[this.digit].map((share, k) => share - (k === this.digit));
    const outputs = this.down(10);
    for (let column = last - 1; column >= 1; column--) this.intoSignal(column, last, outputs, phase);
    for (let k = 0; k < 10; k++) this.node(this.X(last), outputs(k), error[k]);
    pen.fillStyle = theme.text;
    pen.textAlign = "left";
    pen.font = `italic 15px ${theme.font}`;
    pen.fillText("e", this.X(last) + 14, (this.middle + 24 + this.height) / 2);
    for (let column = 1; column < last; column++) {
      const at = this.down(this.units(column));
      for (let k = 0; k < this.units(column); k++) this.node(this.X(column), at(k), 0);
      if (view.rule !== "shallow") this.signalName(column);
    }
    if (this.chosen !== null) this.ring(this.lines[this.chosen]);
  }

  // δ and the number of the layer, left of its units, on a patch without lines.
  signalName(column) {
    const { pen, theme, view } = this;
    const layer = [...String(view.shown[column - 1] + 1)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
    const width = pen.measureText(`δ${layer}`).width;
    const [x, y] = [this.X(column) - 14, 0.36 * (this.middle + 24) + 0.64 * this.height]; // below the ⋯
    pen.fillStyle = theme.panel;
    pen.fillRect(x - width - 2, y - 14, width + 4, 20);
    pen.fillStyle = theme.text;
    pen.textAlign = "right";
    pen.fillText(`δ${layer}`, x, y);
  }

  // The lines by which the signal of this column's layer arrives, and what flows on them.
  intoSignal(column, last, outputs, phase) {
    const { view } = this;
    const layer = view.shown[column - 1],
      at = this.down(this.units(column));
    const above = column + 1 === last ? outputs : this.down(this.units(column + 1));
    const x = this.X(column),
      xAbove = this.X(column + 1);
    if (view.rule === "shallow") return;
    if (view.rule === "dfa")
      this.feedbackLines(layer, view.feedback[layer], this.X(last), outputs, x, at, phase, last - column - 1);
    else if (view.rule === "ifa" && column === 1)
      this.feedbackLines(0, view.feedback[0], this.X(last), outputs, x, at, phase, last - 2);
    else if (view.rule === "ifa") {
      if (this.follows(column))
        this.weights(view.forward[layer], this.X(column - 1), this.down(this.units(column - 1)), x, at, phase);
    } else if (!this.follows(column + 1)) this.gap((x + xAbove) / 2, (this.middle + 24 + this.height) / 2);
    else if (view.feedback.length) this.feedbackLines(layer, view.feedback[layer], xAbove, above, x, at, phase, 0);
    else this.weights(view.forward[layer + 1], x, at, xAbove, above, 1 - phase, view.rule === "sign-symmetry");
  }

  // Whether this column's layer lies right above the one drawn before it.
  follows(column) {
    const { shown, sizes } = this.view;
    const layer = column > shown.length ? sizes.length - 2 : shown[column - 1];
    return column > 1 && layer === shown[column - 2] + 1;
  }

  matrixInto(column) {
    const { view } = this;
    return view.forward[column > view.shown.length ? view.sizes.length - 2 : view.shown[column - 1]];
  }

  weights(W, x1, at1, x2, at2, phase = null, signs = false) {
    for (let i = 0; i < W.rows; i++)
      for (let j = 0; j < W.columns; j++) {
        const value = W.values[i * W.columns + j];
        this.line(signs ? Math.sign(value) * W.rms : value, W.rms, [x1 + NODE, at1(i), x2 - NODE, at2(j)], phase, 0);
      }
  }

  feedbackLines(layer, B, xFrom, atFrom, xTo, atTo, phase, passes) {
    for (let from = 0; from < B.rows; from++)
      for (let to = 0; to < B.columns; to++) {
        const ends = [xFrom - NODE, atFrom(from), xTo + NODE, atTo(to)];
        const percent = (100 * B.values[from * B.columns + to]) / B.bound || 0;
        this.lines.push({ layer: layer + 1, from: from + 1, to: to + 1, ends, percent, passes });
        this.line(B.values[from * B.columns + to], B.rms, ends, phase, passes);
      }
  }

  line(value, rms, [x1, y1, x2, y2], phase, passes) {
    const { pen, theme } = this;
    const strength = Math.min(1, Math.abs(value) / (2 * rms) || 0);
    pen.strokeStyle = value === 0 ? theme.line : value < 0 ? theme.minus : theme.plus;
    pen.globalAlpha = value === 0 ? 0.3 : 0.12 + 0.6 * strength;
    pen.lineWidth = 0.5 + 1.8 * strength;
    if (phase !== null) {
      pen.setLineDash([7, 5]);
      pen.lineDashOffset = -phase * 12;
    }
    pen.beginPath();
    pen.moveTo(x1, y1);
    if (passes) pen.quadraticCurveTo((x1 + x2) / 2, Math.max(y1, y2) + 14 * passes, x2, y2);
    else pen.lineTo(x2, y2);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  node(x, y, value) {
    const { pen, theme } = this;
    const [red, green, blue] = diverging(theme, 1)(value);
    pen.beginPath();
    pen.arc(x, y, Math.min(NODE, (this.height - this.middle) / 26), 0, 7);
    pen.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    pen.fill();
    pen.strokeStyle = theme.quiet;
    pen.lineWidth = 1;
    pen.stroke();
  }

  gap(x, y) {
    const { pen, theme } = this;
    pen.fillStyle = theme.quiet;
    pen.textAlign = "center";
    pen.font = `bold 22px ${theme.font}`;
    pen.fillText("⋯", x, y);
  }

  ring(line) {
    if (!line) return;
    const { pen, theme } = this;
    const [x1, y1, x2, y2] = line.ends;
    segment(pen, theme.text, x1, y1, x2, y2, 3.5);
    for (const [x, y] of [
      [x1, y1],
      [x2, y2],
    ]) {
      pen.beginPath();
      pen.arc(x, y, 6, 0, 7);
      pen.lineWidth = 3;
      pen.stroke();
    }
  }

  // The feedback line nearest to a point of the canvas, an index; null where none is within 7 pixels.
  nearest(x, y) {
    let best = null,
      least = 7;
    this.lines.forEach(({ ends: [x1, y1, x2, y2], passes }, index) => {
      const t = Math.min(
        1,
        Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)),
      );
      const bend = passes ? (Math.max(y1, y2) + 14 * passes - (y1 + y2) / 2) * 2 * t * (1 - t) : 0;
      const away = Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1) - bend);
      if (away < least) [best, least] = [index, away];
    });
    return best;
  }

  // Move the keyboard's cursor by so many lines.
  choose(by) {
    if (!this.lines.length) return null;
    this.chosen = this.chosen === null ? 0 : (this.chosen + by + this.lines.length) % this.lines.length;
    return this.lines[this.chosen];
  }
}

function rms(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return (sum / values.length) ** 0.5;
}
