// What was measured on the way, and the three charts of it.

import { Chart } from "./chart.js";
import { whole, write } from "./dom.js";
import { shownLayers } from "./view.js";

export const SIDES = ["a", "b"];
const DASH = { a: [], b: [8, 4] };
const TURNED = 95; // percent of digits with eᵀWBe > 0 from which on the sign counts as positive
const percent = (tick) => `${tick}%`;
const CHARTS = {
  error: { title: "test error", min: 2, max: 100, ticks: [2, 5, 10, 20, 50, 100], bend: Math.log, word: percent },
  angle: {
    title: "angle to backprop's signal (thick: layer 1)",
    min: 0,
    max: 125,
    ticks: [0, 30, 60, 90, 120],
    word: (tick) => `${tick}°`,
    mark: { at: 90, word: "90°: chance" },
  },
  positive: { title: "digits with eᵀWBe > 0", min: 0, max: 100, ticks: [0, 50, 100], word: percent },
};
const WORDS = {
  error: ["Test error", " %"],
  angle: ["Signal angle to backprop", "°"],
  positive: ["Digits with eᵀWBe above 0", " %"],
};

export class Curves {
  // part: the canvases error, angle, positive
  constructor(part) {
    this.part = part;
    this.charts = Object.fromEntries(Object.entries(CHARTS).map(([name, y]) => [name, new Chart(part[name], y)]));
    this.clear([]);
  }

  // events: [{images, colour: side, word}], what happens on the way.
  clear(events) {
    this.events = events;
    this.a = []; // a list of records for each replica
    this.b = [];
    this.turned = {}; // images after which the sign of a side turned positive
  }

  add(side, replica, record) {
    (this[side][replica] ??= []).push(record);
    if (replica === 0 && record.positive >= TURNED) this.turned[side] ??= record.images;
  }

  last(side) {
    return this[side][0]?.at(-1);
  }

  value(side, measure) {
    const record = this.last(side);
    if (!record) return NaN;
    return measure === "angle" ? mean(record.angles) : record[measure];
  }

  // most: images on the axis.
  draw(most) {
    const lines = { error: [], angle: [], positive: [] };
    for (const side of SIDES) {
      const replicas = this[side].filter(Boolean),
        look = { colour: side, dash: DASH[side] };
      const curves = (read) => replicas.map((records) => records.map((record) => [record.images, read(record)]));
      for (const measure of ["error", "positive"]) {
        const single = curves((record) => record[measure]);
        if (single.length > 1)
          lines[measure].push(...single.map((points) => ({ ...look, points, width: 1, alpha: 0.5 })));
        lines[measure].push({ ...look, points: meanCurve(single) });
      }
      for (const layer of shownLayers(replicas[0]?.[0].angles.length ?? 0)) {
        const points = meanCurve(curves((record) => record.angles[layer]));
        lines.angle.push({ ...look, points, width: layer ? 1.2 : 2.5, alpha: layer ? 0.65 : 1 });
      }
    }
    const turned = Object.entries(this.turned).map(([side, images]) => ({
      images,
      colour: side,
      word: `${side.toUpperCase()}: ${whole(images)}`,
    }));
    const between = (events) => events.filter(({ images }) => images > 0 && images <= most);
    this.charts.error.draw(lines.error, most, between(this.events));
    this.charts.angle.draw(lines.angle, most);
    this.charts.positive.draw(lines.positive, most, between(turned));
  }

  // The charts in words, for who does not see them.
  describe() {
    for (const [measure, [words, unit]] of Object.entries(WORDS)) {
      const ends = SIDES.map((side) => {
        const value = this.value(side, measure);
        return `${side.toUpperCase()} ${Number.isFinite(value) ? value.toFixed(0) + unit : "none"}`;
      });
      write(this.part[measure], `${words} against images seen: ${ends.join(", ")}`, "aria-label");
    }
  }
}

export function mean(values) {
  const known = values.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

// The mean of curves that were recorded at the same moments.
function meanCurve(curves) {
  if (!curves.length) return [];
  const length = Math.min(...curves.map((points) => points.length));
  return curves[0].slice(0, length).map(([images], k) => [images, mean(curves.map((points) => points[k][1]))]);
}
