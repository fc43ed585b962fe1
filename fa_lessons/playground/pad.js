// A field to draw a digit in, by pointer or by keyboard, and the digit as MNIST would store it.

import { colours, penFor } from "./dom.js";

const SIDE = 28,
  INK = 0.085; // the pen's width, in units of the field

export class Pad {
  // onDigit(784 float32 values, or null for an empty field)
  constructor(canvas, onDigit) {
    Object.assign(this, { canvas, onDigit, strokes: [], cursor: [0.5, 0.3], down: false });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.strokes.push([this.place(event)]);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons || !this.strokes.length) return;
      this.strokes.at(-1).push(this.place(event));
      this.changed();
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => this.draw());
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  key(event) {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move) {
      this.cursor = this.cursor.map((value, k) => Math.min(0.95, Math.max(0.05, value + 0.05 * move[k])));
      if (this.down) this.strokes.at(-1).push(this.cursor);
    } else if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this.strokes.push([this.cursor]);
    } else if (event.key === "Escape" || event.key === "Delete") return this.clear();
    else return;
    event.preventDefault();
    this.changed();
  }

  clear() {
    this.strokes = [];
    this.down = false;
    this.changed();
  }

  changed() {
    this.draw();
    this.onDigit(this.strokes.length ? this.digit() : null);
  }

  draw() {
    const found = penFor(this.canvas);
    if (!found) return;
    const theme = colours(this.canvas);
    this.ink(found.pen, found.width, theme.text);
    if (document.activeElement !== this.canvas) return;
    const [x, y] = this.cursor.map((value) => value * found.width);
    found.pen.strokeStyle = this.down ? theme.minus : theme.plus;
    found.pen.lineWidth = 3;
    found.pen.beginPath();
    found.pen.arc(x, y, 9, 0, 7);
    found.pen.stroke();
  }

  ink(pen, size, colour, move = ([x, y]) => [x, y]) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: INK * size, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      pen.beginPath();
      const [first, ...rest] = stroke.map((point) => move(point).map((value) => value * size));
      pen.moveTo(...first);
      for (const point of rest.length ? rest : [first]) pen.lineTo(...point);
      pen.stroke();
    }
  }

  // Fitted into 20 × 20 pixels and centred by its mass in 28 × 28, as MNIST's digits are.
  digit() {
    const points = this.strokes.flat();
    const [left, right] = extent(points.map(([x]) => x)),
      [top, bottom] = extent(points.map(([, y]) => y));
    const scale = Math.min(3, (20 / SIDE - INK) / Math.max(right - left, bottom - top, 0.1));
    const fit = ([x, y]) => [0.5 + (x - (left + right) / 2) * scale, 0.5 + (y - (top + bottom) / 2) * scale];
    const first = this.raster(fit);
    let mass = 0,
      x = 0,
      y = 0;
    first.forEach((value, i) => {
      mass += value;
      x += value * ((i % SIDE) + 0.5);
      y += value * (Math.floor(i / SIDE) + 0.5);
    });
    const [dx, dy] = [0.5 - x / mass / SIDE, 0.5 - y / mass / SIDE];
    return this.raster((point) => fit(point).map((value, k) => value + [dx, dy][k]));
  }

  raster(move) {
    const fine = 4,
      canvas = Object.assign(document.createElement("canvas"), { width: SIDE * fine, height: SIDE * fine });
    const pen = canvas.getContext("2d");
    this.ink(pen, SIDE * fine, "#ffffff", move);
    const { data } = pen.getImageData(0, 0, SIDE * fine, SIDE * fine);
    const values = new Float32Array(SIDE * SIDE);
    for (let i = 0; i < data.length / 4; i++) {
      const x = Math.floor((i % (SIDE * fine)) / fine),
        y = Math.floor(i / (SIDE * fine) / fine);
      values[y * SIDE + x] += data[4 * i + 3] / 255 / fine ** 2;
    }
    return values;
  }
}

function extent(values) {
  return [Math.min(...values), Math.max(...values)];
}
