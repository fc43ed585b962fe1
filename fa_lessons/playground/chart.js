// Axes, ticks and lines on a canvas.

import { colours, penFor } from "./dom.js";

const LEFT = 50,
  RIGHT = 12,
  TOP = 26;
const straight = (value) => value;
// The axis of images seen, which shows the beginning as well as the end.
const IMAGES = {
  bend: (images) => Math.log1p(images / 300),
  ticks: () => [0, 300, 1000, 3000, 10000, 30000, 100000, 300000, 1e6, 3e6, 1e7],
  word: short,
};

// Clear the canvas, draw a frame of two axes, and say where values lie in it: {pen, theme, width, bottom, X, Y}; null
// while the canvas is not on the page. x, y: {title, min, max, ticks, word: tick → text, bend: value → place}; y.mark:
// {at, word}, a line of its own. With a title below, too, a square canvas has a square frame.
export function axes(canvas, x, y) {
  const found = penFor(canvas);
  if (!found) return null;
  const { pen, width, height } = found,
    theme = colours(canvas);
  const bottom = height - (x.title ? 36 : 24),
    right = width - RIGHT;
  const X = place(x, LEFT, right),
    Y = place(y, bottom, TOP);
  Object.assign(pen, { fillStyle: theme.text, textAlign: "left", font: `bold 15px ${theme.font}`, lineWidth: 1 });
  pen.fillText(y.title, 4, 16, width - 8);
  pen.font = `14px ${theme.font}`;
  pen.fillStyle = theme.quiet;
  for (const tick of y.ticks) {
    segment(pen, theme.line, LEFT, Y(tick), right, Y(tick));
    pen.textAlign = "right";
    pen.fillText(y.word(tick), LEFT - 5, Y(tick) + 4);
  }
  if (y.mark) {
    segment(pen, theme.quiet, LEFT, Y(y.mark.at), right, Y(y.mark.at), 1.5);
    pen.textAlign = "right";
    pen.fillText(y.mark.word, right - 2, Y(y.mark.at) - 5);
  }
  pen.textAlign = "center";
  let last = -Infinity;
  for (const tick of x.ticks) {
    if (X(tick) - last < 36) continue;
    last = X(tick);
    segment(pen, theme.line, last, TOP, last, bottom);
    pen.fillText(x.word(tick), Math.min(last, width - 18), bottom + 16);
  }
  if (x.title) pen.fillText(x.title, (LEFT + right) / 2, height - 4);
  return { pen, theme, width, bottom, X, Y };
}

// From values of an axis to places between `first` and `last`.
function place({ min, max, bend = straight }, first, last) {
  const low = bend(min),
    span = bend(max) - low;
  return (value) => first + ((last - first) * (bend(value) - low)) / span;
}

export class Chart {
  // y: an axis with a title. x: {bend, ticks: most → values, word}, from 0 on; images seen when left out.
  constructor(canvas, y, x = IMAGES) {
    Object.assign(this, { canvas, y, x });
  }

  // lines: [{points: [[x, y]], colour, dash, width, alpha}]; events: [{images: x, colour, word}]; most: the largest x.
  draw(lines, most, events = []) {
    const { min, max } = this.y;
    const ticks = this.x.ticks(most).filter((value) => value <= most);
    const frame = axes(this.canvas, { ...this.x, ticks, min: 0, max: most }, this.y);
    if (!frame) return;
    const { pen, theme, width, bottom, X, Y } = frame;
    for (const { images, colour, word } of events) {
      pen.setLineDash([2, 3]);
      segment(pen, theme[colour] ?? theme.quiet, X(images), TOP, X(images), bottom);
      pen.setLineDash([]);
      pen.fillStyle = theme[colour] ?? theme.quiet;
      pen.textAlign = X(images) > width * 0.7 ? "right" : "left";
      pen.fillText(word, X(images) + (pen.textAlign === "right" ? -4 : 4), bottom - (colour === "b" ? 22 : 6));
    }
    for (const { points, colour, ...look } of lines)
      polyline(
        pen,
        points.map(([x, value]) => [X(x), Number.isFinite(value) ? Y(Math.min(max, Math.max(min, value))) : NaN]),
        { colour: theme[colour], ...look },
      );
  }
}

// A line through points of the canvas; it breaks where one is not finite.
export function polyline(pen, points, { colour, dash = [], width = 2.5, alpha = 1 }) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
  pen.setLineDash(dash);
  pen.beginPath();
  let started = false;
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) started = false;
    else if (started) pen.lineTo(x, y);
    else (pen.moveTo(x, y), (started = true));
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

export function segment(pen, colour, x1, y1, x2, y2, width = 1) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

export function short(images) {
  return images < 1000 ? `${images}` : images < 1e6 ? `${images / 1000}k` : `${images / 1e6}M`;
}
