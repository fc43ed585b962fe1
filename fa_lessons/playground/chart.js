// Axes, ticks and lines on a canvas.

import { colours, penFor } from "./dom.js";

const LEFT = 50,
  RIGHT = 12,
  TOP = 26,
  BOTTOM = 24;
// The axis of images seen, which shows the beginning as well as the end.
const IMAGES = {
  bend: (images) => Math.log1p(images / 300),
  ticks: () => [0, 300, 1000, 3000, 10000, 30000, 100000, 300000, 1e6, 3e6, 1e7],
  word: short,
};

export class Chart {
  // y: {title, min, max, ticks, log, word: tick → text, mark: {at, word}, a line of its own}. x: {bend: value → place,
  // ticks: most → values, word}, from 0 on; images seen when left out.
  constructor(canvas, y, x = IMAGES) {
    Object.assign(this, { canvas, y, x });
  }

  // lines: [{points: [[x, y]], colour, dash, width, alpha}]; events: [{images: x, colour, word}]; most: the largest x.
  draw(lines, most, events = []) {
    const found = penFor(this.canvas);
    if (!found) return;
    const { pen, width, height } = found,
      theme = colours(this.canvas),
      { y } = this;
    const bend = y.log ? Math.log : (value) => value;
    const X = (images) => LEFT + ((width - LEFT - RIGHT) * this.x.bend(images)) / this.x.bend(most);
    const Y = (value) =>
      TOP +
      ((height - TOP - BOTTOM) * (bend(y.max) - bend(Math.min(y.max, Math.max(y.min, value))))) /
        (bend(y.max) - bend(y.min));
    pen.font = `14px ${theme.font}`;
    pen.lineWidth = 1;
    this.axes(pen, theme, X, Y, width, height, most);
    for (const { images, colour, word } of events) {
      pen.setLineDash([2, 3]);
      segment(pen, theme[colour] ?? theme.quiet, X(images), TOP, X(images), height - BOTTOM);
      pen.setLineDash([]);
      pen.fillStyle = theme[colour] ?? theme.quiet;
      pen.textAlign = X(images) > width * 0.7 ? "right" : "left";
      pen.fillText(
        word,
        X(images) + (pen.textAlign === "right" ? -4 : 4),
        colour === "b" ? height - BOTTOM - 22 : height - BOTTOM - 6,
      );
    }
    for (const line of lines) {
      Object.assign(pen, {
        strokeStyle: theme[line.colour],
        lineWidth: line.width ?? 2.5,
        globalAlpha: line.alpha ?? 1,
        lineJoin: "round",
      });
      pen.setLineDash(line.dash ?? []);
      pen.beginPath();
      let started = false;
      for (const [images, value] of line.points) {
        if (!Number.isFinite(value)) started = false;
        else if (started) pen.lineTo(X(images), Y(value));
        else (pen.moveTo(X(images), Y(value)), (started = true));
      }
      pen.stroke();
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    }
  }

  axes(pen, theme, X, Y, width, height, most) {
    const { y } = this;
    pen.fillStyle = theme.text;
    pen.textAlign = "left";
    pen.font = `bold 15px ${theme.font}`;
    pen.fillText(y.title, 4, 16, width - 8);
    pen.font = `14px ${theme.font}`;
    for (const tick of y.ticks) {
      segment(pen, theme.line, LEFT, Y(tick), width - RIGHT, Y(tick));
      pen.fillStyle = theme.quiet;
      pen.textAlign = "right";
      pen.fillText(y.word(tick), LEFT - 5, Y(tick) + 4);
    }
    if (y.mark) {
      segment(pen, theme.quiet, LEFT, Y(y.mark.at), width - RIGHT, Y(y.mark.at), 1.5);
      pen.textAlign = "right";
      pen.fillText(y.mark.word, width - RIGHT - 2, Y(y.mark.at) - 5);
    }
    pen.textAlign = "center";
    let last = -Infinity;
    for (const tick of this.x.ticks(most).filter((value) => value <= most)) {
      if (X(tick) - last < 36) continue;
      last = X(tick);
      segment(pen, theme.line, last, TOP, last, height - BOTTOM);
      pen.fillText(this.x.word(tick), Math.min(last, width - 18), height - 8);
    }
  }
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
